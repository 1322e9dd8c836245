import Tidemark
import TidemarkModel
import TidemarkStore

/// What the views show, as the rows that expectations name.
extension Stage {
    mutating func compare(_ expectation: Expectation, _ line: Int) throws {
        let rows = try rows(of: expectation, line)
        let shown = JSON.list(rows).projected(like: .list(expectation.rows))
        var updated = expectation.line
        updated["is"] = shown
        seen[line] = JSON.object(updated).line
        trace.add(shown.line)
        guard !shown.covers(.list(expectation.rows)) else { return }
        let view = expectation.view + (expectation.conversation.map { " of \($0)" } ?? "")
        guard rows.count == expectation.rows.count else {
            differences.append(
                "line \(line): the \(view) has \(rows.count) rows instead of \(expectation.rows.count): \(shown.line)")
            return
        }
        for (index, (row, expected)) in zip(rows, expectation.rows).enumerated() where !row.covers(expected) {
            differences.append(
                "line \(line): row \(index + 1) of the \(view) is \(row.projected(like: expected).line) instead of \(expected.line)"
            )
        }
    }

    func entries(of conversation: ConversationID) throws -> [TimelineEntry] {
        try account.timeline(of: conversation, limit: Timeline.maximumLimit).get().entries
    }

    private func rows(of expectation: Expectation, _ line: Int) throws -> [JSON] {
        let conversation = try expectation.conversation.map { try self.conversation($0, line) }
        switch expectation.view {
        case "timeline": return try conversation.map { try entries(of: $0).map(row) } ?? []
        case "conversations": return try account.conversations(includingDeleted: true).get().map(row)
        case "outbox": return try account.outbox(in: conversation).get().map(row)
        case "participants":
            return try conversation.map { conversation in
                try account.participants(of: conversation).get().map { participant in
                    .object([
                        "id": .text(participant.id.rawValue), "displayName": .optional(participant.displayName),
                        "isOwn": .bool(participant.isOwn), "state": .text(participant.state.name),
                    ])
                }
            } ?? []
        case "receipts":
            return try conversation.map { conversation in
                try account.receipts(of: conversation).get().map { receipt in
                    .object([
                        "participant": .text(receipt.participant.rawValue), "message": .text(receipt.remoteMessage.rawValue),
                        "isOwn": .bool(receipt.isOwn),
                    ])
                }
            } ?? []
        case "gaps": return try account.gaps(in: conversation).get().map { _ in .object([:]) }
        case "rejects":
            return try account.rejects().get().map { .object(["id": .optional($0.remoteID), "reason": .text($0.reason)]) }
        default:
            return pending.filter { !$0.isRead }.map { .text(RequestPattern.describe($0.request)) }
        }
    }

    private func row(_ entry: TimelineEntry) -> JSON {
        .object([
            "id": .optional(entry.remoteID?.rawValue), "sender": .optional(entry.sender?.rawValue),
            "senderName": .optional(entry.senderName), "kind": .text(entry.kind.rawValue), "text": .optional(entry.text),
            "createdAt": .optional(entry.createdAt?.rfc3339), "isEdited": .bool(entry.editedAt != nil),
            "isDeleted": .bool(entry.deletedAt != nil), "version": entry.version.map(JSON.integer) ?? .null,
            "token": .optional(entry.token?.rawValue), "state": .text(entry.state.name),
            "problem": .optional(entry.problem?.rawValue), "gapBefore": .bool(entry.gapBefore), "isOwn": .bool(entry.isOwn),
            "topic": .optional(entry.topic), "metadata": .object(entry.metadata.mapValues(JSON.text)),
        ])
    }

    private func row(_ conversation: ConversationView) -> JSON {
        .object([
            "id": .optional(conversation.remoteID?.rawValue), "topic": .text(conversation.topic),
            "unread": .integer(Int64(conversation.unread)), "unreadAtLeast": .bool(conversation.unreadAtLeast),
            "pending": .integer(Int64(conversation.pending)), "state": .text(conversation.state.name),
            "problem": .optional(conversation.problem?.rawValue), "isDeleted": .bool(conversation.deletedAt != nil),
            "membership": .text(conversation.membership.rawValue), "last": .optional(conversation.lastMessage?.text),
        ])
    }

    private func row(_ entry: OutboxEntry) -> JSON {
        .object([
            "verb": .text(entry.verb.rawValue), "token": .text(entry.token.rawValue), "state": .text(entry.state.name),
            "asks": .bool(entry.asks), "reason": .optional(entry.reason?.rawValue), "attempts": .integer(Int64(entry.attempts)),
            "isSkipped": .bool(entry.isSkipped), "detail": .optional(entry.detail),
            "candidates": .list(entry.candidates.map { .text($0.remoteID) }),
            "next": .optional(entry.nextAttemptAt?.rfc3339),
        ])
    }
}
