/// A file of a message as the service tells of it.
///
/// The addresses under which a service hands files out are signed and run out: they are asked for when a file is fetched, and
/// nothing keeps them.
public struct RemoteAttachment: Hashable, Sendable, Codable {
    public var file: RemoteFileID
    /// As whoever sent it named it. It comes from the wire: no path is ever made of it.
    public var name: String?
    /// Bytes.
    public var size: Int64?
    /// A MIME type.
    public var contentType: String?
    /// A small picture of it, a file of its own.
    public var thumbnail: RemoteFileID?

    public init(
        file: RemoteFileID, name: String? = nil, size: Int64? = nil, contentType: String? = nil, thumbnail: RemoteFileID? = nil
    ) {
        self.file = file
        self.name = name
        self.size = size
        self.contentType = contentType
        self.thumbnail = thumbnail
    }
}

/// A file that an upload sends.
public struct OutgoingFile: Hashable, Sendable, Codable {
    /// The store's own copy: whoever attached the file may change or delete theirs.
    public var path: String
    public var name: String
    /// A MIME type.
    public var contentType: String
    /// Bytes.
    public var size: Int64
    /// The store's own copy of a small picture, sent as a second file.
    public var thumbnailPath: String?
    public var thumbnailType: String?

    public init(
        path: String, name: String, contentType: String, size: Int64, thumbnailPath: String? = nil, thumbnailType: String? = nil
    ) {
        self.path = path
        self.name = name
        self.contentType = contentType
        self.size = size
        self.thumbnailPath = thumbnailPath
        self.thumbnailType = thumbnailType
    }
}

/// What a service takes of files.
public struct AttachmentTraits: Hashable, Sendable {
    /// Of one file.
    public var maximumBytes: Int64
    public var maximumPerMessage: Int
    /// Whether the key of a file comes back in listings, in the message that it was sent with. It is known before the send and
    /// belongs to nothing else, so that it tells a send of which no answer came (wire page of Avaya, §7).
    public var identifySends: Bool

    public init(maximumBytes: Int64, maximumPerMessage: Int, identifySends: Bool = false) {
        self.maximumBytes = maximumBytes
        self.maximumPerMessage = maximumPerMessage
        self.identifySends = identifySends
    }
}

// MARK: - JSON

// Most messages have no files, and what was written before there were any has no key for them: an empty list is left out. The
// synthesised coding of the types that hold such a list finds these.

extension KeyedEncodingContainer {
    mutating func encode(_ attachments: [RemoteAttachment], forKey key: Key) throws {
        try encodeIfPresent(attachments.isEmpty ? nil : attachments, forKey: key)
    }
}

extension KeyedDecodingContainer {
    func decode(_ type: [RemoteAttachment].Type, forKey key: Key) throws -> [RemoteAttachment] {
        try decodeIfPresent(type, forKey: key) ?? []
    }
}
