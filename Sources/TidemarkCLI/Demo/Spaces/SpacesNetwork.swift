import HTTPTypes
import Synchronization
import TidemarkModel
import TidemarkSimulator

/// The way to the simulated Avaya Spaces: good, but for what the story arranges.
final class SpacesNetwork: HTTPTransport {
    /// What may be struck.
    enum Target: Hashable, Sendable {
        case message
        /// The bytes of a file.
        case file
    }

    /// What becomes of the next one of them.
    enum Fate: Sendable {
        /// The service acts, and its answer is lost.
        case answerLost
        /// It never arrives, and nobody can tell.
        case requestLost
    }

    private struct State {
        var fates: [Target: Fate] = [:]
        var requests = 0
    }

    let transport: SimulatorTransport<AvayaSimulator>
    private let clock: VirtualClock
    private let state = Mutex(State())

    init(_ simulator: AvayaSimulator, clock: VirtualClock) {
        transport = SimulatorTransport(FaultyAvaya(simulator, faults: FaultPlan()), clock: clock)
        self.clock = clock
    }

    var simulator: AvayaSimulator { transport.with { $0.simulator } }

    func arrange(_ fate: Fate, of target: Target = .message) { state.withLock { $0.fates[target] = fate } }

    /// Whether what was arranged has happened.
    var hasStruck: Bool { state.withLock { $0.fates.isEmpty } }

    func send(
        _ request: HTTPRequest, body: [UInt8], limits: HTTPLimits
    ) async throws(TransportError) -> TransportResponse {
        let target = Self.target(of: request)
        let fate = state.withLock { state in
            state.requests += 1
            return target.flatMap { state.fates.removeValue(forKey: $0) }
        }
        guard let fate else { return try await transport.send(request, body: body, limits: limits) }
        clock.advance(by: .milliseconds(40))
        if fate == .answerLost {
            let now = clock.now
            transport.with { _ = $0.simulator.respond(to: request, body: body, now: now) }
        }
        clock.advance(by: limits.timeout)
        throw TransportError(.timeout, requestMayHaveArrived: true)
    }

    private static func target(of request: HTTPRequest) -> Target? {
        if request.method == .post, request.path?.hasSuffix("/chats") == true { return .message }
        return request.method == .put ? .file : nil
    }
}
