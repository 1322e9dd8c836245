internal import GRDB

extension SetReadRow: StoredRow {
    static let table = StoredTable(
        "setRead", keys: 2,
        columns: [
            "conversation", "kind", "isStale", "dueAt", "cursor", "skip", "members", "begunStart", "lastMembers", "lastStart",
        ])

    init(_ columns: Columns) throws {
        try self.init(
            conversation: columns[0], kind: columns[1], isStale: columns[2], dueAt: columns[3], cursor: columns[4],
            skip: columns[5], members: columns[6], begunStart: columns[7], lastMembers: columns[8], lastStart: columns[9])
    }

    var values: [DatabaseValue] {
        [
            conversation.databaseValue, kind.databaseValue, isStale.databaseValue, dueAt.databaseValue, cursor.databaseValue,
            skip.databaseValue, members.databaseValue, begunStart.databaseValue, lastMembers.databaseValue,
            lastStart.databaseValue,
        ]
    }
}
