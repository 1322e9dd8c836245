internal import Foundation
internal import GRDB
public import TidemarkModel

extension AccountView {
    /// Writes the account's conversations, or one of them, piece by piece: one moment of the store, however long it takes.
    ///
    /// Conversations come in the order they were made here, their messages in display order, and what is unsent after them.
    /// Deleted messages are among them without their text. At most one message is held at a time as JSON, and a page of them as
    /// HTML. `write` gets whole lines; what it throws ends the export. Throws ``StoreError``, `notFound` for an unknown conversation.
    public func export(
        _ format: ExportFormat, of conversation: ConversationID? = nil, at now: Timestamp? = nil,
        to write: (String) throws -> Void
    ) throws -> ExportReport {
        let now = now ?? Timestamp(Date())
        return try store.read { [key] db in
            let rows = try conversation.map { [try ConversationView.row($0, key, db)] } ?? Self.conversations(key, db)
            return try withoutActuallyEscaping(write) { write in
                switch format {
                case .jsonLines:
                    var exporting = JSONExport(account: key, db: db, write: write)
                    return try exporting.run(rows, at: now)
                case .html(let clock):
                    var exporting = HTMLExport(account: key, clock: clock, db: db, write: write)
                    return try exporting.run(rows, at: now)
                }
            }
        }
    }

    private static func conversations(_ account: AccountKey, _ db: Database) throws -> [ConversationRow] {
        try ConversationRow.fetchAll(
            db, cached: "\(ConversationRow.selection) WHERE account = ? ORDER BY id", arguments: [account.id])
    }
}
