import Foundation
import HTTPTypes
import TidemarkModel

/// Carries files up and down in their two steps (wire page §5): an address from the REST interface, then the bytes by it.
///
/// Addresses are kept nowhere: each transfer asks for its own, and for another, once, if the storage refuses it.
struct AvayaFileTransfer: Sendable {
    /// How long nothing may move, and how much is read of an answer that is no file.
    static let limits = HTTPLimits(timeout: .seconds(60), maximumResponseBytes: 1024 * 1024)

    let exchange: AvayaExchange
    var identity: ParticipantID?
    var deadline: Timestamp?

    init(exchange: AvayaExchange, identity: ParticipantID? = nil, deadline: Timestamp? = nil) {
        self.exchange = exchange
        self.identity = identity
        self.deadline = deadline
    }

    /// Uploads a file and what stands for it. `progress` counts the file's own bytes; `announced` is the size that it has to
    /// have.
    func upload(
        _ file: AvayaLocalFile, _ thumbnail: AvayaLocalFile?, announced: Int64? = nil, in space: RemoteConversationID?,
        progress: @escaping @Sendable (Int64) -> Void
    ) async throws(ServiceError) -> AvayaAttachment {
        let uploads = try [file, thumbnail].compactMap { $0 }.map { file throws(ServiceError) in try Self.upload(of: file) }
        guard announced == nil || announced == uploads[0].bytes else {
            throw AvayaStorageWire.failure(TransportError(.fileChanged, requestMayHaveArrived: false), isRead: false)
        }
        let places = try await places(for: uploads, in: space)
        var attachment = AvayaAttachment(
            fileID: "", name: file.name, size: uploads[0].bytes, fileType: AvayaAttachment.fileType(of: file.mediaType),
            mediaType: file.mediaType)
        // The small one first: a refusal then costs little.
        if let thumbnail {
            attachment.thumbnailFile = try await put(thumbnail, uploads[1], at: places[1], in: space) { _ in }
        }
        attachment.fileID = try await put(file, uploads[0], at: places[0], in: space, progress: progress)
        return attachment
    }

    /// Throws `.notFound` for a file that the service doesn't know, and `.tooLarge` for one above the maximum.
    func download(
        _ fileKey: String, to path: String, maximumBytes: Int64, progress: @escaping @Sendable (Int64) -> Void
    ) async throws(ServiceError) {
        var response = try await get(try await place(of: fileKey), to: path, maximumBytes, progress)
        if AvayaStorageWire.isRefused(response) {
            response = try await get(try await place(of: fileKey), to: path, maximumBytes, progress)
        }
        guard response.head.status.kind == .successful else { throw AvayaStorageWire.failure(response, isRead: true) }
    }

    // MARK: Up

    /// What is announced of a file. Throws before any byte leaves.
    private static func upload(of file: AvayaLocalFile) throws(ServiceError) -> AvayaUpload {
        let size: Int64
        do {
            size = try FileSource(path: file.path).size
        } catch {
            throw AvayaStorageWire.failure(error, isRead: false)
        }
        guard size <= AvayaLimits.largestFile else { throw ServiceError(.tooLarge, certainty: .notApplied) }
        return AvayaUpload(mediaType: file.mediaType, bytes: size)
    }

    private func places(
        for uploads: [AvayaUpload], in space: RemoteConversationID?
    ) async throws(ServiceError) -> [AvayaUploadURL] {
        let operation = AvayaOperation.uploadURLs(uploads, space)
        let response = try await exchange.send(operation, as: identity, deadline: deadline) { wire throws(ServiceError) in
            try wire.check(identity)
            return try wire.request(for: operation)
        }
        return try exchange.wire.uploadURLs(response, of: operation)
    }

    /// Puts one file, by another address if the first is refused, and tells its key.
    private func put(
        _ file: AvayaLocalFile, _ upload: AvayaUpload, at place: AvayaUploadURL, in space: RemoteConversationID?,
        progress: @escaping @Sendable (Int64) -> Void
    ) async throws(ServiceError) -> String {
        var place = place
        var response = try await put(file, upload, at: place, progress)
        if AvayaStorageWire.isRefused(response), let other = try await places(for: [upload], in: space).first {
            place = other
            response = try await put(file, upload, at: place, progress)
        }
        guard response.head.status.kind == .successful else { throw AvayaStorageWire.failure(response, isRead: false) }
        return place.fileKey
    }

    private func put(
        _ file: AvayaLocalFile, _ upload: AvayaUpload, at place: AvayaUploadURL,
        _ progress: @escaping @Sendable (Int64) -> Void
    ) async throws(ServiceError) -> TransportResponse {
        let request = try AvayaStorageWire.request(putting: upload, to: place)
        do {
            return try await exchange.transport.upload(request, file: file.path, limits: Self.limits, progress: progress)
        } catch {
            throw AvayaStorageWire.failure(error, isRead: false)
        }
    }

    // MARK: Down

    /// By POST, and by GET where the service has no POST: sources differ (wire page §5).
    private func place(of fileKey: String) async throws(ServiceError) -> AvayaDownloadURL {
        let urls: [AvayaDownloadURL]
        do throws(ServiceError) {
            urls = try await places(of: .downloadURLs([fileKey]))
        } catch {
            guard error.status == 405 else { throw error }
            urls = try await places(of: .downloadURLsByQuery([fileKey]))
        }
        guard let place = urls.first(where: { $0.fileKey == fileKey }) else {
            throw ServiceError(.notFound, certainty: .notApplied)
        }
        return place
    }

    private func places(of operation: AvayaOperation) async throws(ServiceError) -> [AvayaDownloadURL] {
        try exchange.wire.downloadURLs(try await exchange.send(operation), of: operation)
    }

    private func get(
        _ place: AvayaDownloadURL, to path: String, _ maximumBytes: Int64, _ progress: @escaping @Sendable (Int64) -> Void
    ) async throws(ServiceError) -> TransportResponse {
        let request = try AvayaStorageWire.request(getting: place)
        do {
            return try await exchange.transport.download(
                request, to: path, limits: Self.limits, maximumBytes: maximumBytes, progress: progress)
        } catch {
            guard error.code == .responseTooLarge else { throw AvayaStorageWire.failure(error, isRead: true) }
            throw ServiceError(.tooLarge, certainty: .notApplied)
        }
    }
}
