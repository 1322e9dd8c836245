import Foundation
import Synchronization
import TidemarkModel

/// A service with files, whose uploads and downloads are the test's.
final class FileService: ChatService {
    typealias Progress = @Sendable (Int64) -> Void

    struct State {
        var plain = PlainService()
        /// What was uploaded, by key.
        var files: [String: [UInt8]] = [:]
        var uploads = 0
        var downloads = 0
        /// Done while a file is on its way.
        var duringUpload: (@Sendable (Progress) async throws -> Void)?
        var duringDownload: (@Sendable () async throws -> Void)?
    }

    let state = Mutex(State())

    var traits: ServiceTraits { PlainService.traits }

    private var now: Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

    func identity() async throws(ServiceError) -> ParticipantID? { Station.alice }

    func perform(_ delivery: Delivery) async throws(ServiceError) -> Acceptance {
        let now = now
        return try state.withLock { state in
            Result { () throws(ServiceError) in try state.plain.perform(delivery, as: "alice", at: now) }
        }.get()
    }

    func page(_ request: PageRequest) async throws(ServiceError) -> Page {
        let now = now
        return try state.withLock { state in
            Result { () throws(ServiceError) in try state.plain.page(request, as: "alice", at: now) }
        }.get()
    }

    func upload(_ delivery: Delivery, progress: @escaping Progress) async throws(ServiceError) -> Acceptance {
        guard case .upload(let file, _) = delivery.action else { throw ServiceError(.unsupported, certainty: .notApplied) }
        let hook = state.withLock { state in
            state.uploads += 1
            return state.duringUpload
        }
        try await wait { try await hook?(progress) }
        let acceptance = try await perform(delivery)
        let bytes = [UInt8](FileManager.default.contents(atPath: file.path) ?? Data())
        state.withLock { $0.files[acceptance.attachment?.file.rawValue ?? ""] = bytes }
        return acceptance
    }

    func download(
        _ file: RemoteFileID, in conversation: RemoteConversationID, to path: String, progress: @escaping Progress
    ) async throws(ServiceError) {
        let (hook, bytes) = state.withLock { state in
            state.downloads += 1
            return (state.duringDownload, state.files[file.rawValue])
        }
        guard let bytes else { throw ServiceError(.notFound, certainty: .notApplied, status: 404) }
        _ = FileManager.default.createFile(atPath: path, contents: Data(bytes.prefix(2)))
        try await wait { try await hook?() }
        _ = FileManager.default.createFile(atPath: path, contents: Data(bytes))
    }

    private func wait(_ body: () async throws -> Void) async throws(ServiceError) {
        do {
            try await body()
        } catch {
            throw error as? ServiceError ?? ServiceError(.cancelled, certainty: .unknown)
        }
    }
}

/// Something that one waits for and another tells.
struct Signal: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func tell() { continuation.finish() }

    /// Throws when its task is cancelled.
    func wait() async throws {
        for await _ in stream {}
        try Task.checkCancellation()
    }
}
