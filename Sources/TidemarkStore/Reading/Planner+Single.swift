internal import GRDB
internal import TidemarkModel

/// Reads of one thing: what confirms an acknowledged write, what a person asked for.
extension Planner {
    /// Acknowledged writes that nothing has shown yet (R19). Each is asked for again later and later; not where the user is out
    /// and can't look.
    mutating func planConfirmations() throws {
        let unseen = try db.all(
            """
            SELECT i.id, i.verb, i.conversation, c.remoteID, coalesce(m.remoteID, i.remoteTarget), i.confirmAt,
                coalesce(i.acknowledgedAt, i.confirmAt), i.token
            FROM intent AS i JOIN conversation AS c ON c.id = i.conversation LEFT JOIN message AS m ON m.id = i.message
            WHERE i.account = :account AND i.state IN (\(Outbox.openStates)) AND +i.state = 'sent' AND i.isOverlaid = 1 AND c.remoteID IS NOT NULL
                AND c.membership = 'member'
                AND (\(Gate.confirmation.opening(of: "i.confirmAt"))) <= :now AND \(Self.open)
                \(scope.extent.condition(on: "i.conversation"))
            ORDER BY i.confirmAt, i.id LIMIT :limit
            """, arguments(("limit", Int64(limit + busy.count))), Unseen.init)
        for intent in unseen where reads.count < limit {
            try confirm(intent)
            let elapsed = min(max(intent.confirmAt - intent.acknowledgedAt, 1000), Gate.longestConfirmation.milliseconds / 2)
            try db.execute(
                cached: "UPDATE intent SET confirmAt = ? WHERE id = ?",
                arguments: [moment.now.advanced(2 * elapsed), intent.id])
        }
    }

    /// An acknowledged write that nothing has shown yet.
    private struct Unseen: ColumnReadable {
        var id: Int64
        var verb: Verb
        var conversation: Int64
        var remote: String
        var message: String?
        var confirmAt: Int64
        var acknowledgedAt: Int64
        var token: String

        init(_ columns: Columns) throws {
            (id, verb, conversation) = try (columns[0], columns[word: 1], columns[2])
            (remote, message, confirmAt, acknowledgedAt) = try (columns[3], columns[4], columns[5], columns[6])
            token = try columns[7]
        }
    }

    private mutating func confirm(_ intent: Unseen) throws {
        let id = ConversationID(intent.conversation)
        let remote = RemoteConversationID(intent.remote)
        let target = Target(id: id, remote: remote)
        switch intent.verb {
        case .send, .edit, .delete:
            guard let message = try openCopy(of: intent) ?? intent.message else { return }
            let one = RemoteMessageID(message)
            try add(.message(one, id), .confirm, of: target, .message(one, in: remote), perPage: nil)
        case .createConversation, .rename, .deleteConversation:
            try add(.details(id), .details, of: target, .conversation(remote), perPage: nil)
        case .addParticipants, .removeParticipant:
            try touch("participants", intent.conversation)
        case .upload:
            // Nothing shows a file by itself: the yes is all there is.
            break
        case .markRead:
            try touch("receipts", intent.conversation)
        }
    }

    /// A delete is done when no copy lives, an edit when every one that does bears it: the one that is not so far is asked for, and
    /// not the one that is (R5, R8).
    private func openCopy(of intent: Unseen) throws -> String? {
        guard intent.verb == .delete || intent.verb == .edit, let remote = intent.message,
            let row = try MessageRow.find(remote, in: intent.conversation, db),
            row.deletedAt != nil || intent.verb == .edit && row.editMarker == intent.token
        else { return nil }
        return try Outbox.copies(of: row, db).first { copy in
            copy.deletedAt == nil && copy.remoteID != nil && (intent.verb == .delete || copy.editMarker != intent.token)
        }?.remoteID
    }

    private func touch(_ kind: String, _ conversation: Int64) throws {
        try db.execute(
            cached: "INSERT INTO setRead (conversation, kind) VALUES (?, ?) ON CONFLICT DO UPDATE SET isStale = 1",
            arguments: [conversation, kind])
    }

    func since(_ since: Timestamp, in conversation: ConversationID) throws -> PlannedRead? {
        guard let remote = try remoteID(of: conversation) else { return nil }
        let request = PageRequest(
            .messages(in: remote), resultsPerPage: scope.configuration.resultsPerPage ?? scope.traits.messagePageSize,
            startTime: since, startNumber: try db.nextStartNumber(), identity: scope.identity)
        return PlannedRead(
            key: .messages(conversation), purpose: .since(SinceWalk(since: since)), request: request,
            conversation: conversation, begunAt: moment.now)
    }

    func reconcile(_ message: MessageID) throws -> PlannedRead? {
        guard let row = try MessageRow.find(id: message.number, db), let id = row.remoteID.map({ RemoteMessageID($0) }),
            let remote = try remoteID(of: ConversationID(row.conversation))
        else { return nil }
        let conversation = ConversationID(row.conversation)
        let request = PageRequest(
            .message(id, in: remote), startNumber: try db.nextStartNumber(), identity: scope.identity)
        return PlannedRead(
            key: .message(id, conversation), purpose: .reconcile, request: request, conversation: conversation,
            begunAt: moment.now)
    }

    private func remoteID(of conversation: ConversationID) throws -> RemoteConversationID? {
        try String.fetchOne(
            db, cached: "SELECT remoteID FROM conversation WHERE id = ? AND account = ? AND remoteID IS NOT NULL",
            arguments: [conversation.number, scope.account]
        ).map { RemoteConversationID($0) }
    }
}
