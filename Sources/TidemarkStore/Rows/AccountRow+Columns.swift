internal import GRDB

extension AccountRow: StoredRow {
    static let table = StoredTable(
        "account",
        columns: [
            "id", "name", "service", "settings", "createdAt", "stopReason", "backoffUntil", "backoffStep", "serviceUntil",
            "serviceStep", "listCursor", "listBegunStart", "listIsSweep", "listDueAt", "listDoneAt", "sweptAt",
            "listBegunServer", "listServer", "contactAt",
        ])

    init(_ columns: Columns) throws {
        try self.init(
            id: columns[0], name: columns[1], service: columns[2], settings: columns[3], createdAt: columns[4],
            stopReason: columns[5], backoffUntil: columns[6], backoffStep: columns[7], serviceUntil: columns[8],
            serviceStep: columns[9], listCursor: columns[10], listBegunStart: columns[11], listIsSweep: columns[12],
            listDueAt: columns[13], listDoneAt: columns[14], sweptAt: columns[15], listBegunServer: columns[16],
            listServer: columns[17], contactAt: columns[18])
    }

    var values: [DatabaseValue] {
        [
            id.databaseValue, name.databaseValue, service.databaseValue, settings.databaseValue, createdAt.databaseValue,
            stopReason.databaseValue, backoffUntil.databaseValue, backoffStep.databaseValue, serviceUntil.databaseValue,
            serviceStep.databaseValue, listCursor.databaseValue, listBegunStart.databaseValue, listIsSweep.databaseValue,
            listDueAt.databaseValue, listDoneAt.databaseValue, sweptAt.databaseValue, listBegunServer.databaseValue,
            listServer.databaseValue, contactAt.databaseValue,
        ]
    }

    mutating func number(_ id: Int64) {
        self.id = id
    }
}

extension LaneRow: StoredRow {
    static let table = StoredTable(
        "lane",
        columns: [
            "conversation", "backoffUntil", "backoffStep", "serviceUntil", "serviceStep", "parkReason",
        ])

    init(_ columns: Columns) throws {
        try self.init(
            conversation: columns[0], backoffUntil: columns[1], backoffStep: columns[2], serviceUntil: columns[3],
            serviceStep: columns[4], parkReason: columns[5])
    }

    var values: [DatabaseValue] {
        [
            conversation.databaseValue, backoffUntil.databaseValue, backoffStep.databaseValue, serviceUntil.databaseValue,
            serviceStep.databaseValue, parkReason.databaseValue,
        ]
    }
}

extension AttemptRow: StoredRow {
    static let table = StoredTable(
        "attempt", keys: 2,
        columns: [
            "intent", "number", "account", "conversation", "verb", "identity", "generation", "floor", "startNumber", "target",
            "begunAt", "begunMonotonic", "deadline", "endedAt", "outcome", "status", "code", "serverDate", "acknowledgedStart",
        ])

    init(_ columns: Columns) throws {
        try self.init(
            intent: columns[0], number: columns[1], account: columns[2], conversation: columns[3], verb: columns[4],
            identity: columns[5], generation: columns[6], floor: columns[7], startNumber: columns[8], target: columns[9],
            begunAt: columns[10], begunMonotonic: columns[11], deadline: columns[12], endedAt: columns[13],
            outcome: columns[14], status: columns[15], code: columns[16], serverDate: columns[17],
            acknowledgedStart: columns[18])
    }

    var values: [DatabaseValue] {
        [
            intent.databaseValue, number.databaseValue, account.databaseValue, conversation.databaseValue, verb.databaseValue,
            identity.databaseValue, generation.databaseValue, floor.databaseValue, startNumber.databaseValue,
            target.databaseValue, begunAt.databaseValue, begunMonotonic.databaseValue, deadline.databaseValue,
            endedAt.databaseValue, outcome.databaseValue, status.databaseValue, code.databaseValue, serverDate.databaseValue,
            acknowledgedStart.databaseValue,
        ]
    }
}
