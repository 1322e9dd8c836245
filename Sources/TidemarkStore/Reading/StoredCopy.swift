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
            let rows = try db.all(
                """
                SELECT remoteID, id, version, createdAt, deletedAt IS NOT NULL, isUnreadable
                FROM message WHERE conversation = ? AND remoteID IS NOT NULL
                """, [conversation.number]
            ) { row in
                let createdAt: Int64? = try row[3]
                let copy = StoredCopy(
                    id: MessageID(try row[1]), version: try row[2], createdAt: createdAt.map(Timestamp.init(milliseconds:)),
                    isDeleted: try row[4], isUnreadable: try row[5])
                return (RemoteMessageID(try row[0] as String), copy)
            }
            return Dictionary(rows) { _, last in last }
        }
    }
}
