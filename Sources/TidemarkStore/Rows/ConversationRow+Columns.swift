internal import GRDB

extension ConversationRow: StoredRow {
    static let table = StoredTable(
        "conversation",
        columns: [
            "id", "account", "remoteID", "topic", "topicVersion", "createdAt", "createdBy", "lastMessageAt", "deletedAt",
            "membership", "listedHash", "roomSID", "serviceData", "windowLow", "windowLowTime", "windowHigh", "windowHighTime",
            "bottom", "walkCursor", "walkHigh", "walkHighTime", "walkLow", "walkLowTime", "walkBegunStart", "walkBegunAt",
            "walkBegunServer", "walkIsUnbroken", "walkPages", "backfillCursor", "backfillIsDone", "backfillPages",
            "closedStart", "closedAt", "closedServer", "walkWanted", "walkNotBefore", "walkDueAt", "closingIsDue",
            "detailsAreStale", "readsNotBefore", "readsStep", "readsServiceUntil", "localHorizon", "remoteHorizon", "unread",
        ])

    init(_ columns: Columns) throws {
        try self.init(
            id: columns[0], account: columns[1], remoteID: columns[2], topic: columns[3], topicVersion: columns[4],
            createdAt: columns[5], createdBy: columns[6], lastMessageAt: columns[7], deletedAt: columns[8],
            membership: columns[9], listedHash: columns[10], roomSID: columns[11], serviceData: columns[12],
            windowLow: columns[13], windowLowTime: columns[14], windowHigh: columns[15], windowHighTime: columns[16],
            bottom: columns[17], walkCursor: columns[18], walkHigh: columns[19], walkHighTime: columns[20],
            walkLow: columns[21], walkLowTime: columns[22], walkBegunStart: columns[23], walkBegunAt: columns[24],
            walkBegunServer: columns[25], walkIsUnbroken: columns[26], walkPages: columns[27], backfillCursor: columns[28],
            backfillIsDone: columns[29], backfillPages: columns[30], closedStart: columns[31], closedAt: columns[32],
            closedServer: columns[33], walkWanted: columns[34], walkNotBefore: columns[35], walkDueAt: columns[36],
            closingIsDue: columns[37], detailsAreStale: columns[38], readsNotBefore: columns[39], readsStep: columns[40],
            readsServiceUntil: columns[41], localHorizon: columns[42], remoteHorizon: columns[43], unread: columns[44])
    }

    var values: [DatabaseValue] {
        [
            id.databaseValue, account.databaseValue, remoteID.databaseValue, topic.databaseValue, topicVersion.databaseValue,
            createdAt.databaseValue, createdBy.databaseValue, lastMessageAt.databaseValue, deletedAt.databaseValue,
            membership.databaseValue, listedHash.databaseValue, roomSID.databaseValue, serviceData.databaseValue,
            windowLow.databaseValue, windowLowTime.databaseValue, windowHigh.databaseValue, windowHighTime.databaseValue,
            bottom.databaseValue, walkCursor.databaseValue, walkHigh.databaseValue, walkHighTime.databaseValue,
            walkLow.databaseValue, walkLowTime.databaseValue, walkBegunStart.databaseValue, walkBegunAt.databaseValue,
            walkBegunServer.databaseValue, walkIsUnbroken.databaseValue, walkPages.databaseValue, backfillCursor.databaseValue,
            backfillIsDone.databaseValue, backfillPages.databaseValue, closedStart.databaseValue, closedAt.databaseValue,
            closedServer.databaseValue, walkWanted.databaseValue, walkNotBefore.databaseValue, walkDueAt.databaseValue,
            closingIsDue.databaseValue, detailsAreStale.databaseValue, readsNotBefore.databaseValue, readsStep.databaseValue,
            readsServiceUntil.databaseValue, localHorizon.databaseValue, remoteHorizon.databaseValue, unread.databaseValue,
        ]
    }

    mutating func number(_ id: Int64) {
        self.id = id
    }
}
