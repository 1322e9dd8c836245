#if Tools
internal import NIOCore
internal import NIOHTTP1
internal import NIOWebSocket
internal import Synchronization

/// Hands a connection's text on, answers pings and ends what breaks the protocol.
final class AvayaSocketHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let onText: (String) -> Void

    init(onText: @escaping (String) -> Void) {
        self.onText = onText
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        switch frame.opcode {
        case .text: onText(String(buffer: frame.unmaskedData))
        case .ping:
            context.writeAndFlush(
                wrapOutboundOut(WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData)), promise: nil)
        case .connectionClose:
            let status = frame.unmaskedData.getSlice(at: frame.unmaskedData.readerIndex, length: 2) ?? ByteBuffer()
            end(context, status)
        case .binary: end(context, ByteBuffer(bytes: [0x03, 0xEB]))
        default: break
        }
    }

    /// Says goodbye, with a status or without, and closes.
    private func end(_ context: ChannelHandlerContext, _ status: ByteBuffer) {
        context.writeAndFlush(
            wrapOutboundOut(WebSocketFrame(fin: true, opcode: .connectionClose, data: status)), promise: nil)
        context.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A message that is too large, or a frame that is none.
        end(context, ByteBuffer(bytes: [0x03, 0xEA]))
    }
}

/// Answers requests that don't become sockets, as polling's.
final class AvayaRefusalHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let refusal: (String) -> (status: Int, body: [UInt8])?
    private var target = ""

    init(refusal: @escaping (String) -> (status: Int, body: [UInt8])?) {
        self.refusal = refusal
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): target = head.uri
        case .body: break
        case .end:
            let (status, body) = refusal(target) ?? (400, Array(#"{"code":3,"message":"Bad request"}"#.utf8))
            let fields: HTTPHeaders = [
                "content-type": "application/json", "content-length": String(body.count), "connection": "close",
            ]
            let head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: status), headers: fields)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
            let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
            context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in bound.value.close(promise: nil) }
        }
    }
}

/// The connections that are open, and the sockets among them by their number.
final class AvayaSocketChannels: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var sockets: [Int: any Channel] = [:]
    }

    private let state = Mutex(State())

    /// `false` if there are as many as there may be.
    func enter(_ channel: any Channel, most: Int) -> Bool {
        state.withLock { state in
            guard state.channels.count < most else { return false }
            state.channels[ObjectIdentifier(channel)] = channel
            return true
        }
    }

    func join(_ channel: any Channel, _ connection: Int) {
        state.withLock { $0.sockets[connection] = channel }
    }

    func leave(_ channel: any Channel) {
        state.withLock { state in
            state.channels[ObjectIdentifier(channel)] = nil
            state.sockets = state.sockets.filter { $0.value !== channel }
        }
    }

    var all: [any Channel] { state.withLock { Array($0.channels.values) } }

    subscript(connection: Int) -> (any Channel)? { state.withLock { $0.sockets[connection] } }
}
#endif
