#if Tools
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import Synchronization
public import TidemarkModel
public import TidemarkSimulator

/// The simulator of Azure on a port of this machine, in real time, with its faults acted out on real connections.
///
/// It listens on 127.0.0.1 only. Requests are answered one at a time, in the order in which they arrive. A lost request is
/// a connection closed before the service saw anything; a lost answer is one closed after the service acted.
public final class SimulatorServer: Sendable {
    /// Named limits of the shell.
    public struct Limits: Hashable, Sendable {
        /// A larger request body is refused with 413.
        public var maximumRequestBytes = 8 * 1024 * 1024

        public init() {}
    }

    private let azure: Mutex<FaultyAzure>
    private let port: Int
    private let limits: Limits
    private let clock: any EngineClock

    /// `port` 0 takes a free one. `clock` says what time it is in the service, and is slept on for delays.
    public init(_ azure: FaultyAzure, port: Int = 0, limits: Limits = Limits(), clock: any EngineClock) {
        self.azure = Mutex(azure)
        self.port = port
        self.limits = limits
        self.clock = clock
    }

    /// Looks at, or changes, the service and its faults while it runs.
    public func with<Value: Sendable>(_ body: @Sendable (inout FaultyAzure) -> Value) -> Value {
        let now = clock.now
        return azure.withLock { azure in
            azure.land(until: now)
            return body(&azure)
        }
    }

    /// Serves until the calling task is cancelled, then returns. `onReady` is called once, when the port is known and open.
    ///
    /// Throws what the system says if the port can't be opened.
    public func run(onReady: @escaping @Sendable (SimulatorDescription) async -> Void = { _ in }) async throws {
        var logger = Logger(label: "tidemark.simulator", factory: { _ in SwiftLogNoOpLogHandler() })
        logger.logLevel = .critical
        let application = Application(
            responder: CallbackResponder<ConnectionContext> { [self] request, context in
                try await respond(to: request, on: context.channel)
            },
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port), serverName: nil),
            onServerRunning: { [self] channel in
                guard let port = channel.localAddress?.port else { return }
                await onReady(describe(port: port))
            },
            logger: logger)
        do {
            try await application.run()
        } catch is CancellationError {
            // Being cancelled is how it stops.
        }
    }

    private func describe(port: Int) -> SimulatorDescription {
        azure.withLock { azure in
            azure.simulator.baseURL = "http://127.0.0.1:\(port)"
            return SimulatorDescription(azure: azure.simulator, port: port)
        }
    }

    // MARK: One request

    private func respond(to request: Request, on channel: any Channel) async throws -> Response {
        guard let body = try? await request.body.collect(upTo: limits.maximumRequestBytes) else {
            return Response(status: .contentTooLarge)
        }
        let bytes = Array(body.readableBytesView)
        let now = clock.now
        switch azure.withLock({ $0.exchange(request.head, body: bytes, now: now) }) {
        case .answer(let answer, let delay):
            if delay > .zero { try await clock.sleep(until: clock.now + delay) }
            return Response(
                status: answer.head.status, headers: answer.head.headerFields,
                body: answer.body.isEmpty ? ResponseBody() : ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
        case .requestLost, .answerLost, .late:
            return await hangUp(channel)
        }
    }

    /// Closes the connection. The response that is returned finds nobody to go to.
    private func hangUp(_ channel: any Channel) async -> Response {
        try? await channel.close()
        return Response(status: .serviceUnavailable)
    }
}

/// Lets the responder reach the connection, which is what faults are acted out on.
private struct ConnectionContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }
}
#endif
