public import HTTPTypes
public import TidemarkModel
import Foundation

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

extension URLSessionTransport {
    /// The session reads the file as the connection takes it.
    ///
    /// On Linux the file is held in memory first, and `HTTPLimits.largestFileInMemory` is the most: Foundation there does not
    /// survive each end of a streamed body. `AsyncHTTPClientTransport` has no such limit.
    public func upload(
        _ request: HTTPRequest, file path: String, limits: HTTPLimits, progress: @escaping @Sendable (Int64) -> Void
    ) async throws(TransportError) -> TransportResponse {
        guard Self.streams else { return try await uploadInMemory(request, file: path, limits: limits, progress: progress) }
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

    /// Each piece is written beside the place as it comes, and moved there when all of it is.
    ///
    /// On Linux a file is held in memory first, and `HTTPLimits.largestFileInMemory` is the most: Foundation there reads ahead
    /// of the disk without a bound, and a download task of it goes on writing after it was cancelled. `AsyncHTTPClientTransport`
    /// has no such limit.
    public func download(
        _ request: HTTPRequest, to path: String, limits: HTTPLimits, maximumBytes: Int64,
        progress: @escaping @Sendable (Int64) -> Void
    ) async throws(TransportError) -> TransportResponse {
        guard Self.streams else {
            return try await downloadInMemory(request, to: path, limits: limits, maximumBytes: maximumBytes, progress: progress)
        }
        return try await stream(request, to: path, limits: limits, maximumBytes: maximumBytes, progress: progress)
    }

    private static var streams: Bool {
        #if canImport(FoundationNetworking)
        false
        #else
        true
        #endif
    }

    private func stream(
        _ request: HTTPRequest, to path: String, limits: HTTPLimits, maximumBytes: Int64,
        progress: @escaping @Sendable (Int64) -> Void
    ) async throws(TransportError) -> TransportResponse {
        let address = try ExchangeAddress(request, allowsPlainHTTP: allowsPlainHTTP)
        try checkStart(limits)
        let watch = TransferWatch(patience: limits.timeout)
        let download = SessionDownload(to: path, maximumBytes: maximumBytes) { received in
            watch.move()
            progress(received)
        }
        let exchange = SessionExchange(maximumBytes: limits.maximumResponseBytes, body: download)
        let outgoing = URLRequest(address, request, timeout: Self.longestTimeout)
        let task = makeTask(outgoing, exchange) { $0.dataTask(with: $1) }
        defer { download.discard() }
        return try await perform(task, exchange.end) { await watch.waitForStandstill() }.get()
    }

    private func checkStart(_ limits: HTTPLimits) throws(TransportError) {
        if Task.isCancelled { throw TransportError(.cancelled, requestMayHaveArrived: false) }
        guard limits.timeout > .zero else { throw TransportError(.timeout, requestMayHaveArrived: false) }
    }
}
