internal import GRDB
internal import TidemarkModel

/// One transaction in which something observed is applied: merge, cursor and coverage together.
struct Reading {
    let scope: Scope
    let moment: Moment
    let db: Database
    /// The user ids that are the account (R13).
    let identities: Set<String>
    /// Without an intent there is nothing that an observation could settle.
    let hasIntents: Bool
    var report = ApplyReport()
    /// Whose views may look different afterwards.
    var touched = Touched.everything
    /// What is read now was asked for alone: lists may lag, and it may not.
    var isOfOne = false
    /// The earliest version of those that this observation changed something to.
    var earliestChange = Int64.max
    /// Conversations in which something changed that counts as unread.
    private(set) var recounts: Set<Int64> = []

    init(_ scope: Scope, _ moment: Moment, _ db: Database) throws {
        self.scope = scope
        self.moment = moment
        self.db = db
        identities = Set(
            try String.fetchAll(db, cached: "SELECT participant FROM identity WHERE account = ?", arguments: [scope.account]))
        hasIntents =
            try Bool.fetchOne(db, cached: "SELECT EXISTS (SELECT 1 FROM intent WHERE account = ?)", arguments: [scope.account])
            ?? false
    }

    var now: Int64 { moment.now.milliseconds }

    mutating func recount(_ conversation: Int64) {
        recounts.insert(conversation)
    }

    /// What every observation ends with.
    mutating func finish() throws {
        for conversation in recounts.sorted() { try Unread.recount(conversation, db) }
        recounts = []
    }

    /// The service answered: the way is free (P9). What the service itself asked to wait for stays.
    func noteSuccess(of read: PlannedRead) throws {
        try db.execute(
            cached: "UPDATE account SET backoffUntil = 0, backoffStep = 0, serviceStep = 0, contactAt = ? WHERE id = ?",
            arguments: [now, scope.account])
        // A walk may be answered and stand still: it tells itself. A wait that began meanwhile is news to this answer.
        if let conversation = read.conversation, read.purpose != .catchUp, read.purpose != .backfill {
            try db.execute(
                cached: """
                    UPDATE conversation SET readsNotBefore = 0, readsStep = 0
                    WHERE id = ? AND readsStep > 0 AND readsNotBefore <= ?
                    """, arguments: [conversation.number, read.begunAt.milliseconds])
        }
    }

    func conversation(_ id: ConversationID) throws -> ConversationRow? {
        try ConversationRow.fetchOne(db, id: id.number)
    }

    /// The row of a conversation, made when it is heard of for the first time.
    mutating func conversationRow(_ remote: RemoteConversationID) throws -> Int64 {
        if let known = try findConversation(remote) { return known }
        return try insertConversation(RemoteConversation(id: remote))
    }

    func findConversation(_ remote: RemoteConversationID) throws -> Int64? {
        try Int64.fetchOne(
            db, cached: "SELECT id FROM conversation WHERE account = ? AND remoteID = ?",
            arguments: [scope.account, remote.rawValue])
    }
}
