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
        try Row.fetchAll(
            db,
            cached: """
                SELECT id, conversation, subject, remoteID, reason, length(raw) AS size, decoder, firstSeenAt, lastSeenAt
                FROM reject WHERE account = ? ORDER BY id
                """, arguments: [account.id]
        ).map { row in
            RejectView(
                id: row["id"], conversation: (row["conversation"] as Int64?).map { ConversationID($0) },
                subject: row["subject"], remoteID: row["remoteID"], reason: row["reason"], size: row["size"],
                decoder: row["decoder"], firstSeenAt: Timestamp(milliseconds: row["firstSeenAt"]),
                lastSeenAt: Timestamp(milliseconds: row["lastSeenAt"]))
        }
    }
}
