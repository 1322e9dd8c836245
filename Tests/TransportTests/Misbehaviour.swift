#if NIO
import NIOCore
import NIOHTTP1

/// Answers as the request's path asks.
final class Misbehaviour: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// "compressed" in gzip, as `printf compressed | gzip -n` writes it.
    static let gzipped: [UInt8] = [
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0x4b, 0xce, 0xcf, 0x2d, 0x28, 0x4a, 0x2d, 0x2e,
        0x4e, 0x4d, 0x01, 0x00, 0x1e, 0x4b, 0x56, 0x97, 0x0a, 0x00, 0x00, 0x00,
    ]

    private let record: ServerRecord
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var received: Int64 = 0

    init(_ record: ServerRecord) {
        self.record = record
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
            received = 0
            if head.uri == "/early" { send(context, .payloadTooLarge, [:], Array("too large".utf8)) }
            if head.uri == "/deaf" { stopReading(context) }
        case .body(let part):
            received += Int64(part.readableBytes)
            // Large ones are counted.
            if head?.uri != "/count", head?.uri != "/early" { body.append(contentsOf: part.readableBytesView) }
            if head?.uri == "/cut", received >= 65_536 { context.close(promise: nil) }
        case .end:
            guard let head else { return }
            let number = try? context.pipeline.syncOperations.handler(type: ConnectionWatch.self).number
            record.arrive(
                LoopbackServer.Arrival(
                    connection: number ?? 0, method: head.method.rawValue, target: head.uri, headers: head.headers, body: body
                ))
            answer(head, context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let path = head.uri.split(separator: "?").first.map(String.init) ?? "/"
        switch path {
        case "/204": send(context, .noContent)
        case "/304": send(context, .notModified, ["etag": "\"1\""])
        case "/503": send(context, .serviceUnavailable, ["retry-after": "7"], Array("busy".utf8))
        case "/redirect": send(context, .temporaryRedirect, ["location": "/elsewhere"], Array("moved".utf8))
        case "/large": send(context, .ok, [:], [UInt8](repeating: 97, count: 4_000_000))
        case "/endless": sendEndlessly(context)
        case "/count": send(context, .ok, [:], Array("\(received)".utf8))
        case "/early", "/cut": break
        case "/bytes": stream(Int64(head.uri.split(separator: "?").last ?? "") ?? 0, context)
        case "/torn":
            begin(context, promising: 3_000_000, sending: 2_000_000)
            context.close(promise: nil)
        case "/torn-chunk":
            beginChunked(context, sending: 100_000)
            context.close(promise: nil)
        case "/gzip": sendCompressed(head, context)
        case "/silent": break
        case "/slow": begin(context, promising: 100, sending: 10)
        case "/half":
            begin(context, promising: 100, sending: 10)
            context.close(promise: nil)
        case "/drop": context.close(promise: nil)
        default: send(context, .ok, ["x-answer": "yes", "content-type": "application/octet-stream"], body)
        }
    }

    private func send(
        _ context: ChannelHandlerContext, _ status: HTTPResponseStatus, _ headers: HTTPHeaders = [:], _ body: [UInt8] = []
    ) {
        var headers = headers
        if status != .noContent, status != .notModified { headers.add(name: "content-length", value: "\(body.count)") }
        context.write(
            wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))), promise: nil)
        if head?.method != .HEAD, !body.isEmpty {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    /// Promises more than it sends, and stops there.
    private func begin(_ context: ChannelHandlerContext, promising length: Int, sending count: Int) {
        let headers: HTTPHeaders = ["content-length": "\(length)"]
        context.write(
            wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .ok, headers: headers))), promise: nil)
        let part = ByteBuffer(bytes: [UInt8](repeating: 98, count: count))
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(part))), promise: nil)
    }

    /// Sends chunk after chunk until the client has enough.
    private func sendEndlessly(_ context: ChannelHandlerContext) {
        let headers: HTTPHeaders = ["transfer-encoding": "chunked"]
        context.write(
            wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .ok, headers: headers))), promise: nil)
        sendNext(context)
    }

    private func beginChunked(_ context: ChannelHandlerContext, sending count: Int) {
        let headers: HTTPHeaders = ["transfer-encoding": "chunked"]
        context.write(
            wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .ok, headers: headers))), promise: nil)
        let part = ByteBuffer(bytes: [UInt8](repeating: 98, count: count))
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(part))), promise: nil)
    }

    private func stopReading(_ context: ChannelHandlerContext) {
        try? context.channel.syncOptions?.setOption(.autoRead, value: false)
        record.arrive(
            LoopbackServer.Arrival(connection: 0, method: "", target: head?.uri ?? "", headers: [:], body: []))
    }

    /// Sends a pattern of so many bytes, a piece at a time as the client takes it.
    private func stream(_ count: Int64, _ context: ChannelHandlerContext) {
        let headers: HTTPHeaders = ["content-length": "\(count)"]
        context.write(
            wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .ok, headers: headers))), promise: nil)
        streamNext(count, context)
    }

    private func streamNext(_ left: Int64, _ context: ChannelHandlerContext) {
        guard left > 0 else { return context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil) }
        let piece = Pattern.piece.getSlice(at: 0, length: Int(min(left, Int64(Pattern.piece.readableBytes)))) ?? ByteBuffer()
        let loop = context.eventLoop
        let bound = NIOLoopBound((self, context), eventLoop: loop)
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(piece)))).whenSuccess {
            loop.execute {
                let (handler, context) = bound.value
                handler.streamNext(left - Int64(piece.readableBytes), context)
            }
        }
    }

    private func sendNext(_ context: ChannelHandlerContext) {
        let chunk = ByteBuffer(bytes: [UInt8](repeating: 99, count: 65536))
        let loop = context.eventLoop
        let bound = NIOLoopBound((self, context), eventLoop: loop)
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(chunk)))).whenSuccess {
            // By way of the loop: the others on it shall have their turn.
            loop.execute {
                let (handler, context) = bound.value
                handler.sendNext(context)
            }
        }
    }

    private func sendCompressed(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let accepts = head.headers[canonicalForm: "accept-encoding"].contains { $0 == "gzip" }
        if accepts {
            send(context, .ok, ["content-encoding": "gzip"], Self.gzipped)
        } else {
            send(context, .ok, [:], Array("compressed".utf8))
        }
    }
}

/// Bytes that tell where they stand, as long as nothing is repeated or left out within 251.
enum Pattern {
    static let piece = ByteBuffer(bytes: bytes(251 * 256))

    static func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8($0 % 251) }
    }
}
#endif
