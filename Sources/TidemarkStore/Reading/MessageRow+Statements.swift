internal import GRDB

/// Hand-written statements: a page has hundreds of messages, and each is looked up and written once.
extension MessageRow {
    private static let names = [
        "conversation", "remoteID", "sort", "place", "version", "source", "sequence", "kind", "text", "sender", "senderName",
        "isOwn", "createdAt", "editedAt", "deletedAt", "deletedBy", "token", "tokenVersion", "editMarker", "metadata", "topic",
        "participants", "initiator", "serviceData", "isUnreadable", "seenStart",
    ]
    private static let selection = "SELECT id, \(names.joined(separator: ", ")) FROM message"
    private static let insertion = """
        INSERT INTO message (\(names.joined(separator: ", "))) VALUES (\(names.map { _ in "?" }.joined(separator: ", ")))
        """
    private static let change = "UPDATE message SET \(names.map { "\($0) = ?" }.joined(separator: ", ")) WHERE id = ?"

    static func find(_ remoteID: String, in conversation: Int64, _ db: Database) throws -> MessageRow? {
        let statement = try db.cachedStatement(sql: "\(selection) WHERE conversation = ? AND remoteID = ?")
        return try Row.fetchOne(statement, arguments: [conversation, remoteID]).map(MessageRow.init(positions:))
    }

    static func find(id: Int64, _ db: Database) throws -> MessageRow? {
        let statement = try db.cachedStatement(sql: "\(selection) WHERE id = ?")
        return try Row.fetchOne(statement, arguments: [id]).map(MessageRow.init(positions:))
    }

    /// Writes the row, as little of it as changed.
    mutating func write(over old: MessageRow?, _ db: Database) throws {
        guard let id else {
            try db.cachedStatement(sql: Self.insertion).execute(arguments: StatementArguments(values))
            self.id = db.lastInsertedRowID
            return
        }
        if let old, old.id == id {
            var onlySeen = old
            onlySeen.seenStart = seenStart
            if onlySeen == self {
                guard old.seenStart != seenStart else { return }
                return try db.cachedStatement(sql: "UPDATE message SET seenStart = ? WHERE id = ?")
                    .execute(arguments: [seenStart, id])
            }
        }
        try db.cachedStatement(sql: Self.change).execute(arguments: StatementArguments(values + [id]))
    }

    private var values: [(any DatabaseValueConvertible)?] {
        [
            conversation, remoteID, sort, place, version, source, sequence, kind, text, sender, senderName, isOwn, createdAt,
            editedAt, deletedAt, deletedBy, token, tokenVersion, editMarker, metadata, topic, participants, initiator,
            serviceData, isUnreadable, seenStart,
        ]
    }

    private init(positions row: Row) {
        self.init(
            id: row[0], conversation: row[1], remoteID: row[2], sort: row[3], place: row[4], version: row[5], source: row[6],
            sequence: row[7], kind: row[8], text: row[9], sender: row[10], senderName: row[11], isOwn: row[12],
            createdAt: row[13], editedAt: row[14], deletedAt: row[15], deletedBy: row[16], token: row[17],
            tokenVersion: row[18], editMarker: row[19], metadata: row[20], topic: row[21], participants: row[22],
            initiator: row[23], serviceData: row[24], isUnreadable: row[25], seenStart: row[26])
    }
}
