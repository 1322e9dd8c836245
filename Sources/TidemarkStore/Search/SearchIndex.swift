internal import GRDB
internal import TidemarkModel

/// Keeps the index of words at what views show. Triggers note which messages changed; here they are looked at, once for each
/// transaction, however often one of them changed in it.
enum SearchIndex {
    /// How many messages are looked at together.
    private static let batch = 500

    /// Tables that SQLite makes for the index. They are no part of the store's own rows.
    static func isDerived(column: String) -> String {
        "(\(column) = 'search' OR \(column) LIKE 'search\\_%' ESCAPE '\\' OR \(column) = 'searchPending')"
    }

    /// As ``catchUp(_:)``, at the end of a transaction of a file. An index that is damaged stands in the way of nothing: what changed
    /// stays noted until a repair made the index anew, and `verify` says so.
    static func follow(_ db: Database) throws {
        do {
            try catchUp(db)
        } catch let error as DatabaseError where error.isOfIndex {}
    }

    /// Takes in what changed. Stores in memory leave it until somebody searches.
    static func catchUp(_ db: Database) throws {
        while true {
            let changed: [Int64] = try db.all(
                "SELECT message FROM searchPending ORDER BY message LIMIT \(batch)", []
            ) { try $0[0] }
            guard let last = changed.last else { return }
            try take(changed, db)
            try db.execute(cached: "DELETE FROM searchPending WHERE message <= ?", arguments: [last])
        }
    }

    /// Forgets all, as after the tables it is made of were emptied.
    static func empty(_ db: Database) throws {
        let isEmpty = try Bool.fetchOne(db, cached: "SELECT NOT EXISTS (SELECT 1 FROM search)")
        if isEmpty == false { try db.execute(cached: "DELETE FROM search") }
        try db.execute(cached: "DELETE FROM searchPending")
    }

    /// Leaves nothing of the words of what is gone, which stand in the index until it happens to be merged.
    static func forget(_ db: Database) throws {
        try catchUp(db)
        do {
            try db.execute(cached: "INSERT INTO search (search) VALUES ('optimize')")
        } catch let error as DatabaseError where error.isOfIndex {
            try rebuild(db)
        }
    }

    /// Makes the index anew from the words that are noted beside it.
    static func rebuild(_ db: Database) throws {
        try db.execute(cached: "INSERT INTO search (search) VALUES ('rebuild')")
    }

    private static func take(_ changed: [Int64], _ db: Database) throws {
        // What is done to one copy of a send is done to all that are shown as one (R5).
        let copies = try Fold.copies(of: changed, db).values.flatMap { $0 }
        let messages = copies.isEmpty ? changed : Set(changed + copies).sorted()
        let shown = try words(of: messages, db)
        for message in messages {
            try db.execute(cached: "DELETE FROM search WHERE rowid = ?", arguments: [message])
            guard let words = shown[message] else { continue }
            try db.execute(cached: "INSERT INTO search (rowid, text) VALUES (?, ?)", arguments: [message, words])
        }
    }

    /// What a search finds of messages, of those of which it finds something.
    static func words(of messages: [Int64], _ db: Database) throws -> [Int64: String] {
        let rows = try MessageRow.fetchAll(
            db, cached: "\(MessageRow.selection) WHERE id IN (SELECT value FROM json_each(?))", arguments: [messages.jsonArray])
        return try words(of: rows, db)
    }

    static func words(of rows: [MessageRow], _ db: Database) throws -> [Int64: String] {
        let copies = try Fold.copies(of: rows.filter { $0.token != nil }.compactMap(\.id), db)
        let intents = try OpenIntent.onMessages(rows.compactMap(\.id) + copies.values.flatMap { $0 }, db)
        return rows.reduce(into: [:]) { words, row in
            guard let id = row.id else { return }
            words[id] = self.words(of: row, under: ([id] + (copies[id] ?? [])).flatMap { intents[$0] ?? [] })
        }
    }

    /// What a search finds of a message: what the view shows of it. `nil`: nothing.
    private static func words(of row: MessageRow, under intents: [OpenIntent]) -> String? {
        guard row.sort != nil, row.deletedAt == nil, !row.isUnreadable else { return nil }
        guard row.kind.map({ MessageKind(rawValue: $0).isUserKind }) ?? true else { return nil }
        var text = row.text ?? ""
        for intent in intents.sorted(by: { $0.id < $1.id }) where intent.isShown {
            switch intent.row.verb {
            case .delete: return nil
            case .edit:
                guard let body = try? intent.row.decodedBody else { continue }
                text = body.text ?? body.message?.text ?? text
            default: continue
            }
        }
        let plain = row.kind == MessageKind.html.rawValue ? PlainHTML.text(text) : text
        return plain.isEmpty ? nil : SearchWords.spaced(plain)
    }
}

extension DatabaseError {
    /// It is about what SQLite keeps for a virtual table, and about nothing else in the file.
    fileprivate var isOfIndex: Bool { extendedResultCode == .SQLITE_CORRUPT_VTAB }
}
