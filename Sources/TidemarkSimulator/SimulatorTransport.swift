public import HTTPTypes
internal import Synchronization
public import TidemarkModel

/// A simulator as a transport: no socket, and time that passes only on its clock.
public final class SimulatorTransport<Service: SimulatedService>: HTTPTransport {
    private struct State {
        var service: FaultyService<Service>
        var isCut = false
        var observer: (@Sendable () -> Void)?
    }

    private let state: Mutex<State>
    private let clock: VirtualClock

    public init(_ service: FaultyService<Service>, clock: VirtualClock) {
        state = Mutex(State(service: service))
        self.clock = clock
    }

    /// Looks at, or changes, the service and its faults.
    public func with<Value: Sendable>(_ body: @Sendable (inout FaultyService<Service>) -> Value) -> Value {
        defer { notice() }
        return withoutNotice(body)
    }

    /// Tells `observer`, and no other from then on, whenever the service or the network may have changed.
    func observe(_ observer: @escaping @Sendable () -> Void) {
        state.withLock { $0.observer = observer }
    }

    /// As ``with(_:)``, for who observes.
    func withoutNotice<Value: Sendable>(_ body: @Sendable (inout FaultyService<Service>) -> Value) -> Value {
        let now = clock.now
        return state.withLock { state in
            state.service.land(until: now)
            return body(&state.service)
        }
    }

    /// Cuts the network: nothing can be reached until it is joined again.
    public func setCut(_ isCut: Bool) {
        state.withLock { $0.isCut = isCut }
        notice()
    }

    var isCut: Bool { state.withLock { $0.isCut } }

    private func notice() {
        state.withLock { $0.observer }?()
    }

    public func send(
        _ request: HTTPRequest, body: [UInt8], limits: HTTPLimits
    ) async throws(TransportError) -> TransportResponse {
        guard !Task.isCancelled else { throw TransportError(.cancelled, requestMayHaveArrived: false) }
        clock.advance(by: .milliseconds(40))
        let now = clock.now
        let outcome: FaultyService<Service>.Outcome? = state.withLock { state in
            guard !state.isCut else { return nil }
            return state.service.exchange(request, body: body, now: now, patience: limits.timeout)
        }
        notice()
        switch outcome {
        case nil:
            throw TransportError(.unreachable, requestMayHaveArrived: false)
        case .answer(let response, let wait)?:
            clock.advance(by: wait + .milliseconds(40))
            guard response.body.count <= limits.maximumResponseBytes else {
                throw TransportError(.responseTooLarge, requestMayHaveArrived: true)
            }
            return response
        case .requestLost?, .answerLost?, .late?:
            clock.advance(by: limits.timeout)
            throw TransportError(.timeout, requestMayHaveArrived: true)
        }
    }
}
