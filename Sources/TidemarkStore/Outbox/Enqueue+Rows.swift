internal import GRDB
internal import TidemarkModel

/// The intent that a wish becomes, and the tokens that stand for it.
extension Enqueue {
    func insert(
        conversation: ConversationRow, message: Int64? = nil, parent: Int64? = nil, baseVersion: Int64? = nil,
        state: IntentRow.State = .queued
    ) throws -> Enqueued {
        var intent = IntentRow(
            account: scope.account, conversation: conversation.id ?? 0, message: message, verb: wish.verb, token: token.rawValue,
            body: try wish.body.json(), state: state, createdAt: moment.now.milliseconds, parent: parent, baseVersion: baseVersion
        )
        intent.roomSID = conversation.roomSID
        if state == .confirmed { intent.isOverlaid = false }
        try intent.insert(db)
        try db.journal(
            JournalEntry(
                kind: "accepted", conversation: intent.conversation, message: message, intent: intent.id,
                cause: wish.verb.rawValue), scope, moment)
        return try alias(intent)
    }

    /// Notes that this token stands for that intent.
    func alias(_ intent: IntentRow, cancelled: Int? = nil) throws -> Enqueued {
        try db.execute(
            cached: "INSERT INTO tokenUse (account, token, intent, digest) VALUES (?, ?, ?, ?)",
            arguments: [scope.account, token.rawValue, intent.id, try digest])
        if intent.token != token.rawValue {
            try db.journal(
                JournalEntry(
                    kind: "coalesced", conversation: intent.conversation, message: intent.message, intent: intent.id,
                    cause: wish.verb.rawValue), scope, moment)
        }
        var result = enqueued(intent)
        result.cancelled = cancelled
        return result
    }

    func enqueued(_ intent: IntentRow) -> Enqueued {
        Enqueued(
            intent: IntentID(intent.id ?? 0), token: Token(intent.token), conversation: ConversationID(intent.conversation),
            message: intent.message.map(MessageID.init))
    }
}
