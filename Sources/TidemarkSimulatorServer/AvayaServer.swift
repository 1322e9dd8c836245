#if Tools
internal import HTTPTypes
public import TidemarkModel
public import TidemarkSimulator

/// The simulator of Avaya Spaces on two ports of this machine: REST, accounts and files over HTTP, and socket.io.
public final class AvayaServer: Sendable {
    private let server: SimulatorServer<AvayaSimulator>
    private let sockets: AvayaSocketServer

    /// `port` is that of the REST interface, 0 takes a free one; the sockets always take a free one.
    public init(
        _ avaya: FaultyAvaya, port: Int = 0, limits: AvayaSocketLimits = AvayaSocketLimits(), clock: any EngineClock
    ) {
        let wakes = AvayaWakes()
        var requests = SimulatorServerLimits()
        // Files of this size still are kept with the simulator's state.
        requests.maximumRequestBytes = 8 * 1024 * 1024
        let held = Int64(requests.maximumRequestBytes)
        let spool = BodySpool(maximumBytes: 1 << 30) { request in
            let isStorage = request.method == .put && request.path?.hasPrefix("/storage/") == true
            return isStorage && request.headerFields[.contentLength].flatMap { Int64($0) } ?? 0 > held
        }
        server = SimulatorServer(avaya, port: port, limits: requests, clock: clock, spool: spool) { wakes.wake() }
        sockets = AvayaSocketServer(server, wakes: wakes, limits: limits, clock: clock)
    }

    /// Looks at, or changes, the service and its faults while it runs; sockets are told what that has for them.
    public func with<Value: Sendable>(_ body: @Sendable (inout FaultyAvaya) -> Value) -> Value {
        server.with(body)
    }

    /// Serves until the calling task is cancelled, then returns. `onReady` is called once, when both ports are open.
    ///
    /// Throws what the system says if a port can't be opened.
    public func run(onReady: @escaping @Sendable (AvayaDescription) async -> Void = { _ in }) async throws {
        do {
            try await sockets.run { [server] port in
                server.withoutNotice { $0.simulator.socketURL = "http://127.0.0.1:\(port)" }
                try await server.run(onReady: onReady)
            }
        } catch is CancellationError {
            // Being cancelled is how it stops.
        }
    }
}
#endif
