#if NIO
import AsyncHTTPClient
import HTTPTypes
import NIOCore
import NIOHTTP1
import Synchronization
import TidemarkModel

/// Collects one answer, stops it at its limit, and knows whether the request had begun to leave.
final class ExchangeDelegate: HTTPClientResponseDelegate {
    typealias Response = TransportResponse

    private struct State {
        var requestHasBegun = false
        var head: HTTPResponse?
        var body: [UInt8] = []
    }

    private let maximumBytes: Int
    private let moved: @Sendable () -> Void
    private let state = Mutex(State())

    /// - Parameter moved: told whenever something of the answer came.
    init(maximumBytes: Int, moved: @escaping @Sendable () -> Void = {}) {
        self.maximumBytes = maximumBytes
        self.moved = moved
    }

    var requestHasBegun: Bool { state.withLock { $0.requestHasBegun } }

    func didSendRequestHead(task: HTTPClient.Task<Response>, _ head: HTTPRequestHead) {
        state.withLock { $0.requestHasBegun = true }
    }

    func didReceiveHead(task: HTTPClient.Task<Response>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
        guard (100...999).contains(head.status.code) else {
            return task.eventLoop.makeFailedFuture(TransportError(.connectionLost, requestMayHaveArrived: true))
        }
        var response = HTTPResponse(status: HTTPResponse.Status(code: Int(head.status.code)))
        for (name, value) in head.headers {
            if let name = HTTPField.Name(name) { response.headerFields.append(HTTPField(name: name, value: value)) }
        }
        moved()
        state.withLock { $0.head = response }
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didReceiveBodyPart(task: HTTPClient.Task<Response>, _ buffer: ByteBuffer) -> EventLoopFuture<Void> {
        moved()
        let fits = state.withLock { state in
            guard buffer.readableBytes <= maximumBytes - state.body.count else { return false }
            state.body.append(contentsOf: buffer.readableBytesView)
            return true
        }
        // The failure closes the connection: what is left of the answer is not read.
        return fits
            ? task.eventLoop.makeSucceededVoidFuture()
            : task.eventLoop.makeFailedFuture(TransportError(.responseTooLarge, requestMayHaveArrived: true))
    }

    func didFinishRequest(task: HTTPClient.Task<Response>) throws -> TransportResponse {
        try state.withLock { state in
            guard let head = state.head else { throw TransportError(.connectionLost, requestMayHaveArrived: true) }
            return TransportResponse(head: head, body: state.body)
        }
    }
}
#endif
