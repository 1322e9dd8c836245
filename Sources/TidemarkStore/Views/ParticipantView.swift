internal import GRDB
public import TidemarkModel

/// Somebody in a conversation, with pending adds and removals on top.
public struct ParticipantView: Hashable, Sendable, Identifiable {
    public var id: ParticipantID
    public var displayName: String?
    public var role: String?
    /// From when on this participant may read the history.
    public var shareHistoryTime: Timestamp?
    public var isOwn: Bool
    /// How far adding them has come; `confirmed` for who is there.
    public var state: DeliveryState
}

extension ParticipantView {
    private static let openIntents = SQLText(
        once: OpenIntent.selection(onConversation: [.createConversation, .addParticipants, .removeParticipant]))

    /// By id, so that the order does not depend on how they became known.
    static func list(_ conversation: Int64, _ account: AccountKey, _ db: Database) throws -> [ParticipantView] {
        let own = try Set(
            String.fetchAll(db, cached: "SELECT participant FROM identity WHERE account = ?", arguments: [account.id]))
        let rows = try db.all(
            """
            SELECT participant, displayName, role, shareHistoryTime FROM participant
            WHERE conversation = ? AND isPresent = 1
            """, [conversation]
        ) { row in
            let id = ParticipantID(try row[0] as String)
            let since: Int64? = try row[3]
            return ParticipantView(
                id: id, displayName: try row[1], role: try row[2], shareHistoryTime: since.map(Timestamp.init(milliseconds:)),
                isOwn: own.contains(id.rawValue), state: .confirmed)
        }
        var present = Dictionary(rows.map { ($0.id, $0) }) { first, _ in first }
        for intent in try OpenIntent.onConversation(conversation, account: account.id, openIntents, db) where intent.isShown {
            lay(intent, over: &present, own: own)
        }
        return present.values.sorted { $0.id < $1.id }
    }

    private static func lay(
        _ intent: OpenIntent, over present: inout [ParticipantID: ParticipantView], own: Set<String>
    ) {
        guard let body = try? intent.row.decodedBody else { return }
        if intent.row.verb == .removeParticipant {
            if let gone = body.participant { present[gone] = nil }
            return
        }
        for added in body.participants ?? [] where present[added.id] == nil {
            present[added.id] = ParticipantView(
                id: added.id, displayName: added.displayName, role: added.role, shareHistoryTime: added.shareHistoryTime,
                isOwn: own.contains(added.id.rawValue), state: intent.state)
        }
    }
}
