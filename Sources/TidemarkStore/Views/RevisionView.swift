internal import GRDB
public import TidemarkModel

/// What a message said before it was changed, as far as this store had seen it.
///
/// In the order of versions, whatever order they came in: an older one that is told late stands in its place and is never shown as the
/// text. A version that was changed again before it was read here is nowhere. Of a deleted message none is left, nor shown while a
/// delete is on its way, and of one that is changed again and again the newest fifty versions stay. Exported with its message, never
/// searched.
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
    /// Oldest first. Of versions that follow each other and say the same the newest stands for all.
    static func list(of row: MessageRow, _ db: Database) throws -> [RevisionView] {
        guard row.deletedAt == nil else { return [] }
        let versions = try Revisions.of(row.id, db)
        let following = versions.dropFirst().map(\.said) + [Revisions.Said(kind: row.kind, text: row.text)]
        return zip(versions, following).filter { $0.said != $1 }.map { version, _ in
            RevisionView(
                version: version.version, kind: MessageKind(rawValue: version.kind), text: version.text,
                editedAt: version.editedAt.map(Timestamp.init(milliseconds:)))
        }
    }
}
