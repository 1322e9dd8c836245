public import TidemarkModel

extension AvayaChatService {
    /// Uploads a message's file, and the picture that stands for it (wire page §5): addresses for both in one call, then the bytes
    /// to the storage, streamed. Neither is seen by anybody before a message names them.
    ///
    /// Throws `.wrongIdentity`, `.tooLate`, `.tooLarge` (more than 1 GB) and `.fileUnusable` before any byte of the file leaves;
    /// a file that changes meanwhile is `.fileUnusable` too. Of a connection that breaks in the middle it throws `.unknown`: at
    /// worst the storage has a file that nobody will ever name. Cancelling ends the transfer.
    public func upload(
        _ delivery: Delivery, progress: @escaping @Sendable (Int64) -> Void
    ) async throws(ServiceError) -> Acceptance {
        guard case .upload(let file, let space) = delivery.action else { return try await perform(delivery) }
        let transfer = AvayaFileTransfer(exchange: exchange, identity: delivery.identity, deadline: delivery.deadline)
        let local = AvayaLocalFile(path: file.path, name: file.name, mediaType: file.contentType)
        let thumbnail = file.thumbnailPath.map { path in
            AvayaLocalFile(path: path, mediaType: file.thumbnailType ?? "application/octet-stream")
        }
        let attachment = try await transfer.upload(local, thumbnail, announced: file.size, in: space, progress: progress)
        return Acceptance(attachment: RemoteAttachment(attachment))
    }

    /// Fetches a file, whole or not at all: an address for it is asked for each time, kept nowhere, and asked for once more if
    /// the storage refuses it. The storage is told nothing of the user, and leads nowhere else.
    ///
    /// Throws `.notFound` for a file that the service doesn't have, `.tooLarge` for more than 1 GB, and `.fileUnusable` if it
    /// can't be written here.
    public func download(
        _ file: RemoteFileID, in conversation: RemoteConversationID, to path: String,
        progress: @escaping @Sendable (Int64) -> Void
    ) async throws(ServiceError) {
        try await AvayaFileTransfer(exchange: exchange).download(
            file.rawValue, to: path, maximumBytes: AvayaLimits.largestFile, progress: progress)
    }
}
