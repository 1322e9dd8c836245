internal import GRDB
internal import TidemarkModel

/// Wishes about what has been read.
extension Enqueue {
    func markRead(_ id: ConversationID, _ message: MessageID?) throws -> Enqueued {
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
            cached: "UPDATE conversation SET localHorizon = ? WHERE id = ?", arguments: [conversation.localHorizon, id.number])
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

    private func newestPlaced(in conversation: ConversationID) throws -> MessageRow? {
        try MessageRow.fetchOne(
            db,
            cached: """
                \(MessageRow.selection) WHERE conversation = ? AND sort < ? AND place IS NOT NULL AND remoteID IS NOT NULL
                    AND deletedAt IS NULL ORDER BY sort DESC LIMIT 1
                """, arguments: [conversation.number, MessageRow.tail])
    }
}
