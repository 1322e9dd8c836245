internal import GRDB
public import TidemarkModel

/// Something the service sent that could not be read. It is decoded again after an upgrade (R24).
public struct RejectView: Hashable, Sendable, Identifiable {
    public var id: Int64
    public var conversation: ConversationID?
    /// What was being read: `messages`, `participants`, ….
    public var subject: String
    public var remoteID: String?
    public var reason: String
    /// How many bytes were kept.
    public var size: Int
    /// The version of the service's decoder that could not read it (``ServiceTraits/decoderVersion``).
    public var decoder: String
    public var firstSeenAt: Timestamp
    public var lastSeenAt: Timestamp
}

extension RejectView {
    static func list(_ account: AccountKey, _ db: Database) throws -> [RejectView] {
        try db.all(
            """
            SELECT id, conversation, subject, remoteID, reason, length(raw), decoder, firstSeenAt, lastSeenAt
            FROM reject WHERE account = ? ORDER BY id
            """, [account.id]
        ) { row in
            RejectView(
                id: try row[0], conversation: (try row[1] as Int64?).map { ConversationID($0) }, subject: try row[2],
                remoteID: try row[3], reason: try row[4], size: try row[5], decoder: try row[6],
                firstSeenAt: Timestamp(milliseconds: try row[7]), lastSeenAt: Timestamp(milliseconds: try row[8]))
        }
    }
}
