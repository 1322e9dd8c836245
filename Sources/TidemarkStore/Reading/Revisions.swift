internal import GRDB
internal import TidemarkModel

/// Versions of a message that come when a newer one is known: they change nothing that is shown, and are kept where they belong in the
/// order of versions. What a newer version takes the place of is kept by a trigger. So the order in which versions come makes no
/// difference (P5).
enum Revisions {
    /// Of each message the newest of them.
    static let most = 50

    /// `row`: the message as it is by now. `rank`: of two that say different things of one version the greater one's counts. Tells
    /// whether it was new.
    @discardableResult
    static func keep(
        _ remote: RemoteMessage, rank: Int64, in row: MessageRow, over old: MessageRow?, _ db: Database
    ) throws -> Bool {
        let version = Merge.effectiveVersion(of: remote)
        guard let known = old?.version, version < known, remote.deletedAt == nil, let text = remote.text else { return false }
        let late = Version(
            version: version, kind: remote.kind?.rawValue ?? row.kind ?? MessageKind.text.rawValue, text: text,
            editedAt: remote.editedAt?.milliseconds)
        return try insert([late], rank: rank, in: row, db)
    }

    /// Takes older versions in. Tells whether there was anything new among them.
    @discardableResult
    static func insert(_ versions: [Version], rank: Int64, in row: MessageRow, _ db: Database) throws -> Bool {
        // Of what is deleted nothing is kept, whatever comes when.
        guard let id = row.id, let current = row.version, row.deletedAt == nil else { return false }
        var isNew = false
        for late in versions where late.version < current && !late.text.isEmpty {
            let known = try db.first(
                "SELECT rank, text FROM revision WHERE message = ? AND version = ?", [id, late.version]
            ) { try (rank: $0[0] as Int64, text: $0[1] as String) }
            if let known, (known.rank, known.text) >= (rank, late.text) { continue }
            try db.execute(
                cached: """
                    INSERT OR REPLACE INTO revision (message, version, kind, text, editedAt, rank) VALUES (?, ?, ?, ?, ?, ?)
                    """, arguments: [id, late.version, late.kind, late.text, late.editedAt, rank])
            isNew = isNew || known?.text != late.text
        }
        guard isNew else { return false }
        try db.execute(
            cached: """
                DELETE FROM revision WHERE message = ?1 AND version <= (
                    SELECT version FROM revision WHERE message = ?1 ORDER BY version DESC LIMIT 1 OFFSET ?2)
                """, arguments: [id, most])
        return true
    }

    /// All that are kept of a message, oldest first.
    static func of(_ message: Int64?, _ db: Database) throws -> [Version] {
        try db.all(
            "SELECT version, kind, text, editedAt FROM revision WHERE message = ? ORDER BY version", [message]
        ) { try Version(version: $0[0], kind: $0[1], text: $0[2], editedAt: $0[3]) }
    }

    /// What a message said in one of its versions; as a line of an export says it, too.
    struct Version: Codable, Hashable {
        var version: Int64
        var kind: String
        var text: String
        /// When it came to be by an edit, in milliseconds since 1970.
        var editedAt: Int64?

        var said: Said { Said(kind: kind, text: text) }
    }

    /// What a reader sees of a version.
    struct Said: Hashable {
        var kind: String?
        var text: String?
    }
}
