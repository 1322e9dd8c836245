import Foundation
import HTTPTypes
import Synchronization
import TidemarkModel

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// What comes of a success is written to a file, what comes of a refusal is kept.
///
/// It serves a data task. A download task of Foundation on Linux writes on after it was cancelled, as long as the server sends, and
/// leaves its file behind: a body without an end would fill the disk.
final class SessionDownload: SessionBody {
    private struct State {
        var file: FileDestination?
        var count: Int64 = 0
    }

    private let path: String
    private let maximumBytes: Int64
    private let received: @Sendable (Int64) -> Void
    private let state = Mutex(State())

    /// - Parameter maximumBytes: of the file.
    init(to path: String, maximumBytes: Int64, received: @escaping @Sendable (Int64) -> Void) {
        self.path = path
        self.maximumBytes = maximumBytes
        self.received = received
    }

    func take(_ data: Data, of task: URLSessionTask, _ end: SessionEnd) {
        // What comes of it after its end is passed over.
        guard !end.isOver else { return }
        guard isSuccess(task) else { return end.take(data) }
        let count = state.withLock { state in
            state.count += Int64(data.count)
            return state.count
        }
        let announced = task.response?.expectedContentLength ?? -1
        guard max(count, announced) <= maximumBytes else { return give(up: .responseTooLarge, end) }
        do throws(TransportError) {
            // Writing takes its time, and the session waits.
            try file().write([UInt8](data))
        } catch {
            return give(up: error.code, end)
        }
        received(count)
    }

    func complete(_ task: URLSessionTask, _ end: SessionEnd) {
        guard !end.isOver, isSuccess(task) else { return }
        do throws(TransportError) {
            try file().commit()
        } catch {
            end.finish(.failure(error))
        }
    }

    private func isSuccess(_ task: URLSessionTask) -> Bool {
        task.response.flatMap(HTTPResponse.init(answer:))?.status.kind == .successful
    }

    /// The file that is written; the first piece makes it.
    private func file() throws(TransportError) -> FileDestination {
        if let file = state.withLock({ $0.file }) { return file }
        let file = try FileDestination(path: path)
        state.withLock { $0.file = file }
        return file
    }

    /// Nobody waits for it any more: what has come of it goes.
    func discard() {
        state.withLock { state in
            defer { state.file = nil }
            return state.file
        }?.discard()
    }

    private func give(up code: TransportError.Code, _ end: SessionEnd) {
        discard()
        end.end(code)
    }
}
