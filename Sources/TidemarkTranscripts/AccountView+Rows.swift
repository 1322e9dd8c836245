import Tidemark
import TidemarkModel
import TidemarkStore

/// What the views show, as the rows that transcripts name.
extension AccountView {
    func rows(of view: String, in conversation: ConversationID?) throws -> [JSON] {
        switch view {
        case "conversations": return try conversations(includingDeleted: true).get().map(Self.row)
        case "outbox": return try outbox(in: conversation).get().map(Self.row)
        case "gaps": return try gaps(in: conversation).get().map { .object(["kind": .text($0.kind.rawValue)]) }
        case "rejects": return try rejects().get().map { .object(["id": .optional($0.remoteID), "reason": .text($0.reason)]) }
        default: break
        }
        guard let conversation else { return [] }
        switch view {
        case "timeline":
            return try timeline(of: conversation, limit: Timeline.maximumLimit).get().entries.map(Self.row)
        case "participants":
            return try participants(of: conversation).get().map { participant in
                .object([
                    "id": .text(participant.id.rawValue), "displayName": .optional(participant.displayName),
                    "isOwn": .bool(participant.isOwn), "state": .text(participant.state.name),
                ])
            }
        default:
            return try receipts(of: conversation).get().map { receipt in
                .object([
                    "participant": .text(receipt.participant.rawValue), "message": .text(receipt.remoteMessage.rawValue),
                    "isOwn": .bool(receipt.isOwn),
                ])
            }
        }
    }

    private static func row(_ entry: TimelineEntry) -> JSON {
        .object([
            "id": .optional(entry.remoteID?.rawValue), "sender": .optional(entry.sender?.rawValue),
            "senderName": .optional(entry.senderName), "kind": .text(entry.kind.rawValue), "text": .optional(entry.text),
            "createdAt": .optional(entry.createdAt?.rfc3339), "isEdited": .bool(entry.editedAt != nil),
            "isDeleted": .bool(entry.deletedAt != nil), "version": entry.version.map(JSON.integer) ?? .null,
            "token": .optional(entry.token?.rawValue), "state": .text(entry.state.name),
            "problem": .optional(entry.problem?.rawValue), "gapBefore": .bool(entry.gapBefore), "isOwn": .bool(entry.isOwn),
            "files": .list(
                entry.attachments.map { file in
                    .object([
                        "name": .optional(file.name), "key": .optional(file.file?.rawValue), "state": .text(file.state.rawValue),
                        "isHere": .bool(file.localPath != nil),
                    ])
                }), "topic": .optional(entry.topic), "metadata": .object(entry.metadata.mapValues(JSON.text)),
        ])
    }

    private static func row(_ conversation: ConversationView) -> JSON {
        .object([
            "id": .optional(conversation.remoteID?.rawValue), "topic": .text(conversation.topic),
            "unread": .integer(Int64(conversation.unread)), "unreadAtLeast": .bool(conversation.unreadAtLeast),
            "pending": .integer(Int64(conversation.pending)), "state": .text(conversation.state.name),
            "problem": .optional(conversation.problem?.rawValue), "isDeleted": .bool(conversation.deletedAt != nil),
            "membership": .text(conversation.membership.rawValue), "last": .optional(conversation.lastMessage?.text),
        ])
    }

    private static func row(_ entry: OutboxEntry) -> JSON {
        .object([
            "verb": .text(entry.verb.rawValue), "token": .text(entry.token.rawValue), "state": .text(entry.state.name),
            "asks": .bool(entry.asks), "reason": .optional(entry.reason?.rawValue), "attempts": .integer(Int64(entry.attempts)),
            "isSkipped": .bool(entry.isSkipped), "detail": .optional(entry.detail),
            "candidates": .list(entry.candidates.map { .text($0.remoteID) }),
            "next": .optional(entry.nextAttemptAt?.rfc3339),
        ])
    }
}
