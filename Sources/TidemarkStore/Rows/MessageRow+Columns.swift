internal import GRDB

extension MessageRow: StoredRow {
    static let table = StoredTable(
        "message",
        columns: [
            "id", "conversation", "remoteID", "sort", "place", "version", "source", "sequence", "kind", "text", "sender",
            "senderName", "isOwn", "createdAt", "editedAt", "deletedAt", "deletedBy", "token", "tokenVersion", "editMarker",
            "metadata", "topic", "participants", "initiator", "serviceData", "isUnreadable", "seenStart",
            "attachments", "replyTo", "replyToLocal",
        ])

    init(_ columns: Columns) throws {
        try self.init(
            id: columns[0], conversation: columns[1], remoteID: columns[2], sort: columns[3], place: columns[4],
            version: columns[5], source: columns[6], sequence: columns[7], kind: columns[8], text: columns[9],
            sender: columns[10], senderName: columns[11], isOwn: columns[12], createdAt: columns[13], editedAt: columns[14],
            deletedAt: columns[15], deletedBy: columns[16], token: columns[17], tokenVersion: columns[18],
            editMarker: columns[19], metadata: columns[20], topic: columns[21], participants: columns[22],
            initiator: columns[23], serviceData: columns[24], isUnreadable: columns[25], seenStart: columns[26],
            attachments: columns[27],
            replyTo: columns[28], replyToLocal: columns[29])
    }

    var values: [DatabaseValue] {
        [
            id.databaseValue, conversation.databaseValue, remoteID.databaseValue, sort.databaseValue, place.databaseValue,
            version.databaseValue, source.databaseValue, sequence.databaseValue, kind.databaseValue, text.databaseValue,
            sender.databaseValue, senderName.databaseValue, isOwn.databaseValue, createdAt.databaseValue,
            editedAt.databaseValue, deletedAt.databaseValue, deletedBy.databaseValue, token.databaseValue,
            tokenVersion.databaseValue, editMarker.databaseValue, metadata.databaseValue, topic.databaseValue,
            participants.databaseValue, initiator.databaseValue, serviceData.databaseValue, isUnreadable.databaseValue,
            seenStart.databaseValue, attachments.databaseValue, replyTo.databaseValue, replyToLocal.databaseValue,
        ]
    }

    mutating func number(_ id: Int64) {
        self.id = id
    }
}
