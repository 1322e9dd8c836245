internal import GRDB
package import TidemarkModel

/// What the store has of one remote copy, as far as a comparison with the service needs it.
package struct StoredCopy: Hashable, Sendable {
    package let id: MessageID
    package let version: Int64?
    package let createdAt: Timestamp?
    package let isDeleted: Bool
    package let isUnreadable: Bool
}

extension MessageStore {
    /// The remote copies of a conversation by their remote ids.
    package func storedCopies(in conversation: ConversationID) throws -> [RemoteMessageID: StoredCopy] {
        try read { db in
            let rows = try Row.fetchCursor(
                db,
                cached: """
                    SELECT remoteID, id, version, createdAt, deletedAt IS NOT NULL, isUnreadable
                    FROM message WHERE conversation = ? AND remoteID IS NOT NULL
                    """, arguments: [conversation.number])
            var copies: [RemoteMessageID: StoredCopy] = [:]
            while let row = try rows.next() {
                let createdAt: Int64? = row[3]
                copies[RemoteMessageID(row[0] as String)] = StoredCopy(
                    id: MessageID(row[1]), version: row[2], createdAt: createdAt.map(Timestamp.init(milliseconds:)),
                    isDeleted: row[4], isUnreadable: row[5])
            }
            return copies
        }
    }
}
