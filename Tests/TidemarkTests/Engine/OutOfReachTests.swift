import Testing
import TidemarkModel
import TidemarkSimulator
import TidemarkStore

@testable import Tidemark

/// A sync that reaches nothing: when it gives up, and when it goes on.
@Suite(.timeLimit(.minutes(1))) struct OutOfReachTests {
    private static func failed(_ codes: ServiceError.Code...) -> Reach {
        var reach = Reach()
        for code in codes { reach.note(ServiceError(code, certainty: .notApplied, scope: .host)) }
        return reach
    }

    private func isHopeless(_ reach: Reach, at now: Int64, next: Int64, patience: Duration? = .seconds(5)) -> Bool {
        reach.isHopeless(
            since: Timestamp(milliseconds: 1000), now: Timestamp(milliseconds: now), nextTry: Timestamp(milliseconds: next),
            patience: patience)
    }

    @Test func `it is hopeless once the next try would come after the patience`() {
        let reach = Self.failed(.unreachable, .unreachable)
        #expect(!isHopeless(reach, at: 3000, next: 6000))
        #expect(isHopeless(reach, at: 3000, next: 6001))
        #expect(isHopeless(reach, at: 6001, next: 0))
        #expect(!isHopeless(reach, at: 900_000, next: 900_000, patience: nil))
    }

    @Test func `before the first failure nothing is known`() {
        #expect(!isHopeless(Reach(), at: 60_000, next: 60_000))
        #expect(!isHopeless(Self.failed(.cancelled), at: 60_000, next: 60_000))
    }

    @Test(arguments: [ServiceError.Code.throttled, .serverFailure, .unauthenticated, .forbidden, .notFound, .unreadable])
    func `a refusal proves that the way is there`(code: ServiceError.Code) {
        #expect(!isHopeless(Self.failed(.unreachable, code, .unreachable), at: 60_000, next: 60_000))
        var answered = Self.failed(.unreachable)
        answered.note(nil)
        #expect(!isHopeless(answered, at: 60_000, next: 60_000))
    }

    // MARK: The engine

    private func cutOff(_ patience: Duration?) throws -> (EngineTests.Bench, SyncEngine) {
        let bench = try EngineTests.Bench()
        var configuration = SyncConfiguration()
        configuration.unreachablePatience = patience
        let engine = try bench.engine(configuration: configuration)
        bench.transport.setCut(true)
        return (bench, engine)
    }

    @Test func `with patience it gives up within seconds and says what is unsent`() async throws {
        let (bench, engine) = try cutOff(.seconds(5))
        let trip = try await engine.createConversation(topic: "Trip")
        _ = try await engine.send("hello", to: trip.conversation)
        let report = try await engine.syncOnce(deadline: .seconds(60))
        #expect(report.ending == .temporary)
        #expect(report.pending == 2)
        #expect(report.seconds < 6)
        #expect(report.requests > 1)
        #expect(report.problem?.contains("can't be reached") == true)

        // Nothing of it stands in the way of the next one.
        bench.transport.setCut(false)
        #expect(try await engine.syncOnce(deadline: .seconds(60)).ending == .complete)
    }

    @Test func `without patience it tries until the deadline`() async throws {
        let (_, engine) = try cutOff(nil)
        _ = try await engine.createConversation(topic: "Trip")
        let report = try await engine.syncOnce(deadline: .seconds(60))
        #expect(report.ending == .temporary)
        // The next try would come after the deadline: a backoff is a minute at most, and doubles.
        #expect(report.seconds > 10)
    }

    @Test func `once something answered, an outage is waited out`() async throws {
        let (bench, engine) = try cutOff(.seconds(5))
        bench.transport.setCut(false)
        _ = try await engine.createConversation(topic: "Trip")
        bench.transport.with { $0.faults.add(.status(503), 1) }
        let report = try await engine.syncOnce(deadline: .seconds(60))
        #expect(report.ending == .temporary)
        #expect(report.seconds > 6)
    }
}
