#if Tools
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import Synchronization
public import TidemarkModel
public import TidemarkSimulator

/// A simulator on a port of this machine, in real time, with its faults acted out on real connections.
///
/// It listens on 127.0.0.1 only. Requests are answered one at a time, in the order in which they arrive. A lost request is
/// a connection closed before the service saw anything; a lost answer is one closed after the service acted.
public final class SimulatorServer<Service: ServedService>: Sendable {
    public typealias Limits = SimulatorServerLimits

    private let service: Mutex<FaultyService<Service>>
    private let port: Int
    private let limits: Limits
    private let clock: any EngineClock
    private let onChange: @Sendable () -> Void
    private let spool: BodySpool?

    /// `port` 0 takes a free one. `clock` says what time it is in the service, and is slept on for delays. `onChange` is called
    /// whenever a request, or somebody else, may have changed the service, on any task.
    public convenience init(
        _ service: FaultyService<Service>, port: Int = 0, limits: Limits = Limits(), clock: any EngineClock,
        onChange: @escaping @Sendable () -> Void = {}
    ) {
        self.init(service, port: port, limits: limits, clock: clock, spool: nil, onChange: onChange)
    }

    init(
        _ service: FaultyService<Service>, port: Int, limits: Limits, clock: any EngineClock, spool: BodySpool?,
        onChange: @escaping @Sendable () -> Void
    ) {
        self.spool = spool
        self.service = Mutex(service)
        self.port = port
        self.limits = limits
        self.clock = clock
        self.onChange = onChange
    }

    /// Looks at, or changes, the service and its faults while it runs.
    public func with<Value: Sendable>(_ body: @Sendable (inout FaultyService<Service>) -> Value) -> Value {
        defer { onChange() }
        return withoutNotice(body)
    }

    /// As ``with(_:)``, for what listens to changes itself.
    func withoutNotice<Value: Sendable>(_ body: @Sendable (inout FaultyService<Service>) -> Value) -> Value {
        let now = clock.now
        return service.withLock { service in
            service.land(until: now)
            return body(&service)
        }
    }

    /// Serves until the calling task is cancelled, then returns. `onReady` is called once, when the port is known and open.
    ///
    /// Throws what the system says if the port can't be opened.
    public func run(onReady: @escaping @Sendable (Service.Description) async -> Void = { _ in }) async throws {
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

    private func describe(port: Int) -> Service.Description {
        service.withLock { $0.simulator.describe(port: port) }
    }

    // MARK: One request

    private func respond(to request: Request, on channel: any Channel) async throws -> Response {
        guard let (head, bytes) = try await read(request) else { return Response(status: .contentTooLarge) }
        let now = clock.now
        let outcome = service.withLock { $0.exchange(head, body: bytes, now: now) }
        onChange()
        switch outcome {
        case .answer(let answer, let delay):
            if delay > .zero { try await clock.sleep(until: clock.now + delay) }
            let headers = SpooledBody.removed(from: answer.head.headerFields)
            if let spooled = SpooledBody(in: answer.head.headerFields) {
                return Response(status: answer.head.status, headers: headers, body: BodySpool.body(spooled))
            }
            return Response(
                status: answer.head.status, headers: headers,
                body: answer.body.isEmpty ? ResponseBody() : ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
        case .requestLost, .answerLost, .late:
            return await hangUp(channel)
        }
    }

    /// The whole request; `nil` if it is too large.
    private func read(_ request: Request) async throws -> (HTTPRequest, [UInt8])? {
        do {
            if let spooled = try await spool?.spool(request) { return (spooled, []) }
        } catch is BodySpool.TooLarge {
            return nil
        }
        guard let body = try? await request.body.collect(upTo: limits.maximumRequestBytes) else { return nil }
        var head = request.head
        head.headerFields = SpooledBody.removed(from: head.headerFields)
        return (head, Array(body.readableBytesView))
    }

    /// Closes the connection. The response that is returned finds nobody to go to.
    private func hangUp(_ channel: any Channel) async -> Response {
        try? await channel.close()
        return Response(status: .serviceUnavailable)
    }
}

/// Named limits of the shell.
public struct SimulatorServerLimits: Hashable, Sendable {
    /// A larger request body is refused with 413.
    public var maximumRequestBytes = 8 * 1024 * 1024

    public init() {}
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
