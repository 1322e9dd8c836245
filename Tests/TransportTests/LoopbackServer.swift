#if NIO
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A real HTTP/1.1 server on a free port that misbehaves on request: the path says how. It ignores `Connection: close`,
/// so that a client that must not use a connection again has to see to it by itself.
final class LoopbackServer: Sendable {
    struct Arrival: Sendable {
        var connection: Int
        var method: String
        var target: String
        var headers: HTTPHeaders
        var body: [UInt8]
    }

    struct Seen: Sendable {
        var connections = 0
        var arrivals: [Arrival] = []
    }

    let port: Int
    /// One element per complete request.
    let arrivals: AsyncStream<Arrival>
    /// One element per accepted connection, with its number.
    let opened: AsyncStream<Int>
    /// One element per closed connection, with its number.
    let closed: AsyncStream<Int>
    private let channel: any Channel
    private let record: ServerRecord

    var seen: Seen { record.seen }

    /// `speaksHTTP: false` accepts connections and never says a word.
    init(host: String = "127.0.0.1", speaksHTTP: Bool = true) async throws {
        let (arrivals, arrivalEnd) = AsyncStream.makeStream(of: Arrival.self)
        let (opened, openedEnd) = AsyncStream.makeStream(of: Int.self)
        let (closed, closedEnd) = AsyncStream.makeStream(of: Int.self)
        let record = ServerRecord(arrivals: arrivalEnd, opened: openedEnd, closed: closedEnd)
        self.channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 128)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(ConnectionWatch(record))
                    guard speaksHTTP else { return }
                    try pipeline.configureHTTPServerPipeline(withErrorHandling: false)
                    try pipeline.addHandler(Misbehaviour(record))
                }
            }
            .bind(host: host, port: 0).get()
        self.record = record
        (self.arrivals, self.opened, self.closed) = (arrivals, opened, closed)
        self.port = channel.localAddress?.port ?? 0
    }

    /// Closes the port and every connection.
    func close() async throws {
        try await channel.close().get()
        for connection in record.takeChannels() { connection.close(promise: nil) }
    }
}

final class ServerRecord: Sendable {
    private let state = Mutex(LoopbackServer.Seen())
    private let channels = Mutex<[any Channel]>([])
    private let arrivals: AsyncStream<LoopbackServer.Arrival>.Continuation
    private let opened: AsyncStream<Int>.Continuation
    private let closed: AsyncStream<Int>.Continuation

    init(
        arrivals: AsyncStream<LoopbackServer.Arrival>.Continuation, opened: AsyncStream<Int>.Continuation,
        closed: AsyncStream<Int>.Continuation
    ) {
        (self.arrivals, self.opened, self.closed) = (arrivals, opened, closed)
    }

    var seen: LoopbackServer.Seen { state.withLock { $0 } }

    func open(_ channel: any Channel) -> Int {
        channels.withLock { $0.append(channel) }
        let number = state.withLock { state in
            state.connections += 1
            return state.connections
        }
        opened.yield(number)
        return number
    }

    func takeChannels() -> [any Channel] {
        channels.withLock { channels in
            defer { channels = [] }
            return channels
        }
    }

    func arrive(_ arrival: LoopbackServer.Arrival) {
        state.withLock { $0.arrivals.append(arrival) }
        arrivals.yield(arrival)
    }

    func close(_ number: Int) {
        closed.yield(number)
    }
}

/// Numbers a connection and tells when it begins and ends.
final class ConnectionWatch: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let record: ServerRecord
    private(set) var number = 0

    init(_ record: ServerRecord) {
        self.record = record
    }

    func channelActive(context: ChannelHandlerContext) {
        number = record.open(context.channel)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        record.close(number)
        context.fireChannelInactive()
    }
}
#endif
