#if Tools
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOWebSocket
internal import TidemarkModel
internal import TidemarkSimulator

/// Named limits of the sockets.
public struct AvayaSocketLimits: Hashable, Sendable {
    /// One more is hung up on.
    public var maximumConnections = 256
    /// A larger message ends its connection; whether the service takes it is another matter.
    public var maximumMessageBytes = 1024 * 1024
    /// A longer message is sent in fragments of this size.
    public var fragmentBytes = 16 * 1024
    /// What one connection may leave unread before it is hung up on.
    public var maximumUnsentBytes = 8 * 1024 * 1024

    public init() {}
}

/// Plays the socket service over WebSockets on 127.0.0.1.
///
/// What the simulator has for its connections is written by one task, in the order in which it is due. A cut is a connection
/// closed without a closing frame.
final class AvayaSocketServer: Sendable {
    private let server: SimulatorServer<AvayaSimulator>
    private let wakes: AvayaWakes
    private let limits: AvayaSocketLimits
    private let clock: any EngineClock
    private let channels = AvayaSocketChannels()

    init(_ server: SimulatorServer<AvayaSimulator>, wakes: AvayaWakes, limits: AvayaSocketLimits, clock: any EngineClock) {
        self.server = server
        self.wakes = wakes
        self.limits = limits
        self.clock = clock
    }

    /// Serves until the calling task is cancelled. `whileServing` is called once with the port, and its end is the end.
    func run(whileServing: @escaping @Sendable (Int) async throws -> Void) async throws {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 1, high: limits.maximumUnsentBytes))
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture { try prepare(channel) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = listener.localAddress?.port ?? 0
        let result: Result<Void, any Error>
        do {
            try await withThrowingTaskGroup { group in
                group.addTask { await self.pump() }
                group.addTask { try await whileServing(port) }
                // Whichever ends first ends the other.
                defer { group.cancelAll() }
                try await group.next()
            }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        for channel in channels.all { channel.close(promise: nil) }
        try? await listener.close()
        try result.get()
    }

    // MARK: To the connections

    /// Writes what is due, whenever something may be.
    private func pump() async {
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        var timer: Scheduled<Void>?
        for await _ in wakes.changes {
            let now = clock.now
            let (sends, next) = server.withoutNotice { service in
                (service.simulator.tick(now: now), service.simulator.nextTick)
            }
            for send in sends { write(send) }
            timer?.cancel()
            guard let next else { continue }
            let wait = max(1, min(next - now.milliseconds, 3_600_000))
            timer = loop.scheduleTask(in: .milliseconds(wait)) { [wakes] in wakes.wake() }
        }
        timer?.cancel()
    }

    private func write(_ send: AvayaSocketSend) {
        guard let channel = channels[send.connection] else { return }
        switch send.output {
        case .text(let text):
            for frame in frames(Array(text.utf8)) { channel.write(frame, promise: nil) }
            channel.flush()
            if !channel.isWritable { channel.close(promise: nil) }
        case .close(let status):
            var data = ByteBuffer()
            data.write(webSocketErrorCode: WebSocketErrorCode(codeNumber: status))
            channel.writeAndFlush(WebSocketFrame(fin: true, opcode: .connectionClose, data: data), promise: nil)
            channel.close(promise: nil)
        case .cut: channel.close(promise: nil)
        }
    }

    private func frames(_ bytes: [UInt8]) -> [WebSocketFrame] {
        let size = max(1, limits.fragmentBytes)
        let starts = bytes.isEmpty ? [0] : Array(stride(from: 0, to: bytes.count, by: size))
        return starts.map { start in
            let part = ByteBuffer(bytes: bytes[start..<min(start + size, bytes.count)])
            return WebSocketFrame(
                fin: start + size >= bytes.count, opcode: start == 0 ? .text : .continuation, data: part)
        }
    }

    // MARK: From the connections

    private func prepare(_ channel: any Channel) throws {
        guard channels.enter(channel, most: limits.maximumConnections) else { throw ChannelError.ioOnClosedChannel }
        channel.closeFuture.whenComplete { [channels] _ in channels.leave(channel) }
        let upgrader = NIOWebSocketServerUpgrader(
            maxFrameSize: limits.maximumMessageBytes,
            shouldUpgrade: { [self] channel, head in
                channel.eventLoop.makeSucceededFuture(refusal(of: head.uri) == nil ? HTTPHeaders() : nil)
            },
            upgradePipelineHandler: { [self] channel, head in
                channel.eventLoop.makeCompletedFuture { try serve(channel, head.uri) }
            })
        let pipeline = channel.pipeline.syncOperations
        try pipeline.configureHTTPServerPipeline(
            withServerUpgrade: (
                upgraders: [upgrader],
                completionHandler: { context in
                    let pipeline = context.pipeline.syncOperations
                    if let plain = try? pipeline.handler(type: AvayaRefusalHandler.self) {
                        pipeline.removeHandler(plain, promise: nil)
                    }
                }
            ))
        try pipeline.addHandler(AvayaRefusalHandler { [self] target in refusal(of: target) })
    }

    private func refusal(of target: String) -> (status: Int, body: [UInt8])? {
        let now = clock.now
        return server.withoutNotice { $0.simulator.refusal(ofSocket: target, now: now) }
    }

    private func serve(_ channel: any Channel, _ target: String) throws {
        let now = clock.now
        // In one step: the first frames are due at once, and need the channel.
        let connection = server.withoutNotice { [channels] service in
            let connection = service.simulator.admit(target, now: now)
            channels.join(channel, connection)
            return connection
        }
        channel.closeFuture.whenComplete { [self] _ in
            server.withoutNotice { $0.simulator.close(connection) }
            wakes.wake()
        }
        let most = limits.maximumMessageBytes
        try channel.pipeline.syncOperations.addHandlers(
            NIOWebSocketFrameAggregator(
                minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: 4096, maxAccumulatedFrameSize: most),
            AvayaSocketHandler { [self] text in
                let now = clock.now
                server.withoutNotice { $0.simulator.hear(text, on: connection, now: now) }
                wakes.wake()
            })
        wakes.wake()
    }
}
#endif
