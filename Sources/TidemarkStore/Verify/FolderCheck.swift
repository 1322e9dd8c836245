internal import GRDB
internal import TidemarkModel

/// Whether the folder of files holds what rows name, and nothing else.
struct FolderCheck {
    let shelf: FileShelf
    let names: [Int64: AccountName]
    let db: Database

    /// A file of a message that is said to be here.
    private struct Named {
        var attachment: Int64
        var message: Int64
        var conversation: Int64?
        var account: Int64?
        /// The upload that needs its bytes; `nil`: they can be fetched again.
        var upload: Int64?
        var copy: String?
        var size: Int64?
        /// The bytes are the user's only copy here.
        var isUnsent: Bool
    }

    func findings(atMost limit: Int) throws -> [Verification.Finding] {
        try broken().prefix(limit).map { file in
            Verification.Finding(
                kind: .missingFile, account: file.account.flatMap { names[$0] },
                conversation: file.conversation.map { ConversationID($0) }, message: MessageID(file.message),
                intent: file.upload.map { IntentID($0) },
                detail: file.upload == nil
                    ? "The copy of a file is gone or cut short." : "What it would send is gone or cut short.",
                repair: file.upload == nil
                    ? .automatic("forgets the copy; it is fetched again when it is asked for")
                    : .person("`outbox discard \(IntentID(file.upload ?? 0))`, and send the file again"))
        }
    }

    func mend() throws {
        for file in try broken() where file.upload == nil {
            try db.execute(
                cached: "UPDATE attachment SET copy = NULL, thumbnailCopy = NULL, usedAt = NULL WHERE id = ?",
                arguments: [file.attachment])
        }
    }

    /// Files in the folder that no row names. A repair sweeps them away once it is committed.
    static func strays(_ shelf: FileShelf, _ db: Database) throws -> [Verification.Finding] {
        try shelf.strays { try MessageStore.namedCopies(db) }.map { name in
            Verification.Finding(
                kind: .strayFile, detail: "The file \(name) in the folder of files belongs to no message.",
                repair: .automatic("removes it"))
        }
    }

    private func broken() throws -> [Named] {
        try db.all(
            """
            SELECT a.id, a.message, m.conversation, c.account, i.id, a.copy, a.size, a.usedAt IS NULL
            FROM attachment AS a JOIN message AS m ON m.id = a.message LEFT JOIN conversation AS c ON c.id = m.conversation
            LEFT JOIN intent AS i ON i.id = a.intent AND i.verb = 'upload' AND i.state NOT IN ('confirmed', 'cancelled')
            WHERE a.copy IS NOT NULL OR i.id IS NOT NULL ORDER BY a.id
            """, []
        ) { columns in
            Named(
                attachment: try columns[0], message: try columns[1], conversation: try columns[2], account: try columns[3],
                upload: try columns[4], copy: try columns[5], size: try columns[6], isUnsent: try columns[7])
        }.filter { !isWhole($0) }
    }

    private func isWhole(_ file: Named) -> Bool {
        guard let copy = file.copy, FileShelf.isName(copy), let status = FileStatus(shelf.path(of: copy)), status.isRegular
        else { return false }
        // What a sender said of a fetched file is no proof.
        return !file.isUnsent || file.size.map { $0 == status.size } ?? true
    }
}
