internal import GRDB

/// A row of `account`.
struct AccountRow: Equatable {
    var id: Int64?
    var name: String
    var service: String
    var settings = "{}"
    var createdAt: Int64
    var stopReason: String?
    var backoffUntil: Int64 = 0
    var backoffStep = 0
    var serviceUntil: Int64 = 0
    var serviceStep = 0
    var listCursor: String?
    var listBegunStart: Int64?
    var listIsSweep = false
    var listDueAt: Int64 = 0
    var listDoneAt: Int64?
    var sweptAt: Int64?
    var listBegunServer: Int64?
    var listServer: Int64 = 0
    var contactAt: Int64?

    /// When both gates that hold all lanes are open.
    func gate(_ scope: Scope, _ moment: Moment) -> Int64 {
        max(Gate.backoff.opening(backoffUntil, scope, moment), Gate.service.opening(serviceUntil, scope, moment))
    }
}

/// A row of `lane`: a conversation's gates.
struct LaneRow: Equatable {
    var conversation: Int64
    var backoffUntil: Int64 = 0
    var backoffStep = 0
    var serviceUntil: Int64 = 0
    var serviceStep = 0
    var parkReason: String?

    static func of(_ conversation: Int64, _ db: Database) throws -> LaneRow {
        try fetchOne(db, cached: table.byKey, arguments: [conversation]) ?? LaneRow(conversation: conversation)
    }

    /// Writes it, whether the conversation had one or not.
    func save(_ db: Database) throws {
        guard try LaneRow.fetchOne(db, cached: Self.table.byKey, arguments: [conversation]) == nil else {
            return try update(db)
        }
        var row = self
        try row.insert(db)
    }

    /// When both gates are open.
    func gate(_ scope: Scope, _ moment: Moment) -> Int64 {
        max(Gate.backoff.opening(backoffUntil, scope, moment), Gate.service.opening(serviceUntil, scope, moment))
    }
}

/// A row of `attempt`.
struct AttemptRow: Equatable {
    var intent: Int64
    var number: Int
    var account: Int64
    var conversation: Int64
    var verb: String
    var identity: String?
    var generation: Int64
    var floor: Int64?
    var startNumber: Int64
    var target: String?
    var begunAt: Int64
    var begunMonotonic: Int64
    var deadline: Int64
    var endedAt: Int64?
    var outcome = "open"
    var status: Int?
    var code: String?
    var serverDate: Int64?
    var acknowledgedStart: Int64?
}
