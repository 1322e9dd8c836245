import TidemarkModel

/// A file of a message: `content.data[]` (wire page §4).
public struct AvayaAttachment: Hashable, Sendable {
    /// The `fileKey` of its upload: unique, and known before the message is sent.
    public var fileID: String
    public var name: String?
    public var size: Int64?
    /// `image`, `video`, `audio` or `document`.
    public var fileType: String?
    /// The MIME type.
    public var mediaType: String?
    public var provider: String
    public var thumbnailFile: String?
    public var icon: String?
    /// Where it can be fetched for a while: a signed address, which is a secret. A later one is asked for by its `fileID`.
    public var path: String?
    public var previewFile: String?
    public var thumbnail: String?

    public init(
        fileID: String, name: String? = nil, size: Int64? = nil, fileType: String? = nil, mediaType: String? = nil,
        provider: String = "native", thumbnailFile: String? = nil, icon: String? = nil
    ) {
        self.fileID = fileID
        self.name = name
        self.size = size
        self.fileType = fileType
        self.mediaType = mediaType
        self.provider = provider
        self.thumbnailFile = thumbnailFile
        self.icon = icon
    }
}

extension AvayaAttachment {
    init?(json: JSONValue) {
        guard let id = json.words("fileId") else { return nil }
        self.init(
            fileID: id, name: json.words("name"), size: json["fileSize"]?.integer, fileType: json.words("fileType"),
            mediaType: json.words("providerFileType"), provider: json.words("provider") ?? "native",
            thumbnailFile: json.words("thumbnailFile"), icon: json.words("icon"))
        path = json.words("path")
        previewFile = json.words("previewFile")
        thumbnail = json.words("thumbnail")
    }

    /// As it is sent: without the addresses, which the service signs anew at each reading.
    var json: JSONValue {
        .object(of: [
            "fileId": .string(fileID), "fileSize": size.map { .number(String($0)) }, "fileType": fileType.map { .string($0) },
            "icon": icon.map { .string($0) }, "name": name.map { .string($0) }, "provider": .string(provider),
            "providerFileType": mediaType.map { .string($0) }, "thumbnailFile": thumbnailFile.map { .string($0) },
        ])
    }
}
