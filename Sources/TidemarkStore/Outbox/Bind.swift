internal import GRDB
internal import TidemarkModel

extension Outbox {
    /// The service said, or a person did, which remote message a send made.
    ///
    /// A cancelled send that made one after all gets that one deleted (R4). A copy that was seen before the answer came
    /// becomes the own message; the own message keeps its local id.
    static func bind(_ intent: IntentRow, to remote: String, _ scope: Scope, _ moment: Moment, _ db: Database) throws {
        var intent = intent
        intent.remoteTarget = remote
        intent.mayHaveLanded = true
        try intent.update(db)
        let seen = try MessageRow.fetchOne(
            db, where: "conversation = ? AND remoteID = ?", arguments: [intent.conversation, remote])
        guard intent.state != .cancelled else {
            return try deleteLandedCopy(intent, remote, seen, scope, moment, db)
        }
        if let echo = try MessageRow.fetchOne(db, id: intent.message ?? 0), echo.remoteID == nil {
            if let seen {
                try absorb(seen, into: echo, db)
            } else {
                try db.execute(cached: "UPDATE message SET remoteID = ? WHERE id = ?", arguments: [remote, echo.id])
            }
        }
        try acknowledge(intent, serverDate: nil, scope, moment, db)
        let version = try Int64.fetchOne(db, cached: "SELECT version FROM message WHERE id = ?", arguments: [intent.message])
        if version != nil, let settled = try IntentRow.fetchOne(db, id: intent.id), settled.state == .sent {
            try end(settled, as: .confirmed, nil, scope, moment, db)
        }
    }

    /// The row of the copy goes, its contents and whoever pointed at it move to the own message.
    static func absorb(_ seen: MessageRow, into echo: MessageRow, _ db: Database) throws {
        try db.execute(cached: "UPDATE intent SET message = ? WHERE message = ?", arguments: [echo.id, seen.id])
        try db.execute(cached: "UPDATE journal SET message = ? WHERE message = ?", arguments: [echo.id, seen.id])
        try db.execute(cached: "UPDATE message SET replyToLocal = ? WHERE replyToLocal = ?", arguments: [echo.id, seen.id])
        try db.execute(cached: "DELETE FROM message WHERE id = ?", arguments: [seen.id])
        var merged = seen
        merged.id = echo.id
        merged.token = seen.token ?? echo.token
        merged.metadata = seen.metadata ?? echo.metadata
        merged.text = seen.text ?? echo.text
        merged.kind = seen.kind ?? echo.kind
        merged.sender = seen.sender ?? echo.sender
        merged.isOwn = true
        merged.createdAt = seen.createdAt ?? echo.createdAt
        // A held tombstone has no place yet: what the user wrote stays where it stood, as deleted.
        merged.sort = seen.sort ?? echo.sort
        if seen.deletedAt == nil {
            merged.attachments = seen.attachments ?? echo.attachments
            merged.replyTo = seen.replyTo ?? echo.replyTo
            merged.replyToLocal = echo.replyToLocal
        }
        try merged.update(db)
        if merged.attachments != echo.attachments { try AttachmentList.apply(merged, db) }
        try Unread.recount(echo.conversation, db)
    }

    /// A copy of a cancelled send turned up: it is deleted, in the user's name, once.
    static func deleteLandedCopy(
        _ intent: IntentRow, _ remote: String, _ seen: MessageRow?, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
        guard seen?.deletedAt == nil else { return }
        // A delete of another copy goes on to this one by itself.
        if let seen, try isBeingDeleted(seen, db) { return }
        let token = "\(intent.token)/undo/\(remote)"
        guard try !IntentRow.exists(db, where: "account = ? AND token = ?", arguments: [intent.account, token])
        else { return }
        var row: MessageRow
        if let seen {
            row = seen
        } else {
            row = MessageRow(conversation: intent.conversation, remoteID: remote, isOwn: true, token: intent.token)
            try row.insert(db)
        }
        var undo = IntentRow(
            account: intent.account, conversation: row.conversation, message: row.id, verb: .delete, token: token,
            body: try IntentBody().json(), createdAt: moment.now.milliseconds)
        undo.baseVersion = row.version
        try undo.insert(db)
        try journal(undo, "accepted", "landed after it was cancelled", scope, moment, db)
    }

    private static func isBeingDeleted(_ copy: MessageRow, _ db: Database) throws -> Bool {
        for id in try copies(of: copy, db).compactMap(\.id) {
            let hasDelete = try Bool.fetchOne(
                db,
                cached: "SELECT EXISTS (SELECT 1 FROM intent WHERE message = ? AND verb = 'delete' AND state <> 'cancelled')",
                arguments: [id])
            if hasDelete == true { return true }
        }
        return false
    }

    /// The service said, or a list proved, which remote conversation a create made.
    static func created(
        _ intent: IntentRow, _ acceptance: Acceptance, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
        guard let remote = acceptance.conversation else {
            return try acknowledge(intent, serverDate: acceptance.serverDate, scope, moment, db)
        }
        try adopt(remote.id.rawValue, by: intent, createdAt: remote.createdAt, scope, moment, db)
        try parkRefused(intent, acceptance.failures, scope, moment, db)
    }

    static func adopt(
        _ remote: String, by intent: IntentRow, createdAt: Timestamp?, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
        let wasCancelled = intent.state == .cancelled
        try mergeTwin(of: intent.conversation, remote: remote, scope, db)
        try db.execute(
            cached: """
                UPDATE conversation SET remoteID = ?, createdAt = coalesce(?, createdAt), walkWanted = max(walkWanted, closedStart + 1),
                    detailsAreStale = 1, deletedAt = CASE WHEN ? THEN NULL ELSE deletedAt END WHERE id = ?
                """, arguments: [remote, createdAt?.milliseconds, wasCancelled, intent.conversation])
        try db.execute(
            cached:
                "INSERT OR IGNORE INTO setRead (conversation, kind) SELECT ?1, 'participants' UNION ALL SELECT ?1, 'receipts' WHERE ?2",
            arguments: [intent.conversation, scope.traits.listsReceipts])
        guard wasCancelled else {
            try acknowledge(intent, serverDate: nil, scope, moment, db)
            // The row that a list made may have told already that the conversation went, or that the user is out of it.
            _ = try endIfNobodyCanLook(in: intent.conversation, scope, moment, db)
            return
        }
        let token = "\(intent.token)/undo"
        guard try !IntentRow.exists(db, where: "account = ? AND token = ?", arguments: [intent.account, token])
        else { return }
        var undo = IntentRow(
            account: intent.account, conversation: intent.conversation, verb: .deleteConversation, token: token,
            body: try IntentBody().json(), createdAt: moment.now.milliseconds)
        try undo.insert(db)
        try journal(undo, "accepted", "made after it was cancelled", scope, moment, db)
    }

    /// A list may have shown the conversation before the create's answer came: then there are two rows of one. The
    /// own one keeps its id and takes over everything of the other.
    private static func mergeTwin(of conversation: Int64, remote: String, _ scope: Scope, _ db: Database) throws {
        guard
            let twin = try ConversationRow.fetchOne(
                db, where: "account = ? AND remoteID = ?", arguments: [scope.account, remote]), let twinID = twin.id,
            twinID != conversation,
            let own = try ConversationRow.fetchOne(db, id: conversation)
        else { return }
        for table in [
            "message", "intent", "attempt", "coverage", "journal", "tokenTombstone", "reject", "receivingSession", "packet",
        ] {
            try db.execute(
                cached: "UPDATE \(table) SET conversation = ? WHERE conversation = ?", arguments: [conversation, twinID])
        }
        for table in ["participant", "receipt", "setRead", "lane"] {
            try db.execute(
                cached: "UPDATE OR REPLACE \(table) SET conversation = ? WHERE conversation = ?",
                arguments: [conversation, twinID])
        }
        // What was begun in the own one is nearer to the user.
        try db.execute(
            cached: "UPDATE OR IGNORE draft SET conversation = ? WHERE conversation = ?", arguments: [conversation, twinID])
        try db.execute(cached: "DELETE FROM conversation WHERE id = ?", arguments: [twinID])
        var merged = twin
        merged.id = conversation
        merged.remoteID = own.remoteID
        merged.topic = twin.topic.isEmpty ? own.topic : twin.topic
        merged.createdAt = twin.createdAt ?? own.createdAt
        merged.createdBy = twin.createdBy ?? own.createdBy
        merged.localHorizon = max(own.localHorizon, twin.localHorizon)
        try merged.update(db)
        try Unread.recount(conversation, db)
    }
}
