#if NIO
import AsyncHTTPClient
import Foundation
public import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOPosix
public import TidemarkModel

extension AsyncHTTPClientTransport {
    /// How much of a file is read, and held in memory, at a time.
    static let fileChunkBytes = 128 * 1024

    /// Reads the file piece by piece, each when the connection has room for it, away from the connections' threads.
    public func upload(
        _ request: HTTPRequest, file path: String, limits: HTTPLimits, progress: @escaping @Sendable (Int64) -> Void
    ) async throws(TransportError) -> TransportResponse {
        let address = try ExchangeAddress(request, allowsPlainHTTP: allowsPlainHTTP)
        let file = try FileSource(path: path, announced: request.announcedLength)
        guard file.size > 0 else { return try await send(request, body: [], limits: limits) }
        let watch = TransferWatch(patience: limits.timeout)
        let body = HTTPClient.Body.file(file, on: client.eventLoopGroup.any()) { sent in
            watch.move()
            progress(sent)
        }
        let exchange = ExchangeDelegate(maximumBytes: limits.maximumResponseBytes) { watch.move() }
        return try await transfer(watch, limits, hasBegun: { exchange.requestHasBegun }) {
            try await self.perform(try HTTPClient.Request(address, request, body: body), exchange, deadline: .distantFuture)
        }
    }

    /// Writes what comes piece by piece, away from the connections' threads; while one is written no more is read.
    public func download(
        _ request: HTTPRequest, to path: String, limits: HTTPLimits, maximumBytes: Int64,
        progress: @escaping @Sendable (Int64) -> Void
    ) async throws(TransportError) -> TransportResponse {
        let address = try ExchangeAddress(request, allowsPlainHTTP: allowsPlainHTTP)
        let watch = TransferWatch(patience: limits.timeout)
        return try await transfer(watch, limits, hasBegun: { true }) {
            let response = try await self.client.execute(HTTPClientRequest(address, request), deadline: .distantFuture)
            watch.move()
            let head = try HTTPResponse(response)
            guard head.status.kind == .successful else {
                return TransportResponse(
                    head: head, body: try await response.body.collected(upTo: limits.maximumResponseBytes, watch))
            }
            guard head.headerFields[.contentLength].flatMap({ Int64($0) }) ?? 0 <= maximumBytes else {
                throw TransportError(.responseTooLarge, requestMayHaveArrived: true)
            }
            try await response.body.save(to: path, maximumBytes: maximumBytes) { received in
                watch.move()
                progress(received)
            }
            return TransportResponse(head: head)
        }
    }

    /// One exchange, which ends when nothing moves any more.
    private func transfer(
        _ watch: TransferWatch, _ limits: HTTPLimits, hasBegun: @escaping @Sendable () -> Bool,
        _ exchange: @escaping @Sendable () async throws -> TransportResponse
    ) async throws(TransportError) -> TransportResponse {
        if Task.isCancelled { throw TransportError(.cancelled, requestMayHaveArrived: false) }
        guard limits.timeout > .zero else { throw TransportError(.timeout, requestMayHaveArrived: false) }
        let outcome = await withTaskGroup(of: TransferOutcome.self) { group in
            group.addTask {
                do {
                    return .ended(.success(try await exchange()))
                } catch {
                    return .ended(.failure(TransportError(error, requestHasBegun: hasBegun())))
                }
            }
            group.addTask { await watch.waitForStandstill() ? .stoodStill : .notWatched }
            let first = await group.next()
            group.cancelAll()
            // What was cancelled says how far it had come.
            guard case .ended = first else { return (first, await group.next()) }
            return (first, nil)
        }
        switch outcome {
        case (.ended(let result)?, _): return try result.get()
        case (.stoodStill?, _): throw TransportError(.timeout, requestMayHaveArrived: hasBegun())
        case (_, .ended(let result)?): return try result.get()
        default: throw TransportError(.cancelled, requestMayHaveArrived: hasBegun())
        }
    }

    private enum TransferOutcome: Sendable {
        case ended(Result<TransportResponse, TransportError>)
        case stoodStill
        case notWatched
    }
}

extension HTTPClientRequest {
    init(_ address: ExchangeAddress, _ request: HTTPRequest) {
        self.init(url: address.url.absoluteString)
        method = HTTPMethod(rawValue: request.method.rawValue)
        headers = HTTPHeaders(request.headerFields)
    }
}

extension HTTPResponse {
    fileprivate init(_ response: HTTPClientResponse) throws(TransportError) {
        guard (100...999).contains(response.status.code) else {
            throw TransportError(.connectionLost, requestMayHaveArrived: true)
        }
        self.init(status: Status(code: Int(response.status.code)))
        for (name, value) in response.headers {
            if let name = HTTPField.Name(name) { headerFields.append(HTTPField(name: name, value: value)) }
        }
    }
}

extension HTTPClientResponse.Body {
    fileprivate func collected(upTo maximum: Int, _ watch: TransferWatch) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await part in self {
            watch.move()
            guard part.readableBytes <= maximum - bytes.count else {
                throw TransportError(.responseTooLarge, requestMayHaveArrived: true)
            }
            bytes.append(contentsOf: part.readableBytesView)
        }
        return bytes
    }

    fileprivate func save(to path: String, maximumBytes: Int64, progress: (Int64) -> Void) async throws {
        let disk = NIOThreadPool.singleton
        let file = try await disk.runIfActive { try FileDestination(path: path) }
        do {
            var received: Int64 = 0
            for try await part in self {
                guard Int64(part.readableBytes) <= maximumBytes - received else {
                    throw TransportError(.responseTooLarge, requestMayHaveArrived: true)
                }
                received += Int64(part.readableBytes)
                try await disk.runIfActive { try part.withUnsafeReadableBytes { try file.write($0) } }
                progress(received)
            }
            try Task.checkCancellation()
            try await disk.runIfActive { try file.commit() }
        } catch {
            file.discard()
            throw error
        }
    }
}
#endif
