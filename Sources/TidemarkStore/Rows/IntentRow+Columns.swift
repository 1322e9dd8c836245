internal import GRDB
internal import TidemarkModel

extension IntentRow: StoredRow {
    static let table = StoredTable(
        "intent",
        columns: [
            "id", "account", "conversation", "message", "verb", "token", "body", "state", "createdAt", "isFrozen",
            "mayHaveLanded", "attempts", "failures", "notBefore", "reason", "detail", "asks", "isSkipped", "parent",
            "baseVersion", "floor", "doubtStart", "quarantineUntil", "firstAttemptAt", "acknowledgedAt", "acknowledgedStart",
            "isOverlaid", "confirmAt", "settledAt", "remoteTarget", "failuresByTarget", "roomSID",
        ])

    init(_ columns: Columns) throws {
        try self.init(
            id: columns[0], account: columns[1], conversation: columns[2], message: columns[3], verb: columns[word: 4],
            token: columns[5], body: columns[6], state: columns[word: 7], createdAt: columns[8], isFrozen: columns[9],
            mayHaveLanded: columns[10], attempts: columns[11], failures: columns[12], notBefore: columns[13],
            reason: columns[14], detail: columns[15], asks: columns[16], isSkipped: columns[17], parent: columns[18],
            baseVersion: columns[19], floor: columns[20], doubtStart: columns[21], quarantineUntil: columns[22],
            firstAttemptAt: columns[23], acknowledgedAt: columns[24], acknowledgedStart: columns[25], isOverlaid: columns[26],
            confirmAt: columns[27], settledAt: columns[28], remoteTarget: columns[29], failuresByTarget: columns[30],
            roomSID: columns[31])
    }

    var values: [DatabaseValue] {
        [
            id.databaseValue, account.databaseValue, conversation.databaseValue, message.databaseValue,
            verb.rawValue.databaseValue, token.databaseValue, body.databaseValue, state.rawValue.databaseValue,
            createdAt.databaseValue, isFrozen.databaseValue, mayHaveLanded.databaseValue, attempts.databaseValue,
            failures.databaseValue, notBefore.databaseValue, reason.databaseValue, detail.databaseValue, asks.databaseValue,
            isSkipped.databaseValue, parent.databaseValue, baseVersion.databaseValue, floor.databaseValue,
            doubtStart.databaseValue, quarantineUntil.databaseValue, firstAttemptAt.databaseValue, acknowledgedAt.databaseValue,
            acknowledgedStart.databaseValue, isOverlaid.databaseValue, confirmAt.databaseValue, settledAt.databaseValue,
            remoteTarget.databaseValue, failuresByTarget.databaseValue, roomSID.databaseValue,
        ]
    }

    mutating func number(_ id: Int64) {
        self.id = id
    }
}
