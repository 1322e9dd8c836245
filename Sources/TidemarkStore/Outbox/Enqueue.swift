internal import GRDB
package import TidemarkModel

extension MessageStore {
    /// Makes a wish durable: the intent and what views show of it, in one transaction.
    ///
    /// When it returns, the intent survives a power cut. A token that was used before for the same wish returns the
    /// intent of then. Throws `StoreError` with `invalidArgument`, `notFound`, `notAllowed` or `tokenReused`.
    package func enqueue(
        _ wish: Wish, token: Token? = nil, _ scope: Scope, _ moment: Moment, using generator: inout some RandomNumberGenerator
    ) throws -> Enqueued {
        let token = token ?? Token.random(using: &generator)
        // It travels in a header.
        guard (1...200).contains(token.rawValue.utf8.count), token.rawValue.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw StoreError(.invalidArgument, "The token is not 1 to 200 visible ASCII characters; use a UUID.")
        }
        return try write(.full) { db in
            try Enqueue(wish: wish, token: token, scope: scope, moment: moment, db: db).run()
        }
    }
}

/// One wish on its way into the outbox.
struct Enqueue {
    let wish: Wish
    let token: Token
    let scope: Scope
    let moment: Moment
    let db: Database

    func run() throws -> Enqueued {
        if let earlier = try earlierUse() { return earlier }
        guard scope.traits.lostAnswers[wish.verb] != nil else {
            throw StoreError(.notAllowed, "\(scope.traits.service) has no operation for this; it can't be done there.")
        }
        switch wish {
        case .createConversation(let topic, let participants): return try create(topic, participants)
        case .send(let message, let conversation): return try send(message, conversation)
        case .edit(let message, let text, _): return try edit(message, text)
        case .delete(let message): return try delete(message)
        case .markRead(let conversation, let message): return try markRead(conversation, message)
        case .rename(let conversation, let topic): return try rename(conversation, topic)
        case .addParticipants(let participants, let conversation): return try add(participants, conversation)
        case .removeParticipant(let participant, let conversation): return try remove(participant, conversation)
        case .deleteConversation(let conversation): return try deleteConversation(conversation)
        }
    }

    /// The intent that this token already stands for.
    private func earlierUse() throws -> Enqueued? {
        guard
            let row = try Row.fetchOne(
                db, sql: "SELECT intent, digest FROM tokenUse WHERE account = ? AND token = ?",
                arguments: [scope.account, token.rawValue])
        else {
            // The engine's own, made from another intent's or for an edited one.
            let isTaken = try Bool.fetchOne(
                db,
                sql: """
                    SELECT EXISTS (SELECT 1 FROM intent WHERE account = ?1 AND token = ?2)
                        OR EXISTS (SELECT 1 FROM tokenTombstone WHERE account = ?1 AND token = ?2)
                    """, arguments: [scope.account, token.rawValue])
            guard isTaken != true else { throw tokenReused }
            return nil
        }
        guard try row["digest"] == wish.digest, let intent = try IntentRow.fetchOne(db, key: row["intent"] as Int64) else {
            throw tokenReused
        }
        return enqueued(intent)
    }

    private var tokenReused: StoreError {
        StoreError(.tokenReused, "This token was used for something else; use a fresh one.")
    }

    // MARK: The verbs

    private func create(_ topic: String, _ participants: [Participant]) throws -> Enqueued {
        try requireTopic(topic)
        try requireParticipants(participants, allowNone: true)
        var conversation = ConversationRow(account: scope.account, topic: topic)
        conversation.createdAt = moment.now.milliseconds
        conversation.createdBy = scope.identity?.rawValue
        try conversation.insert(db)
        return try insert(conversation: conversation)
    }

    private func send(_ message: OutgoingMessage, _ id: ConversationID) throws -> Enqueued {
        try requireText(message.text)
        try requireSmall(message.metadata, senderName: message.senderName)
        let conversation = try requireConversation(id)
        var row = MessageRow(conversation: id.number)
        row.kind = message.kind.rawValue
        row.text = message.text
        row.sender = scope.identity?.rawValue
        row.senderName = message.senderName
        row.isOwn = true
        row.createdAt = moment.now.milliseconds
        row.token = token.rawValue
        row.metadata = message.metadata.isEmpty ? nil : try IntentBody(metadata: message.metadata).json()
        try row.insert(db)
        let result = try insert(conversation: conversation, message: row.id)
        try db.execute(
            sql: "UPDATE message SET sort = ? WHERE id = ?", arguments: [MessageRow.tail + result.intent.number, row.id])
        return result
    }

    private func edit(_ id: MessageID, _ text: String) throws -> Enqueued {
        try requireText(text)
        if case .edit(_, _, let metadata) = wish { try requireSmall(metadata, senderName: nil) }
        let row = try requireOwnMessage(id)
        let conversation = try requireConversation(ConversationID(row.conversation))
        let send = row.remoteID == nil ? try Outbox.sendIntent(of: row, db) : nil
        if let send, Outbox.isUnsent(send) { return try rewrite(send, row, text) }
        // Edits of which nothing can be there yet are one request: the newest text.
        if var queued = try Outbox.openIntents(on: id.number, .edit, db).last, Outbox.isWaiting(queued) {
            var body = wish.body
            // As the service would take one after the other: what only the first one names stays.
            body.metadata = (try queued.decodedBody.metadata ?? [:]).merging(body.metadata ?? [:]) { $1 }
            queued.body = try body.json()
            try queued.update(db)
            return try alias(queued)
        }
        if let send { return try insert(conversation: conversation, message: row.id, parent: send.id) }
        return try insert(conversation: conversation, message: row.id, baseVersion: row.version)
    }

    /// An edit of what never left changes what will leave.
    private func rewrite(_ send: IntentRow, _ row: MessageRow, _ text: String) throws -> Enqueued {
        var send = send
        var body = try send.decodedBody
        body.message?.text = text
        if case .edit(_, _, let metadata) = wish {
            // As the service does it: keys that are not named stay, an empty value takes its key away.
            let merged = (body.message?.metadata ?? [:]).merging(metadata) { $1 }
            body.message?.metadata = merged.filter { !$0.value.isEmpty }
        }
        send.body = try body.json()
        try send.update(db)
        let metadata = body.message?.metadata ?? [:]
        try db.execute(
            sql: "UPDATE message SET text = ?, metadata = ? WHERE id = ?",
            arguments: [text, metadata.isEmpty ? nil : try IntentBody(metadata: metadata).json(), row.id])
        return try alias(send)
    }

    private func delete(_ id: MessageID) throws -> Enqueued {
        let row = try requireOwnMessage(id)
        let conversation = try requireConversation(ConversationID(row.conversation))
        if let open = try Outbox.openDelete(on: row, db) { return try alias(open) }
        for edit in try Outbox.openIntents(on: id.number, .edit, db) where Outbox.isUnsent(edit) {
            try Outbox.end(edit, as: .cancelled, .superseded, scope, moment, db)
        }
        if let send = try Outbox.sendIntent(of: row, db), row.remoteID == nil {
            guard Outbox.isUnsent(send) else {
                return try insert(conversation: conversation, message: row.id, parent: send.id)
            }
            try Outbox.cancel(send, .cancelledByUser, scope, moment, db)
            return try alias(send)
        }
        return try insert(conversation: conversation, message: row.id, baseVersion: row.version)
    }

    private func markRead(_ id: ConversationID, _ message: MessageID?) throws -> Enqueued {
        var conversation = try requireConversation(id)
        let target: MessageRow?
        if let message {
            let row = try requireMessage(message)
            guard row.conversation == id.number else {
                throw StoreError(.invalidArgument, "The message is not in that conversation.")
            }
            // What is still unsent has no place: reading up to it means up to what stands before it. What somebody
            // else wrote and nobody placed yet is not shown: it says nothing.
            target = row.place != nil ? row : row.isOwn ? try newestPlaced(in: id) : nil
        } else {
            target = try newestPlaced(in: id)
        }
        let place = target?.place ?? -1
        let isNews = place > max(conversation.localHorizon, conversation.remoteHorizon)
        conversation.localHorizon = max(conversation.localHorizon, place)
        try db.execute(
            sql: "UPDATE conversation SET localHorizon = ? WHERE id = ?", arguments: [conversation.localHorizon, id.number])
        try Unread.recount(id.number, db)
        guard isNews, let target else {
            return try insert(conversation: conversation, message: target?.id, state: .confirmed)
        }
        // The newest mark stands for all before it.
        let queued = try Outbox.openIntents(in: id.number, db).last { $0.verb == .markRead && Outbox.isWaiting($0) }
        if var queued {
            queued.message = target.id
            try queued.update(db)
            return try alias(queued)
        }
        return try insert(conversation: conversation, message: target.id)
    }

    private func rename(_ id: ConversationID, _ topic: String) throws -> Enqueued {
        try requireTopic(topic)
        let conversation = try requireConversation(id)
        let open = try Outbox.openIntents(in: id.number, db)
        if conversation.remoteID == nil, var create = open.first(where: { $0.verb == .createConversation }),
            Outbox.isUnsent(create)
        {
            var body = try create.decodedBody
            body.topic = topic
            create.body = try body.json()
            try create.update(db)
            try db.execute(sql: "UPDATE conversation SET topic = ? WHERE id = ?", arguments: [topic, id.number])
            return try alias(create)
        }
        if var queued = open.last(where: { $0.verb == .rename && Outbox.isWaiting($0) }) {
            queued.body = try wish.body.json()
            try queued.update(db)
            return try alias(queued)
        }
        return try insert(conversation: conversation)
    }

    private func add(_ participants: [Participant], _ id: ConversationID) throws -> Enqueued {
        try requireParticipants(participants, allowNone: false)
        return try insert(conversation: try requireConversation(id))
    }

    private func remove(_ participant: ParticipantID, _ id: ConversationID) throws -> Enqueued {
        try requireParticipants([Participant(id: participant)], allowNone: false)
        return try insert(conversation: try requireConversation(id))
    }

    private func deleteConversation(_ id: ConversationID) throws -> Enqueued {
        let conversation = try requireConversation(id)
        let open = try Outbox.openIntents(in: id.number, db)
        if let earlier = open.last(where: { $0.verb == .deleteConversation }) { return try alias(earlier, cancelled: 0) }
        let create = open.first { $0.verb == .createConversation }
        for intent in open where intent.verb != .createConversation && Outbox.isUnsent(intent) {
            try Outbox.cancel(intent, .cancelledByUser, scope, moment, db)
        }
        if let create, conversation.remoteID == nil, Outbox.isUnsent(create) {
            try Outbox.cancel(create, .cancelledByUser, scope, moment, db)
            return try alias(create, cancelled: open.count - (try Outbox.openIntents(in: id.number, db).count))
        }
        // What a cancelled intent took along counts, too.
        let cancelled = open.count - (try Outbox.openIntents(in: id.number, db).count)
        var result = try insert(conversation: conversation)
        result.cancelled = cancelled
        return result
    }

    // MARK: Rows

    private func insert(
        conversation: ConversationRow, message: Int64? = nil, parent: Int64? = nil, baseVersion: Int64? = nil,
        state: IntentRow.State = .queued
    ) throws -> Enqueued {
        var intent = IntentRow(
            account: scope.account, conversation: conversation.id ?? 0, message: message, verb: wish.verb, token: token.rawValue,
            body: try wish.body.json(), state: state, createdAt: moment.now.milliseconds, parent: parent, baseVersion: baseVersion
        )
        if state == .confirmed { intent.isOverlaid = false }
        try intent.insert(db)
        try db.journal(
            JournalEntry(
                kind: "accepted", conversation: intent.conversation, message: message, intent: intent.id,
                cause: wish.verb.rawValue), scope, moment)
        return try alias(intent)
    }

    /// Notes that this token stands for that intent.
    private func alias(_ intent: IntentRow, cancelled: Int? = nil) throws -> Enqueued {
        try db.execute(
            sql: "INSERT INTO tokenUse (account, token, intent, digest) VALUES (?, ?, ?, ?)",
            arguments: [scope.account, token.rawValue, intent.id, try wish.digest])
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

    private func enqueued(_ intent: IntentRow) -> Enqueued {
        Enqueued(
            intent: IntentID(intent.id ?? 0), token: Token(intent.token), conversation: ConversationID(intent.conversation),
            message: intent.message.map(MessageID.init))
    }

    private func newestPlaced(in conversation: ConversationID) throws -> MessageRow? {
        try MessageRow.fetchOne(
            db,
            sql: """
                SELECT * FROM message WHERE conversation = ? AND sort < ? AND place IS NOT NULL AND remoteID IS NOT NULL
                    AND deletedAt IS NULL ORDER BY sort DESC LIMIT 1
                """, arguments: [conversation.number, MessageRow.tail])
    }
}
