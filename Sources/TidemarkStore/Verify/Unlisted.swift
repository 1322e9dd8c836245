internal import Foundation
internal import GRDB
internal import TidemarkModel

/// Own messages that stand in no outbox: what somebody wrote is neither thrown away nor sent without being asked for.
enum Unlisted {
    /// Lists one as parked.
    static func park(_ hit: StoreCheck.Hit, _ db: Database) throws {
        guard let row = try MessageRow.fetchOne(db, id: hit.message), let account = hit.account else { return }
        let metadata = try row.metadata.map { try IntentBody(json: $0).metadata } ?? nil
        let outgoing = OutgoingMessage(
            row.text ?? "", kind: MessageKind(rawValue: row.kind ?? "text"), senderName: row.senderName, metadata: metadata ?? [:]
        )
        var intent = IntentRow(
            account: account, conversation: row.conversation, message: row.id, verb: .send,
            token: try token(row.token, account, db),
            body: try IntentBody(message: outgoing).json(), createdAt: row.createdAt ?? Timestamp(Date()).milliseconds)
        try intent.insertRestored(db)
        try db.execute(
            cached: "UPDATE message SET token = ?, sort = ? WHERE id = ?",
            arguments: [intent.token, MessageRow.tail + (intent.id ?? 0), row.id])
    }

    /// The one it was written with, where nothing else bears it.
    private static func token(_ written: String?, _ account: Int64, _ db: Database) throws -> String {
        var generator = SystemRandomNumberGenerator()
        guard let written, !written.isEmpty, try !db.knowsToken(written, account) else {
            return Token.random(using: &generator).rawValue
        }
        return written
    }
}

extension Database {
    /// Whether a token stands for anything that was ever wanted.
    func knowsToken(_ token: String, _ account: Int64) throws -> Bool {
        try Bool.fetchOne(
            self,
            cached: """
                SELECT EXISTS (SELECT 1 FROM intent WHERE account = ?1 AND token = ?2)
                    OR EXISTS (SELECT 1 FROM tokenUse WHERE account = ?1 AND token = ?2)
                    OR EXISTS (SELECT 1 FROM tokenTombstone WHERE account = ?1 AND token = ?2)
                """, arguments: [account, token]) ?? false
    }
}

extension IntentRow {
    /// Inserts it as parked: whether it was sent meanwhile nobody knows, so a retry looks first, down to what is proved now (R16).
    mutating func insertRestored(_ db: Database) throws {
        state = .parked
        reason = ParkReason.restored.rawValue
        (isFrozen, mayHaveLanded) = (true, true)
        if verb != .createConversation {
            floor =
                try Int64.fetchOne(db, cached: "SELECT windowHigh FROM conversation WHERE id = ?", arguments: [conversation])
                ?? -1
        }
        doubtStart = try db.lastStartNumber()
        try insert(db)
    }
}
