internal import GRDB
internal import TidemarkModel

/// Looking again at what can't be told yet: later and later, and never for ever.
extension Outbox {
    /// Until when an intent waits for itself; `nil`: it doesn't.
    static func ownWait(_ intent: IntentRow, _ scope: Scope, _ moment: Moment) -> Int64? {
        let until = Gate.recheck.opening(intent.notBefore, scope, moment)
        return until > moment.now.milliseconds ? until : nil
    }

    /// Whether it waits because its call was refused (429), and not for what the service should show.
    static func isRefusedForPace(_ intent: IntentRow) -> Bool {
        intent.state == .queued && intent.reason == ServiceError.Code.throttled.rawValue
    }

    /// What stands in the way of judging an intent in doubt may go away: it is looked up again after a wait that doubles,
    /// and after the last one a person is asked (R6).
    static func lookAgain(
        _ intent: IntentRow, orAsk reason: ParkReason, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
        // Other reads close walks too: they do not count.
        if let until = ownWait(intent, scope, moment) {
            return try wantLookUp(intent, notBefore: until, scope, moment, db)
        }
        guard intent.failures < scope.configuration.maximumRechecks else {
            return try ask(intent, reason, scope, moment, db)
        }
        var waiting = intent
        waiting.notBefore = (moment.now + scope.configuration.recheck(after: intent.failures)).milliseconds
        waiting.failures += 1
        try waiting.update(db)
        try wantLookUp(waiting, notBefore: waiting.notBefore, scope, moment, db)
    }

    /// The user is no longer in a conversation: what is in doubt there can't be looked up (R25).
    static func left(_ conversation: Int64, _ scope: Scope, _ moment: Moment, _ db: Database) throws {
        let doubtful = try openIntents(in: conversation, db).filter {
            $0.state == .inDoubt && !$0.asks && $0.verb != .createConversation
        }
        for intent in doubtful { try ask(intent, .unprovable, scope, moment, db) }
    }

    /// Where the conversation went, or the user is out of it, nobody can look up what is in doubt: it is not waited for.
    static func endIfNobodyCanLook(
        in conversation: Int64, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws -> Bool {
        if try isGone(conversation, db) {
            try conversationGone(conversation, scope, moment, db)
        } else if try isLeft(conversation, db) {
            try left(conversation, scope, moment, db)
        } else {
            return false
        }
        return true
    }

    /// The user may not look at what was said there: of what is in doubt only a person can tell.
    static func nobodyCanLook(in conversation: Int64, _ scope: Scope, _ moment: Moment, _ db: Database) throws {
        for intent in try openIntents(in: conversation, db)
        where intent.state == .inDoubt && !intent.asks && intent.verb != .createConversation {
            try ask(intent, .unprovable, scope, moment, db)
        }
    }

    private static func isLeft(_ conversation: Int64, _ db: Database) throws -> Bool {
        try Bool.fetchOne(
            db, cached: "SELECT membership = 'left' FROM conversation WHERE id = ?", arguments: [conversation]) ?? false
    }

    static func isGone(_ conversation: Int64, _ db: Database) throws -> Bool {
        try Bool.fetchOne(
            db, cached: "SELECT deletedAt IS NOT NULL FROM conversation WHERE id = ?", arguments: [conversation]) ?? false
    }

    /// Only a person can tell.
    static func ask(
        _ intent: IntentRow, _ reason: ParkReason, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
        var asking = intent
        asking.state = .inDoubt
        asking.asks = true
        asking.reason = reason.rawValue
        asking.notBefore = 0
        try asking.update(db)
        try journal(asking, "asks", reason.rawValue, scope, moment, db)
    }
}
