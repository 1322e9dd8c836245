import TidemarkModel

extension AvayaAttachment {
    /// As a message is sent with it.
    init(_ attachment: RemoteAttachment) {
        self.init(
            fileID: attachment.file.rawValue, name: attachment.name, size: attachment.size,
            fileType: Self.fileType(of: attachment.contentType), mediaType: attachment.contentType,
            thumbnailFile: attachment.thumbnail?.rawValue)
    }
}

extension RemoteAttachment {
    /// In the engine's words, without the addresses, which are secrets. A size below nothing is none.
    init(_ attachment: AvayaAttachment) {
        self.init(
            file: RemoteFileID(attachment.fileID), name: attachment.name,
            size: attachment.size.flatMap { $0 < 0 ? nil : $0 }, contentType: attachment.mediaType,
            thumbnail: attachment.thumbnailFile.map { RemoteFileID($0) })
    }
}
