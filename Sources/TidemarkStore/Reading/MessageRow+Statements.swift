internal import GRDB

extension MessageRow {
    /// The columns of `message AS m`.
    static let columnsOfM = table.columns(of: "m")

    private static let byRemoteID = SQLText(once: "\(selection) WHERE conversation = ? AND remoteID = ?")
    private static let change = SQLText(
        once: "UPDATE message SET \(table.columns.map { "\($0) = ?" }.joined(separator: ", ")) WHERE id = ?")

    static func find(_ remoteID: String, in conversation: Int64, _ db: Database) throws -> MessageRow? {
        try fetchOne(db, cached: byRemoteID, arguments: [conversation, remoteID])
    }

    static func find(id: Int64, _ db: Database) throws -> MessageRow? {
        try fetchOne(db, id: id)
    }

    /// Writes the row, as little of it as changed.
    mutating func write(over old: MessageRow?, _ db: Database) throws {
        guard let id else { return try insert(db) }
        if let old, old.id == id {
            var onlySeen = old
            onlySeen.seenStart = seenStart
            if onlySeen == self {
                guard old.seenStart != seenStart else { return }
                return try db.execute(
                    cached: "UPDATE message SET seenStart = ? WHERE id = ?", arguments: [seenStart, id])
            }
        }
        // The service says what changes: one statement for all of it, not one for each set of columns.
        try db.execute(cached: Self.change, arguments: Arguments(values + [id.databaseValue]))
    }
}
