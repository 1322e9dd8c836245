#if NIO
import NIOCore
import NIOWebSocket

/// Does on an open connection what its path asks for; anything else is an echo.
final class WebSocketBehaviour: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    static let floodCount = 20_000
    static let pad = String(repeating: "x", count: 1_000)

    private let path: String
    private let frames: AsyncStream<WebSocketServer.Frame>.Continuation

    init(_ path: String, _ frames: AsyncStream<WebSocketServer.Frame>.Continuation) {
        self.path = path
        self.frames = frames
    }

    func handlerAdded(context: ChannelHandlerContext) {
        // The answer to the handshake goes first.
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.execute {
            let (handler, context) = bound.value
            handler.begin(context)
        }
    }

    private func begin(_ context: ChannelHandlerContext) {
        let parts = path.split(separator: "/").map(String.init)
        switch parts.first {
        case "large": send(context, .text, String(repeating: "a", count: 100_000))
        case "fragments": sendFragments(context, bytes: 300_000, of: 1_000)
        case "beyond":
            send(context, .text, "first")
            sendFragments(context, bytes: 5_000, of: 500)
        case "beyond-at-once":
            send(context, .text, "first")
            send(context, .text, String(repeating: "a", count: 5_000))
        case "ping": send(context, .ping, "are you there")
        case "binary":
            send(context, .binary, "bytes")
            send(context, .text, "text")
        case "goodbye":
            send(context, .text, "last")
            var code = ByteBuffer()
            code.write(webSocketErrorCode: .goingAway)
            context.writeAndFlush(wrapOutboundOut(WebSocketFrame(fin: true, opcode: .connectionClose, data: code)), promise: nil)
        case "flood": flood(context, from: 0)
        case "raw": sendRaw(context, parts.count > 1 ? parts[1] : "")
        default: break
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        let bytes = Array(frame.unmaskedData.readableBytesView)
        let text = String(decoding: bytes, as: UTF8.self)
        frames.yield(.init(opcode: frame.opcode, bytes: bytes, mask: frame.maskKey.map { Array($0) } ?? []))
        if frame.opcode == .text, path.hasPrefix("/echo") { send(context, .text, text) }
        if frame.opcode == .text, text == "cut" { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func send(_ context: ChannelHandlerContext, _ opcode: WebSocketOpcode, _ text: String, fin: Bool = true) {
        context.writeAndFlush(
            wrapOutboundOut(WebSocketFrame(fin: fin, opcode: opcode, data: ByteBuffer(string: text))), promise: nil)
    }

    private func sendFragments(_ context: ChannelHandlerContext, bytes: Int, of size: Int) {
        let fragment = String(repeating: "f", count: size)
        for index in 0..<(bytes / size) {
            send(context, index == 0 ? .text : .continuation, fragment, fin: index == bytes / size - 1)
            // Control frames may stand between fragments.
            if index == 3 { send(context, .ping, "between") }
        }
    }

    /// Message after message, as fast as they are taken.
    private func flood(_ context: ChannelHandlerContext, from number: Int) {
        guard number < Self.floodCount else { return }
        let last = min(number + 50, Self.floodCount)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        for index in number..<last {
            let frame = WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(string: "\(index) \(Self.pad)"))
            let written = context.eventLoop.makePromise(of: Void.self)
            context.write(wrapOutboundOut(frame), promise: written)
            guard index == last - 1 else { continue }
            written.futureResult.whenSuccess {
                bound.value.1.eventLoop.execute {
                    let (handler, context) = bound.value
                    handler.flood(context, from: last)
                }
            }
        }
        context.flush()
    }

    /// Bytes as they stand, past the encoder.
    private func sendRaw(_ context: ChannelHandlerContext, _ hex: String) {
        var bytes: [UInt8] = []
        var rest = hex[...]
        while let byte = UInt8(rest.prefix(2), radix: 16) {
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        let watch = try? context.pipeline.syncOperations.context(handlerType: ConnectionWatch.self)
        watch?.writeAndFlush(NIOAny(ByteBuffer(bytes: bytes)), promise: nil)
    }
}
#endif
