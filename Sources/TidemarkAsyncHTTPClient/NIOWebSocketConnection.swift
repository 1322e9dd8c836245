#if NIO
import NIOCore
import TidemarkModel

/// One open connection on a NIO channel. A connection that is dropped without ``close()`` is cut.
final class NIOWebSocketConnection: WebSocketConnection {
    private let channel: any Channel
    private let handler: NIOLoopBound<WebSocketHandler>
    let inbox: WebSocketInbox

    /// On the channel's loop.
    init(_ channel: any Channel, handler: WebSocketHandler, inbox: WebSocketInbox) {
        self.channel = channel
        self.handler = NIOLoopBound(handler, eventLoop: channel.eventLoop)
        self.inbox = inbox
    }

    deinit {
        channel.close(promise: nil)
    }

    /// `requestMayHaveArrived` is false where the connection had ended before the first byte left. A cancelled call may
    /// have sent its text.
    func send(_ text: String) async throws(TransportError) {
        if Task.isCancelled { throw TransportError(.cancelled, requestMayHaveArrived: false) }
        let sent = channel.eventLoop.makePromise(of: Void.self)
        let handler = handler
        channel.eventLoop.execute { handler.value.send(text, sent) }
        do {
            try await withTaskCancellationHandler {
                try await sent.futureResult.get()
            } onCancel: {
                sent.fail(TransportError(.cancelled, requestMayHaveArrived: true))
            }
        } catch {
            throw error as? TransportError ?? TransportError(.connectionLost, requestMayHaveArrived: true)
        }
    }

    func receive() async throws(TransportError) -> String? {
        let (received, mayReadAgain) = await inbox.receive()
        if mayReadAgain {
            let handler = handler
            channel.eventLoop.execute { handler.value.readAgain() }
        }
        return try received.get()
    }

    func close() async {
        inbox.end(.success(nil), droppingWhatWaits: true)
        let handler = handler
        channel.eventLoop.execute { handler.value.close() }
        // It ends by itself in a second at most; what a broken channel says here is not news.
        try? await channel.closeFuture.get()
    }
}
#endif
