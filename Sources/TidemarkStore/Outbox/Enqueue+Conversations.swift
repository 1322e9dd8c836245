internal import GRDB
internal import TidemarkModel

/// Wishes about a conversation and who is in it.
extension Enqueue {
    func create(_ topic: String, _ participants: [Participant]) throws -> Enqueued {
        try requireTopic(topic)
        try requireParticipants(participants, allowNone: true)
        var conversation = ConversationRow(account: scope.account, topic: topic)
        conversation.createdAt = moment.now.milliseconds
        conversation.createdBy = scope.identity?.rawValue
        try conversation.insert(db)
        return try insert(conversation: conversation)
    }

    func rename(_ id: ConversationID, _ topic: String) throws -> Enqueued {
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
            try db.execute(cached: "UPDATE conversation SET topic = ? WHERE id = ?", arguments: [topic, id.number])
            return try alias(create)
        }
        if var queued = open.last(where: { $0.verb == .rename && Outbox.isWaiting($0) }) {
            queued.body = try wish.body.json()
            try queued.update(db)
            return try alias(queued)
        }
        return try insert(conversation: conversation)
    }

    func add(_ participants: [Participant], _ id: ConversationID) throws -> Enqueued {
        try requireParticipants(participants, allowNone: false)
        return try insert(conversation: try requireConversation(id))
    }

    func remove(_ participant: ParticipantID, _ id: ConversationID) throws -> Enqueued {
        try requireParticipants([Participant(id: participant)], allowNone: false)
        return try insert(conversation: try requireConversation(id))
    }

    func deleteConversation(_ id: ConversationID) throws -> Enqueued {
        let conversation = try requireConversation(id)
        if let earlier = try Outbox.openIntents(in: id.number, db).last(where: { $0.verb == .deleteConversation }) {
            guard earlier.state == .parked else { return try alias(earlier, cancelled: 0) }
            // The service refused it, and the conversation was shown again: this is a new try.
            try Outbox.end(earlier, as: .cancelled, .superseded, scope, moment, db)
        }
        let open = try Outbox.openIntents(in: id.number, db)
        let create = open.first { $0.verb == .createConversation }
        // Files go with their message, or stay with one that may be there: it could never be sent without them.
        for intent in open where ![.createConversation, .upload].contains(intent.verb) && Outbox.isUnsent(intent) {
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
}
