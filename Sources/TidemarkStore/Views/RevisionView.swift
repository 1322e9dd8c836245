internal import GRDB
public import TidemarkModel

/// What a message said before it was changed, as far as this store had seen it.
///
/// A version that was changed again before it was read here is nowhere. Of a deleted message none is left, and of one that is changed
/// again and again the newest fifty stay.
public struct RevisionView: Hashable, Sendable, Identifiable {
    /// The service's version.
    public var version: Int64
    public var id: Int64 { version }
    public var kind: MessageKind
    public var text: String
    /// When it came to be by an edit; `nil`: it is what was sent.
    public var editedAt: Timestamp?

    /// ``text`` as lines of words, as ``TimelineEntry/plainText``.
    public var plainText: String { kind == .html ? PlainHTML.text(text) : text }
}

extension RevisionView {
    /// Oldest first.
    static func list(_ message: Int64, _ db: Database) throws -> [RevisionView] {
        try db.all(
            "SELECT version, kind, text, editedAt FROM revision WHERE message = ? ORDER BY version", [message]
        ) { row in
            let editedAt: Int64? = try row[3]
            return RevisionView(
                version: try row[0], kind: MessageKind(rawValue: try row[1]), text: try row[2],
                editedAt: editedAt.map(Timestamp.init(milliseconds:)))
        }
    }
}
