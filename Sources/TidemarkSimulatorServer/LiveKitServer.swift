#if Tools
public import TidemarkModel
public import TidemarkSimulator

/// The simulator of LiveKit on two ports of this machine: its room service over HTTP, and the hub for participants.
public final class LiveKitServer: Sendable {
    private let server: SimulatorServer<LiveKitSimulator>
    private let hub: LiveKitHub

    /// `port` is that of the room service, 0 takes a free one; the hub always takes a free one.
    public init(
        _ livekit: FaultyLiveKit, port: Int = 0, limits: LiveKitHub.Limits = LiveKitHub.Limits(), clock: any EngineClock
    ) {
        let wakes = LiveKitWakes()
        var requests = SimulatorServerLimits()
        // What is larger than the service takes is refused in the service's words.
        requests.maximumRequestBytes = 32 * 1024 * 1024
        server = SimulatorServer(livekit, port: port, limits: requests, clock: clock) { wakes.wakeAll() }
        hub = LiveKitHub(server, wakes: wakes, limits: limits, clock: clock)
    }

    /// Looks at, or changes, the service and its faults while it runs; participants get what that sends them.
    public func with<Value: Sendable>(_ body: @Sendable (inout FaultyLiveKit) -> Value) -> Value {
        server.with(body)
    }

    /// Serves until the calling task is cancelled, then returns. `onReady` is called once, when both ports are open.
    ///
    /// Throws what the system says if a port can't be opened.
    public func run(onReady: @escaping @Sendable (LiveKitDescription) async -> Void = { _ in }) async throws {
        do {
            try await hub.run { [server] hubPort in
                try await server.run { description in
                    var description = description
                    description.hub = "127.0.0.1:\(hubPort)"
                    await onReady(description)
                }
            }
        } catch is CancellationError {
            // Being cancelled is how it stops.
        }
    }
}
#endif
