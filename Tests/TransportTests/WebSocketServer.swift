#if NIO
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket
import Synchronization

/// A real WebSocket server on a free port of this machine. The path of a connection says what it does.
final class WebSocketServer: Sendable {
    /// A frame that a client sent.
    struct Frame: Sendable {
        var opcode: WebSocketOpcode
        var bytes: [UInt8]
        var mask: [UInt8]

        var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    let port: Int
    /// One element per frame of a client.
    let frames: AsyncStream<Frame>
    /// One element per connection that was accepted, and one per connection that ended.
    let opened: AsyncStream<Int>
    let closed: AsyncStream<Int>
    /// One element per handshake that was asked for: its path.
    let asked: AsyncStream<String>
    /// The heads of all handshakes.
    var heads: [HTTPRequestHead] { seen.heads.withLock { $0 } }
    private let seen: SeenHeads
    private let channel: any Channel
    private let record: ServerRecord

    init(certificate: (chain: [NIOSSLCertificate], key: NIOSSLPrivateKey)? = nil) async throws {
        let (arrivals, arrivalEnd) = AsyncStream.makeStream(of: LoopbackServer.Arrival.self)
        let (opened, openedEnd) = AsyncStream.makeStream(of: Int.self)
        let (closed, closedEnd) = AsyncStream.makeStream(of: Int.self)
        let (frames, frame) = AsyncStream.makeStream(of: Frame.self)
        let record = ServerRecord(arrivals: arrivalEnd, opened: openedEnd, closed: closedEnd)
        _ = arrivals
        let (asked, ask) = AsyncStream.makeStream(of: String.self)
        let heads = SeenHeads(asked: ask)
        let tls = try certificate.map {
            try NIOSSLContext(
                configuration: .makeServerConfiguration(
                    certificateChain: $0.chain.map { .certificate($0) }, privateKey: .privateKey($0.key)))
        }
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                    try pipeline.addHandler(ConnectionWatch(record))
                    let refusing = RefusingHandler(heads)
                    try pipeline.configureHTTPServerPipeline(
                        withServerUpgrade: (
                            upgraders: [Self.upgrader(heads, frame)],
                            completionHandler: { context in
                                context.pipeline.syncOperations.removeHandler(name: "refusing", promise: nil)
                            }
                        ), withErrorHandling: false)
                    try pipeline.addHandler(refusing, name: "refusing")
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        self.record = record
        seen = heads
        (self.opened, self.closed, self.frames, self.asked) = (opened, closed, frames, asked)
        port = channel.localAddress?.port ?? 0
    }

    /// Closes the port and cuts every connection.
    func close() async throws {
        try await channel.close().get()
        for connection in record.takeChannels() { connection.close(promise: nil) }
    }

    private static func upgrader(
        _ heads: SeenHeads, _ frames: AsyncStream<Frame>.Continuation
    ) -> NIOWebSocketServerUpgrader {
        NIOWebSocketServerUpgrader(
            maxFrameSize: 1 << 24,
            shouldUpgrade: { channel, head in
                let refuses = head.uri.hasPrefix("/refuse/") || head.uri.hasPrefix("/mute")
                if !refuses { heads.add(head) }
                return channel.eventLoop.makeSucceededFuture(refuses ? nil : HTTPHeaders())
            },
            upgradePipelineHandler: { channel, head in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(WebSocketBehaviour(head.uri, frames))
                }
            })
    }
}

final class SeenHeads: Sendable {
    let heads = Mutex<[HTTPRequestHead]>([])
    private let asked: AsyncStream<String>.Continuation

    init(asked: AsyncStream<String>.Continuation) {
        self.asked = asked
    }

    func add(_ head: HTTPRequestHead) {
        heads.withLock { $0.append(head) }
        asked.yield(head.uri)
    }
}

/// Answers a handshake that is not to succeed with the status in its path, or never.
private final class RefusingHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let heads: SeenHeads

    init(_ heads: SeenHeads) {
        self.heads = heads
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let head) = unwrapInboundIn(data) else { return }
        heads.add(head)
        guard head.uri.hasPrefix("/refuse/"), let status = Int(head.uri.dropFirst("/refuse/".count)) else { return }
        let answer = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: ["content-length": "2"])
        context.write(wrapOutboundOut(.head(answer)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: "no")))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    /// What is no HTTP ends the connection; that a WebSocket was refused is an error here as well.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is HTTPParserError { context.close(promise: nil) }
    }
}
#endif
