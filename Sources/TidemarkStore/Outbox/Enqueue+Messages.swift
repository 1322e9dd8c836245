internal import GRDB
internal import TidemarkModel

/// Wishes about one message.
extension Enqueue {
    func send(_ message: OutgoingMessage, _ id: ConversationID) throws -> Enqueued {
        try requireText(message.text, mayBeEmpty: !files.isEmpty)
        try requireSmall(message.metadata, senderName: message.senderName)
        let conversation = try requireConversation(id)
        let replied = try replyTo.map { try requireReplied($0, in: id) }
        var row = MessageRow(conversation: id.number)
        row.kind = message.kind.rawValue
        row.text = message.text
        row.sender = scope.identity?.rawValue
        row.senderName = message.senderName
        row.isOwn = true
        row.createdAt = moment.now.milliseconds
        row.token = token.rawValue
        row.metadata = message.metadata.isEmpty ? nil : try IntentBody(metadata: message.metadata).json()
        row.attachments = files.isEmpty ? nil : AttachmentList.unsaid
        (row.replyTo, row.replyToLocal) = (replied?.remoteID, replied?.id)
        try row.insert(db)
        try insertUploads(for: row, in: conversation)
        let parent = replied?.remoteID == nil ? try replied.flatMap { try Outbox.sendIntent(of: $0, db) }?.id : nil
        let result = try insert(conversation: conversation, message: row.id, parent: parent)
        try db.execute(
            cached: "UPDATE message SET sort = ? WHERE id = ?", arguments: [MessageRow.tail + result.intent.number, row.id])
        return result
    }

    func edit(_ id: MessageID, _ text: String) throws -> Enqueued {
        let row = try requireOwnMessage(id)
        try requireText(text, mayBeEmpty: row.attachments != nil)
        if case .edit(_, _, let metadata) = wish { try requireSmall(metadata, senderName: nil) }
        let conversation = try requireConversation(ConversationID(row.conversation))
        let send = row.remoteID == nil ? try Outbox.sendIntent(of: row, db) : nil
        if let send, Outbox.isUnsent(send) { return try rewrite(send, row, text) }
        // Edits of which nothing can be there yet are one request: the newest text.
        if var queued = try Outbox.openEdits(of: row, db).last, Outbox.isWaiting(queued) {
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
            cached: "UPDATE message SET text = ?, metadata = ? WHERE id = ?",
            arguments: [text, metadata.isEmpty ? nil : try IntentBody(metadata: metadata).json(), row.id])
        return try alias(send)
    }

    func delete(_ id: MessageID) throws -> Enqueued {
        let row = try requireOwnMessage(id)
        let conversation = try requireConversation(ConversationID(row.conversation))
        if let open = try Outbox.openDelete(on: row, db) {
            guard open.state == .parked else { return try alias(open) }
            // The service refused it, and the message was shown again: this is a new try.
            try Outbox.end(open, as: .cancelled, .superseded, scope, moment, db)
        }
        for edit in try Outbox.openEdits(of: row, db) where Outbox.isUnsent(edit) {
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
}
