package import TidemarkModel

/// What must not be read twice at once.
package enum ReadKey: Hashable, Sendable {
    case list
    case messages(ConversationID)
    case message(RemoteMessageID, ConversationID)
    case details(ConversationID)
    case participants(ConversationID)
    case receipts(ConversationID)
}

/// One read to make, and what its answer is then applied as.
package struct PlannedRead: Hashable, Sendable {
    package enum Purpose: Hashable, Sendable {
        case list
        /// From the newest change down to the window: its first page, or where it went on.
        case catchUp
        /// As ``catchUp``, of several conversations in one request: the first is the request's, the others its further ones.
        case catchUpTogether([ConversationID])
        /// Below the window, towards the beginning.
        case backfill
        /// Everything since a time; its own state, as nothing of it is stored.
        case since(SinceWalk)
        case participants
        case receipts
        case details
        /// One message, because nothing has shown what was done to it.
        case confirm
        /// One message, because a closed walk no longer shows it (R26).
        case reconcile
    }

    package let key: ReadKey
    package let purpose: Purpose
    package let request: PageRequest
    /// `nil` for the list, and for several.
    package let conversation: ConversationID?
    /// The local clock when the read was planned.
    package let begunAt: Timestamp

    /// All that must not be read meanwhile.
    package var keys: [ReadKey] {
        guard case .catchUpTogether(let ids) = purpose else { return [key] }
        return ids.map(ReadKey.messages)
    }

    package var isTogether: Bool {
        if case .catchUpTogether = purpose { true } else { false }
    }

    /// What would have been asked for each conversation alone.
    package var alone: [PlannedRead] {
        guard case .catchUpTogether(let ids) = purpose, case .messages(let first) = request.subject else { return [self] }
        return zip(ids, [first] + request.furtherConversations).map { id, remote in
            var request = request
            (request.subject, request.furtherConversations) = (.messages(in: remote), [])
            return PlannedRead(key: .messages(id), purpose: .catchUp, request: request, conversation: id, begunAt: begunAt)
        }
    }
}

/// What one observation changed.
package struct ApplyReport: Hashable, Sendable {
    package var received = 0
    package var edited = 0
    package var deleted = 0
    package var unchanged = 0
    package var conversationsNew = 0
    package var conversationsChanged = 0
    package var rejects = 0
    package var bytes = 0
    /// In which conversations something came, was changed or deleted, where one answer told of several.
    package var conversationsTold: [ConversationID] = []
    /// The account goes on with this read: only a walk since a time is continued by its caller.
    package var next: PlannedRead?
}

/// What a failed read leads to beyond the gates that it closed.
package enum ReadFailure: Hashable, Sendable {
    case nothing
    /// Nothing may be asked before the account has another credential.
    case stopAccount(ParkReason)
}
