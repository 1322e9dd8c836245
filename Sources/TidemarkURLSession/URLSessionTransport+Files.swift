public import HTTPTypes
public import TidemarkModel
import Foundation

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

extension URLSessionTransport {
    /// The session reads the file as the connection takes it.
    public func upload(
        _ request: HTTPRequest, file path: String, limits: HTTPLimits, progress: @escaping @Sendable (Int64) -> Void
    ) async throws(TransportError) -> TransportResponse {
        let address = try ExchangeAddress(request, allowsPlainHTTP: allowsPlainHTTP)
        let file = try FileSource(path: path, announced: request.announcedLength)
        guard file.size > 0 else { return try await send(request, body: [], limits: limits) }
        try checkStart(limits)
        let watch = TransferWatch(patience: limits.timeout)
        let exchange = SessionExchange(maximumBytes: limits.maximumResponseBytes) { sent in
            watch.move()
            progress(sent)
        }
        let outgoing = URLRequest(address, request, timeout: Self.longestTimeout)
        let task = makeTask(outgoing, exchange) { $0.uploadTask(with: $1, fromFile: URL(fileURLWithPath: path)) }
        let outcome = await perform(task, exchange.end) { await watch.waitForStandstill() }
        // The session has read it by itself: what it read of a file that changed is not known.
        guard file.isUnchanged else { throw TransportError(.fileChanged, requestMayHaveArrived: true) }
        return try outcome.get()
    }

    /// The session writes to a file of its own, in its temporary folder, which is copied to its place when it is whole.
    public func download(
        _ request: HTTPRequest, to path: String, limits: HTTPLimits, maximumBytes: Int64,
        progress: @escaping @Sendable (Int64) -> Void
    ) async throws(TransportError) -> TransportResponse {
        let address = try ExchangeAddress(request, allowsPlainHTTP: allowsPlainHTTP)
        try checkStart(limits)
        let watch = TransferWatch(patience: limits.timeout)
        let download = SessionDownload(
            to: path, maximumBytes: maximumBytes, maximumWords: limits.maximumResponseBytes
        ) { received in
            watch.move()
            progress(received)
        }
        let outgoing = URLRequest(address, request, timeout: Self.longestTimeout)
        let task = makeTask(outgoing, download) { $0.downloadTask(with: $1) }
        return try await perform(task, download.end) { await watch.waitForStandstill() }.get()
    }

    private func checkStart(_ limits: HTTPLimits) throws(TransportError) {
        if Task.isCancelled { throw TransportError(.cancelled, requestMayHaveArrived: false) }
        guard limits.timeout > .zero else { throw TransportError(.timeout, requestMayHaveArrived: false) }
    }
}
