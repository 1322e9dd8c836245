internal import GRDB

/// A row of `conversation`. The columns are explained in the schema.
struct ConversationRow: Equatable {
    var id: Int64?
    var account: Int64
    var remoteID: String?
    var topic = ""
    var topicVersion: Int64 = -1
    var createdAt: Int64?
    var createdBy: String?
    var lastMessageAt: Int64?
    var deletedAt: Int64?
    var membership = "member"
    var listedHash: Int64?
    var roomSID: String?
    var serviceData: String?
    var windowLow: Int64?
    var windowLowTime: Int64?
    var windowHigh: Int64?
    var windowHighTime: Int64?
    var bottom: String?
    var walkCursor: String?
    var walkHigh: Int64?
    var walkHighTime: Int64?
    var walkLow: Int64?
    var walkLowTime: Int64?
    var walkBegunStart: Int64?
    var walkBegunAt: Int64?
    var walkBegunServer: Int64?
    var walkIsUnbroken = true
    var walkPages = 0
    var backfillCursor: String?
    var backfillIsDone = false
    var backfillPages = 0
    var closedStart: Int64 = -1
    var closedAt: Int64 = 0
    var closedServer: Int64 = 0
    var walkWanted: Int64 = 0
    var walkNotBefore: Int64 = 0
    var walkDueAt: Int64 = 0
    var closingIsDue = false
    var detailsAreStale = false
    var readsNotBefore: Int64 = 0
    var readsStep = 0
    var readsServiceUntil: Int64 = 0
    var localHorizon: Int64 = -1
    var remoteHorizon: Int64 = -1
    var unread: Int64 = 0
}
