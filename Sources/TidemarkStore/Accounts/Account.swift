internal import Foundation
internal import GRDB
public import TidemarkModel

/// An account of a service, as the store keeps it.
public struct Account: Hashable, Sendable {
    public var name: AccountName
    /// Which service: `azure`.
    public var service: String
    /// The endpoint and where secrets are found, by name; never a secret.
    public var settings: [String: String]
    /// The user ids that are this account, in their order (R13).
    public var identities: [ParticipantID]
    public var createdAt: Timestamp
    /// Why nothing leaves.
    public var stopReason: ParkReason?
    /// When the service last answered anything.
    public var contactAt: Timestamp?
}

extension Account {
    static func list(_ db: Database) throws -> [Account] {
        try AccountRow.fetchAll(db, cached: "\(AccountRow.selection) ORDER BY id").map { try Account($0, db) }
    }

    init(_ row: AccountRow, _ db: Database) throws {
        let identities = try String.fetchAll(
            db, cached: "SELECT participant FROM identity WHERE account = ? ORDER BY addedAt, participant", arguments: [row.id])
        self.init(
            name: AccountName(row.name), service: row.service,
            settings: (try? JSONDecoder().decode([String: String].self, from: Data(row.settings.utf8))) ?? [:],
            identities: identities.map { ParticipantID($0) }, createdAt: Timestamp(milliseconds: row.createdAt),
            stopReason: row.stopReason.map(ParkReason.init(rawValue:)),
            contactAt: row.contactAt.map(Timestamp.init(milliseconds:)))
    }

    static func json(_ settings: [String: String]) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(settings), as: UTF8.self)
    }
}
