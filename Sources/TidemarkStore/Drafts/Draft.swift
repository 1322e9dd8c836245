internal import Foundation
internal import GRDB
public import TidemarkModel

/// What the user has begun to write into a conversation.
public struct Draft: Hashable, Sendable {
    /// The most bytes that one holds, as UTF-8.
    public static let maximumBytes = 1 << 20

    public var text: String
    public var changedAt: Timestamp
}

extension AccountView {
    /// The draft of a conversation; `nil`: there is none. Fires when it is written, changed or cleared. Reading throws `notFound` for an unknown conversation.
    public func draft(in conversation: ConversationID) -> LiveView<Draft?> {
        LiveView(store: store, scope: .conversation(conversation)) { [key] db in
            _ = try ConversationView.row(conversation, key, db)
            return try Draft.of(conversation.number, db)
        }
    }

    /// Keeps what the user has begun to write, in place of what was there; an empty text clears it.
    ///
    /// It survives crashes, power cuts and upgrades, is never sent, and goes with its conversation or account. Sending a message
    /// leaves it alone: clear it when its text was taken over. Durable when it returns: write it when the typing pauses, not
    /// at each key. Throws `notFound` for an unknown conversation and `invalidArgument` above ``Draft/maximumBytes``.
    public func setDraft(_ text: String, in conversation: ConversationID, at now: Timestamp? = nil) throws {
        guard text.utf8.count <= Draft.maximumBytes else {
            throw StoreError(.invalidArgument, "A draft holds \(Draft.maximumBytes) bytes at most; shorten it.")
        }
        let now = now ?? Timestamp(Date())
        try store.write(.full, touching: .conversation(conversation)) { [key] db in
            _ = try ConversationView.row(conversation, key, db)
            guard !text.isEmpty else {
                return try db.execute(cached: "DELETE FROM draft WHERE conversation = ?", arguments: [conversation.number])
            }
            try db.execute(
                cached: """
                    INSERT INTO draft (conversation, text, changedAt) VALUES (?, ?, ?)
                    ON CONFLICT DO UPDATE SET text = excluded.text, changedAt = excluded.changedAt
                    """, arguments: [conversation.number, text, now.milliseconds])
        }
    }

    /// Forgets the draft of a conversation. As ``setDraft(_:in:at:)`` with an empty text.
    public func clearDraft(in conversation: ConversationID) throws {
        try setDraft("", in: conversation)
    }
}

extension Draft {
    static func of(_ conversation: Int64, _ db: Database) throws -> Draft? {
        try db.first("SELECT text, changedAt FROM draft WHERE conversation = ?", [conversation]) { columns in
            Draft(text: try columns[0], changedAt: Timestamp(milliseconds: try columns[1]))
        }
    }

    /// Of all of an account's conversations, by their numbers.
    static func ofAll(account: Int64, _ db: Database) throws -> [(Int64, Draft)] {
        try db.all(
            """
            SELECT d.conversation, d.text, d.changedAt FROM draft AS d JOIN conversation AS c ON c.id = d.conversation
            WHERE c.account = ?
            """, [account]
        ) { columns in
            (try columns[0], Draft(text: try columns[1], changedAt: Timestamp(milliseconds: try columns[2])))
        }
    }
}
