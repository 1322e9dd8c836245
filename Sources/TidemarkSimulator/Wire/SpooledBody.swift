package import HTTPTypes
internal import TidemarkModel

/// A body that is too large to be held: the server has it in a file, and simulator and server speak of it by these fields.
///
/// They never come from, or go to, a client: the server takes them out of what arrives and acts on them in what leaves.
package struct SpooledBody: Hashable, Sendable {
    package var path: String
    package var bytes: Int64

    package init(path: String, bytes: Int64) {
        self.path = path
        self.bytes = bytes
    }

    package init?(in fields: HTTPFields) {
        guard let path = fields[.spooledPath], let bytes = fields[.spooledBytes].flatMap({ Int64($0) }) else { return nil }
        self.init(path: path, bytes: bytes)
    }

    var fields: [(HTTPField.Name, String)] { [(.spooledPath, path), (.spooledBytes, String(bytes))] }

    /// The fields with these instead of any that are there.
    package func added(to fields: HTTPFields) -> HTTPFields {
        var added = Self.removed(from: fields)
        for (name, value) in self.fields { added[name] = value }
        return added
    }

    package static func removed(from fields: HTTPFields) -> HTTPFields {
        var fields = fields
        fields[.spooledPath] = nil
        fields[.spooledBytes] = nil
        return fields
    }
}

extension HTTPField.Name {
    fileprivate static let spooledPath = Self.literal("tidemark-spooled-path")
    fileprivate static let spooledBytes = Self.literal("tidemark-spooled-bytes")
}
