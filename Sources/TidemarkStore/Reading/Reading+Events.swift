internal import GRDB
internal import TidemarkModel

/// What the service pushed: merged like a page, and never more than a reason to walk.
extension Reading {
    mutating func apply(_ event: RemoteEvent) throws {
        switch event {
        case .message(let message, let remote):
            let isKnown = try findConversation(remote) != nil
            let conversation = try conversationRow(remote)
            if isKnown { touched = .conversation(ConversationID(conversation)) }
            if try mayBeUnderWay(message, in: conversation) { return try askForWalk(of: conversation) }
            let isNew = try MessageRow.find(message.id.rawValue, in: conversation, db) == nil
            try merge(message, .push, in: conversation, startNumber: nil)
            if isNew, message.deletedAt == nil, message.version != nil {
                try takeBack(to: Merge.effectiveVersion(of: message), in: conversation)
            }
            if report.unchanged == 0 { try askForWalk(of: conversation) }
        case .conversation(let item):
            if let known = try findConversation(item.id) {
                try update(known, item, source: .push)
                try askForWalk(of: known)
            } else {
                _ = try insertConversation(item)
            }
        case .participantsAdded(let participants, let remote):
            try membershipTold(participants.map(\.id), in: remote)
        case .participantsRemoved(let participants, let remote):
            try membershipTold(participants, in: remote)
        case .receipt(let receipt, let remote):
            try merge(receipt, in: conversationRow(remote))
        case .connected:
            try Reading.wake(scope, moment, db)
        case .received(let arrival, let remote):
            try receive(arrival, in: conversationRow(remote))
        case .rejected(let reject, let remote):
            try receive(reject, in: conversationRow(remote))
        case .receiving(let remote, let room):
            try receivingBegan(in: conversationRow(remote), room: room)
        case .receivingEnded(let end, let remote):
            if let conversation = try findConversation(remote) { try receivingEnded(in: conversation, end) }
        case .disconnected:
            try Reading.endReceiving(.disconnected, scope, moment, db)
        case .typing:
            touched = .nothing
        }
    }

    /// The user's own message, told before the answer of the send that may have made it, by a service that gives no token back: shown
    /// now it would stand there twice until that answer comes. The answer or a walk tells of it (P7).
    private func mayBeUnderWay(_ message: RemoteMessage, in conversation: Int64) throws -> Bool {
        guard hasIntents, message.token == nil, message.deletedAt == nil, let sender = message.sender?.rawValue,
            identities.contains(sender), case .recognisable = scope.traits.lostAnswer(of: .send),
            try MessageRow.find(message.id.rawValue, in: conversation, db) == nil
        else { return false }
        return try Bool.fetchOne(
            db,
            cached: """
                SELECT EXISTS (SELECT 1 FROM intent WHERE account = ? AND conversation = ? AND state IN (\(Outbox.openStates))
                    AND +state = 'transmitting' AND verb = 'send')
                """, arguments: [scope.account, conversation]) ?? false
    }

    /// These events bear no version, and may come late or twice: the messages and the set itself say what holds.
    private mutating func membershipTold(_ participants: [ParticipantID], in remote: RemoteConversationID) throws {
        let conversation = try conversationRow(remote)
        try markStale("participants", of: conversation)
        try askForWalk(of: conversation)
        guard participants.contains(where: { identities.contains($0.rawValue) }) else { return }
        try db.execute(
            cached: "UPDATE account SET listDueAt = min(listDueAt, ?) WHERE id = ?", arguments: [now, scope.account])
    }

    private func askForWalk(of conversation: Int64) throws {
        try db.execute(
            cached: "UPDATE conversation SET walkDueAt = ?1 WHERE id = ?2 AND walkDueAt > ?1", arguments: [now, conversation])
    }

    /// Reconnected or brought to the front: whatever was pushed meanwhile is pulled.
    static func wake(_ scope: Scope, _ moment: Moment, _ db: Database) throws {
        let now = moment.now.milliseconds
        try db.execute(
            cached: "UPDATE account SET listDueAt = min(listDueAt, ?1), backoffUntil = 0, backoffStep = 0 WHERE id = ?2",
            arguments: [now, scope.account])
        try db.execute(
            cached: "UPDATE conversation SET readsNotBefore = 0, readsStep = 0 WHERE account = ? AND readsStep > 0",
            arguments: [scope.account])
        guard !scope.traits.listTellsActivity else { return }
        try db.execute(
            cached: "UPDATE conversation SET walkDueAt = ?1 WHERE account = ?2 AND walkDueAt > ?1",
            arguments: [now, scope.account])
    }
}
