#if NIO
import NIOCore
import NIOWebSocket
import TidemarkModel

/// The frames of one open connection: puts messages together, answers pings and goodbyes, and stops reading while the inbox
/// is full. It lives on its channel's loop.
final class WebSocketHandler: ChannelInboundHandler, ChannelOutboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    /// A message of which not all fragments have come.
    private struct Partial {
        var isText: Bool
        var bytes: ByteBuffer
    }

    private let inbox: WebSocketInbox
    private let maximumMessageBytes: Int
    private var context: ChannelHandlerContext?
    private var partial: Partial?
    private var isEnding = false

    /// How long a goodbye may take to leave.
    private static let goodbyeTime: TimeAmount = .seconds(1)

    init(_ inbox: WebSocketInbox, _ limits: WebSocketLimits) {
        self.inbox = inbox
        maximumMessageBytes = max(0, limits.maximumMessageBytes)
    }

    /// What the decoder may take for one frame: a whole message, and any control frame.
    static func longestFrame(_ limits: WebSocketLimits) -> Int {
        min(max(125, limits.maximumMessageBytes), Int(UInt32.max))
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        lose()
    }

    func channelInactive(context: ChannelHandlerContext) {
        lose()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case NIOWebSocketError.invalidFrameLength: fail(.responseTooLarge, .messageTooLarge)
        case is NIOWebSocketError: fail(.connectionLost, .protocolError)
        default:
            lose()
            context.close(promise: nil)
        }
    }

    private func lose() {
        isEnding = true
        inbox.end(.failure(TransportError(.connectionLost, requestMayHaveArrived: true)))
    }

    // MARK: In

    func read(context: ChannelHandlerContext) {
        if inbox.mayRead() { context.read() }
    }

    func readAgain() {
        context?.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isEnding else { return }
        let frame = unwrapInboundIn(data)
        // A server masks nothing, and no extension was agreed on (RFC 6455, 5.1 and 5.2).
        guard frame.maskKey == nil, !frame.rsv1, !frame.rsv2, !frame.rsv3 else {
            return fail(.connectionLost, .protocolError)
        }
        switch frame.opcode {
        case .text, .binary:
            guard partial == nil else { return fail(.connectionLost, .protocolError) }
            append(frame.data, isText: frame.opcode == .text, isLast: frame.fin)
        case .continuation:
            guard let isText = partial?.isText else { return fail(.connectionLost, .protocolError) }
            append(frame.data, isText: isText, isLast: frame.fin)
        case .ping:
            // One side that only asks and never reads must not fill the other's memory.
            if context.channel.isWritable { write(.pong, frame.data) }
        case .pong: break
        case .connectionClose: answerGoodbye(frame.data)
        default: fail(.connectionLost, .protocolError)
        }
    }

    private func append(_ data: ByteBuffer, isText: Bool, isLast: Bool) {
        var partial = partial ?? Partial(isText: isText, bytes: ByteBuffer())
        self.partial = nil
        guard data.readableBytes <= maximumMessageBytes - partial.bytes.readableBytes else {
            return fail(.responseTooLarge, .messageTooLarge)
        }
        if isLast, partial.bytes.readableBytes == 0 {
            partial.bytes = data
        } else {
            partial.bytes.writeImmutableBuffer(data)
        }
        guard isLast else {
            self.partial = partial
            return
        }
        guard partial.isText else { return }
        guard let text = String(validating: partial.bytes.readableBytesView, as: UTF8.self) else {
            return fail(.connectionLost, .dataInconsistentWithMessage)
        }
        inbox.push(text)
    }

    // MARK: Out

    /// The promise is kept when the bytes have been handed to the operating system.
    func send(_ text: String, _ promise: EventLoopPromise<Void>) {
        guard let context, !isEnding, context.channel.isActive else {
            promise.fail(TransportError(.connectionLost, requestMayHaveArrived: false))
            return
        }
        let frame = WebSocketFrame(fin: true, opcode: .text, maskKey: .random(), data: ByteBuffer(string: text))
        // A promise of its own: this one may be ended by its waiter, which NIO doesn't expect of a write's.
        context.writeAndFlush(wrapOutboundOut(frame)).cascade(to: promise)
    }

    private func write(_ opcode: WebSocketOpcode, _ data: ByteBuffer) {
        context?.writeAndFlush(
            wrapOutboundOut(WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: data)), promise: nil)
    }

    // MARK: The end

    /// Says goodbye first.
    func close() {
        inbox.end(.success(nil), droppingWhatWaits: true)
        guard !isEnding else { return }
        leave(.normalClosure)
    }

    private func fail(_ code: TransportError.Code, _ reason: WebSocketErrorCode) {
        guard !isEnding else { return }
        inbox.end(.failure(TransportError(code, requestMayHaveArrived: true)))
        leave(reason)
    }

    private func answerGoodbye(_ data: ByteBuffer) {
        inbox.end(.success(nil))
        var data = data
        // The same code back; a close may come without one.
        let code = data.readableBytes >= 2 ? data.readWebSocketErrorCode() : nil
        leave(code)
    }

    private func leave(_ reason: WebSocketErrorCode?) {
        isEnding = true
        partial = nil
        guard let context else { return }
        var data = ByteBuffer()
        if let reason { data.write(webSocketErrorCode: reason) }
        let channel = context.channel
        let timer = channel.eventLoop.scheduleTask(in: Self.goodbyeTime) { channel.close(promise: nil) }
        let goodbye = WebSocketFrame(fin: true, opcode: .connectionClose, maskKey: .random(), data: data)
        context.writeAndFlush(wrapOutboundOut(goodbye)).whenComplete { _ in
            timer.cancel()
            channel.close(promise: nil)
        }
    }
}
#endif
