internal import Foundation

/// A file that is to go with a message.
public struct FileToSend: Hashable, Sendable {
    /// Where it is now. It is read before the call returns, and not again: it may be changed or deleted after that.
    public var path: String
    /// What it is called; by default the last part of its path.
    public var name: String
    /// A MIME type.
    public var contentType: String
    /// A small picture of it, sent along where the service takes one.
    public var thumbnailPath: String?
    public var thumbnailType: String

    public init(
        path: String, name: String? = nil, contentType: String = "application/octet-stream", thumbnailPath: String? = nil,
        thumbnailType: String = "image/jpeg"
    ) {
        self.path = path
        self.name = name ?? (path as NSString).lastPathComponent
        self.contentType = contentType
        self.thumbnailPath = thumbnailPath
        self.thumbnailType = thumbnailType
    }
}

/// A file whose bytes the store has: a copy of its own, synced to the disk.
package struct KeptFile: Hashable, Sendable {
    /// The copy's name in the folder of files.
    package var copy: String
    package var name: String
    package var contentType: String
    package var size: Int64
    /// Of the bytes.
    package var digest: String
    package var thumbnailCopy: String?
    package var thumbnailType: String?
    package var thumbnailDigest: String?

    package init(
        copy: String, name: String, contentType: String, size: Int64, digest: String, thumbnailCopy: String? = nil,
        thumbnailType: String? = nil, thumbnailDigest: String? = nil
    ) {
        self.copy = copy
        self.name = name
        self.contentType = contentType
        self.size = size
        self.digest = digest
        self.thumbnailCopy = thumbnailCopy
        self.thumbnailType = thumbnailType
        self.thumbnailDigest = thumbnailDigest
    }

    /// What makes the same file the same wish: not where it came from, nor the name of the copy.
    var identity: String {
        "\(name)\n\(contentType)\n\(size)\n\(digest)\n\(thumbnailDigest ?? "")\n\(thumbnailType ?? "")"
    }
}
