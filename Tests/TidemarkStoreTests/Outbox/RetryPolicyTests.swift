import TidemarkModel
import Testing

@testable import TidemarkStore

@Suite struct RetryPolicyTests {
    private typealias Circumstances = RetryPolicy.Circumstances

    private func circumstances(
        _ verb: Verb = .send, _ lost: ServiceTraits.LostAnswer = .echoed, mayHaveLanded: Bool = false, isSettling: Bool = false,
        isRefusedAgain: Bool = false, age: Duration = .zero
    ) -> Circumstances {
        Circumstances(
            verb: verb, lostAnswer: lost, mayHaveLanded: mayHaveLanded, isRefusedAgain: isRefusedAgain, isSettling: isSettling,
            age: age)
    }

    private static let codes: [ServiceError.Code] = [
        .unreachable, .answerLost, .throttled, .unauthenticated, .wrongIdentity, .forbidden, .notFound, .invalid, .tooLarge,
        .serverFailure, .unreadable, .untrustedCursor, .unsupported, .tooLate, .cancelled, .fileUnusable,
        ServiceError.Code(rawValue: "new"),
    ]

    @Test(arguments: codes) func `the unknown is repeated only where repeating is safe, whatever the code`(
        code: ServiceError.Code
    ) {
        let error = ServiceError(code, certainty: .unknown)
        for verb in Verb.allCases {
            for isSettling in [false, true] {
                for mayHaveLanded in [false, true] {
                    func decide(_ lost: ServiceTraits.LostAnswer, age: Duration = .seconds(59)) -> RetryPolicy.Decision {
                        RetryPolicy.decide(
                            error, circumstances(verb, lost, mayHaveLanded: mayHaveLanded, isSettling: isSettling, age: age))
                    }
                    #expect(decide(.repeatable(for: nil), age: .seconds(1_000_000)) == .again(.laneBackoff))
                    #expect(decide(.repeatable(for: .seconds(60))) == .again(.laneBackoff))
                    #expect(decide(.repeatable(for: .seconds(60)), age: .seconds(60)) == .lookUp)
                    #expect(decide(.echoed) == .lookUp)
                    #expect(decide(.recognisable) == .lookUp)
                    #expect(decide(.blind) == .ask)
                }
            }
        }
    }

    private func expected(_ code: ServiceError.Code, _ scope: ServiceError.Scope, _ c: Circumstances) -> RetryPolicy.Decision {
        switch code {
        case .throttled: return .again(scope == .lane ? .laneThrottle : .accountThrottle)
        case .unauthenticated: return .stopAccount(.needsCredential)
        case .wrongIdentity: return .stopAccount(.wrongIdentity)
        case .unreachable, .tooLate, .cancelled: return .again(.accountBackoff(counts: false))
        case .tooLarge: return .park(.tooLarge)
        case .unsupported: return .park(.unsupported)
        case .fileUnusable: return .park(.fileUnusable)
        case .invalid: return c.verb == .edit && c.mayHaveLanded ? .lookUp : .park(.invalid)
        case .forbidden: return c.isSettling ? .again(.laneBackoff) : .park(.forbidden)
        case .notFound:
            if c.isSettling { return .again(.laneBackoff) }
            let isGone: Bool =
                [.delete, .deleteConversation].contains(c.verb) || (c.verb == .removeParticipant && c.mayHaveLanded)
            return isGone ? .done : .park(.notFound)
        default: return .again(scope == .lane ? .laneBackoff : .accountBackoff(counts: true))
        }
    }

    @Test(arguments: codes) func `what was not applied follows the table`(code: ServiceError.Code) {
        for verb in Verb.allCases {
            for scope in [ServiceError.Scope.lane, .account, .host] {
                for (isSettling, mayHaveLanded) in [(false, false), (false, true), (true, false), (true, true)] {
                    let c = circumstances(verb, .echoed, mayHaveLanded: mayHaveLanded, isSettling: isSettling)
                    let decision = RetryPolicy.decide(ServiceError(code, certainty: .notApplied, scope: scope), c)
                    #expect(decision == expected(code, scope, c), "\(code.rawValue) \(verb) \(scope)")
                }
            }
        }
    }

    @Test func `backoff doubles to its bound and draws from all of it`() {
        let configuration = SyncConfiguration()
        #expect((1...8).map { configuration.backoffCeiling(step: $0) } == [1, 2, 4, 8, 16, 32, 60, 60].map { .seconds($0) })
        for step in [Int.min, -1, 0, 1000, Int.max] { #expect(configuration.backoffCeiling(step: step) <= .seconds(60)) }
        var generator = CountingGenerator()
        let draws = (0..<1000).map { _ in configuration.backoff(step: 3, using: &generator).milliseconds }
        #expect(draws.allSatisfy { (0...4000).contains($0) })
        #expect((draws.min() ?? .max) < 400 && (draws.max() ?? 0) > 3600)
    }

    @Test func `a 429 waits what it names, or ten seconds and then sixty, plus up to a quarter`() {
        let configuration = SyncConfiguration()
        var generator = CountingGenerator()
        for (step, asked, least) in [(1, nil, 10), (2, nil, 60), (9, nil, 60), (1, 30, 30), (1, 0, 10), (1, -5, 10), (2, 0, 60)]
            as [(Int, Int?, Int)]
        {
            for _ in 0..<50 {
                let wait = configuration.throttle(step: step, asked: asked.map { .seconds($0) }, using: &generator)
                #expect(wait >= .seconds(least) && wait <= .seconds(least) * 1.25 + .milliseconds(1))
            }
        }
        #expect(configuration.throttle(step: 1, asked: .seconds(Int64.max), using: &generator) <= .seconds(2 * 24 * 3600))
    }
}
