internal import GRDB
internal import TidemarkModel

extension MessageStore {
    /// Writes a copy of the store without what anybody wrote, to hand to somebody who is to find out what is wrong with it.
    ///
    /// Ids, tokens, states, times, versions, counters, coverage and the journal stay as they are. Texts, topics, names of people and
    /// files, metadata and what the service said are gone or stand there by their size, and so are cursors, settings but for the
    /// endpoint, and digests that a short text could be guessed from. No byte of them is left in the file. Files are not copied.
    ///
    /// The copy appears under its name when it is whole, readable by its owner alone. As ``backup(to:)`` otherwise.
    public func bundle(to path: String) throws {
        try Self.checkFree(path)
        // A folder with nothing in it: no file goes along.
        try Self.copying(to: path, files: FileShelf(besides: nil)) { target in
            try connection.reading { writer in try writer.backup(to: target) }
            try target.writeWithoutTransaction { db in try TextRemoval.run(db) }
        }
    }
}

/// Takes out of a copy what people wrote. A column that is not known to hold none is emptied: one that comes with a later schema
/// is gone until somebody lets it stay.
struct TextRemoval {
    /// Columns of text that hold ids, names of this package's own, or times.
    static let staying: [String: Set<String>] = [
        "account": ["name", "service", "stopReason"],
        "attachment": ["remoteID", "contentType", "thumbnail", "copy", "thumbnailCopy"],
        "attempt": ["verb", "identity", "target", "outcome", "code"],
        "conversation": ["remoteID", "createdBy", "membership", "roomSID", "bottom"],
        "fileGone": ["name"],
        "identity": ["participant"],
        "intent": ["verb", "token", "state", "reason", "remoteTarget", "roomSID"],
        "journal": ["kind", "cause", "detail"],
        "lane": ["parkReason"],
        "lease": ["holder"],
        "message": ["remoteID", "kind", "sender", "deletedBy", "token", "editMarker", "initiator", "replyTo"],
        "packet": ["remoteID", "wireID", "change"],
        "participant": ["participant", "role"],
        "receipt": ["participant", "message"],
        "receivingSession": ["endReason"],
        "reject": ["subject", "remoteID", "reason", "decoder"],
        "revision": ["kind"],
        "setRead": ["kind", "members", "lastMembers"],
        "store": ["instance"],
        "tokenTombstone": ["token"],
        "tokenUse": ["token"],
    ]

    private static let size = "CASE WHEN \"%\" = '' THEN '' ELSE '(' || length(CAST(\"%\" AS BLOB)) || ' bytes)' END"

    /// What stands in a column that can't be empty, or says something by its size. `%` is the column.
    private static let replacements: [String: [String: String]] = [
        "account": [
            "settings": """
            CASE WHEN json_type(settings, '$.endpoint') = 'text'
                THEN json_object('endpoint', json_extract(settings, '$.endpoint')) ELSE '{}' END
            """
        ],
        "conversation": ["topic": size],
        "draft": ["text": size],
        "intent": ["body": "'{}'"],
        "message": ["text": size],
        // Both are part of a key.
        "packet": ["digest": "'number ' || number"],
        "reject": ["raw": "CAST(id AS BLOB)"],
        "revision": ["text": size],
        "tokenUse": ["digest": "''"],
    ]

    static func run(_ db: Database) throws {
        try db.execute(sql: "PRAGMA secure_delete = ON")
        try db.execute(sql: "PRAGMA foreign_keys = OFF")
        // Triggers act on what is changed, and indexes of words hold words: both are made anew, over what is left.
        let remade = try String.fetchAll(
            db, sql: "SELECT sql FROM sqlite_schema WHERE \(isRemade) ORDER BY type = 'trigger', rowid")
        let names: [(String, String)] = try Row.fetchAll(
            db, sql: "SELECT type, name FROM sqlite_schema WHERE \(isRemade) ORDER BY type = 'table', rowid"
        ).map { ($0[0], $0[1]) }
        for (type, name) in names { try db.execute(sql: "DROP \(type) \(quoted(name))") }
        try db.inTransaction {
            for (table, column, isRequired) in try columns(db) where staying[table]?.contains(column) != true {
                let value =
                    replacements[table]?[column]?.replacing("%", with: column) ?? (isRequired ? "''" : "NULL")
                try db.execute(
                    sql: "UPDATE \(quoted(table)) SET \(quoted(column)) = \(value) WHERE \(quoted(column)) IS NOT NULL")
            }
            return .commit
        }
        for sql in remade { try db.execute(sql: sql) }
        // What is shown of a message is its size now, and that is found: the index of a bundle is as sound as any.
        try db.inTransaction {
            try db.execute(sql: "DELETE FROM searchPending; INSERT INTO searchPending SELECT id FROM message WHERE text <> ''")
            try SearchIndex.catchUp(db)
            return .commit
        }
        try db.execute(sql: "VACUUM")
    }

    private static let isRemade = "type = 'trigger' OR type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE%'"

    /// Every column that can hold text or bytes.
    static func columns(_ db: Database) throws -> [(table: String, column: String, isRequired: Bool)] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT t.name, c.name, c."notnull" FROM sqlite_schema AS t JOIN pragma_table_info(t.name) AS c
                WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND c.type NOT IN ('INTEGER', 'REAL')
                ORDER BY t.name, c.cid
                """
        ).map { ($0[0], $0[1], $0[2]) }
    }

    private static func quoted(_ name: String) -> String {
        "\"\(name.replacing("\"", with: "\"\""))\""
    }
}
