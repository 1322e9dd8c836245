internal import GRDB
internal import TidemarkModel

/// Reads of one thing: what confirms an acknowledged write, what a person asked for.
extension Planner {
    /// Acknowledged writes that nothing has shown yet (R19). Each is asked for again later and later; not where the user is out
    /// and can't look.
    mutating func planConfirmations() throws {
        let rows = try Row.fetchAll(
            db,
            cached: """
                SELECT i.id, i.verb, i.conversation, c.remoteID, coalesce(m.remoteID, i.remoteTarget), i.confirmAt,
                    coalesce(i.acknowledgedAt, i.confirmAt)
                FROM intent AS i JOIN conversation AS c ON c.id = i.conversation LEFT JOIN message AS m ON m.id = i.message
                WHERE i.account = :account AND i.state = 'sent' AND i.isOverlaid = 1 AND c.remoteID IS NOT NULL
                    AND c.membership = 'member'
                    AND (\(Gate.confirmation.opening(of: "i.confirmAt"))) <= :now AND \(Self.open)
                    \(scope.extent.condition(on: "i.conversation"))
                ORDER BY i.confirmAt, i.id LIMIT :limit
                """, arguments: arguments(["limit": Int64(limit + busy.count)]))
        for row in rows where reads.count < limit {
            let (intent, confirmAt, acknowledgedAt): (Int64, Int64, Int64) = (row[0], row[5], row[6])
            try confirm(
                verb: row[1], conversation: row[2], remote: RemoteConversationID(row[3] as String), message: row[4])
            let elapsed = min(max(confirmAt - acknowledgedAt, 1000), Gate.longestConfirmation.milliseconds / 2)
            try db.execute(
                cached: "UPDATE intent SET confirmAt = ? WHERE id = ?", arguments: [moment.now.advanced(2 * elapsed), intent])
        }
    }

    private mutating func confirm(
        verb: String, conversation: Int64, remote: RemoteConversationID, message: String?
    ) throws {
        let id = ConversationID(conversation)
        let target = Target(id: id, remote: remote)
        switch Verb(rawValue: verb) {
        case .send, .edit, .delete:
            guard let message else { return }
            let one = RemoteMessageID(message)
            try add(.message(one, id), .confirm, of: target, .message(one, in: remote), perPage: nil)
        case .createConversation, .rename, .deleteConversation:
            try add(.details(id), .details, of: target, .conversation(remote), perPage: nil)
        case .addParticipants, .removeParticipant:
            try touch("participants", conversation)
        case .markRead:
            try touch("receipts", conversation)
        case nil:
            return
        }
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
