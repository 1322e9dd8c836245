internal import GRDB
internal import TidemarkModel

extension Claim {
    /// The durable in-flight mark.
    func transmit(
        _ intent: IntentRow, _ conversation: ConversationRow, _ action: Delivery.Action, _ target: String?
    ) throws -> Delivery {
        var intent = intent
        intent.state = .transmitting
        intent.isFrozen = true
        intent.attempts += 1
        intent.quarantineUntil = 0
        // Its wait is over. By a clock that is set back it would not be, and what comes after it would pass it.
        intent.notBefore = 0
        intent.reason = nil
        intent.detail = nil
        if intent.verb != .createConversation {
            intent.floor = intent.floor ?? highWater(of: conversation) ?? -1
        } else if intent.firstAttemptAt == nil {
            intent.floor = try Outbox.createFloor(scope, db)
        }
        let isFirst = intent.firstAttemptAt == nil
        intent.firstAttemptAt = intent.firstAttemptAt ?? now
        intent.roomSID = intent.roomSID ?? conversation.roomSID
        if scope.traits.ordering == .arrival {
            // Every attempt has the same bytes: what was known at the first one counts.
            if isFirst { intent.baseVersion = try version(of: intent.message) ?? intent.baseVersion }
        } else if intent.verb == .edit, let message = intent.message {
            // From here on, newer than this means: changed by somebody else, or by us.
            intent.baseVersion = try version(of: message) ?? intent.baseVersion
        }
        try intent.update(db)
        let deadline = moment.now + longest(action)
        var attempt = AttemptRow(
            intent: intent.id ?? 0, number: intent.attempts, account: intent.account, conversation: intent.conversation,
            verb: intent.verb.rawValue, identity: scope.identity?.rawValue, generation: scope.generation,
            floor: highWater(of: conversation), startNumber: try db.nextStartNumber(), target: target, begunAt: now,
            begunMonotonic: moment.monotonic, deadline: deadline.milliseconds)
        try attempt.insert(db)
        try Outbox.journal(intent, "transmitting", intent.verb.rawValue, scope, moment, db)
        return Delivery(
            intent: IntentID(intent.id ?? 0), attempt: intent.attempts, token: Token(intent.token), action: action,
            identity: scope.identity, deadline: deadline, wantedAt: Timestamp(milliseconds: intent.createdAt),
            baseVersion: intent.baseVersion, targetCreatedAt: try targetCreatedAt(of: intent),
            targetKind: try targetKind(of: intent), room: intent.roomSID)
    }

    /// What stood on top when it was last read: an own message above it may be this one. A feed goes on further down than that.
    private func highWater(of conversation: ConversationRow) -> Int64? {
        scope.traits.changes == .feed ? conversation.windowHighTime : conversation.windowHigh
    }

    private func targetCreatedAt(of intent: IntentRow) throws -> Timestamp? {
        guard [.edit, .delete, .markRead].contains(intent.verb) else { return nil }
        return try Int64.fetchOne(db, cached: "SELECT createdAt FROM message WHERE id = ?", arguments: [intent.message])
            .map(Timestamp.init(milliseconds:))
    }

    private func targetKind(of intent: IntentRow) throws -> MessageKind? {
        guard intent.verb == .edit else { return nil }
        return try String.fetchOne(db, cached: "SELECT kind FROM message WHERE id = ?", arguments: [intent.message])
            .map(MessageKind.init(rawValue:))
    }

    private func version(of message: Int64?) throws -> Int64? {
        try Int64.fetchOne(db, cached: "SELECT version FROM message WHERE id = ?", arguments: [message])
    }
}
