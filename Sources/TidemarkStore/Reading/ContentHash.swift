internal import GRDB
package import TidemarkModel

extension MessageStore {
    /// One number over what a conversation's messages are: equal wherever the same was observed, in any order (P5).
    ///
    /// It covers what every source carries: id, version, deleted, kind, text, files and what it answers, ordered by place and id. The hash is
    /// FNV-1a with 64 bits: stable over processes and machines.
    ///
    /// - Parameter withRevisions: covers the older versions, too. Where one has seen more of them than another, both may hold what the
    ///   service has: so two devices are compared without, and a store and its copy with them.
    package func contentHash(conversation: ConversationID, withRevisions: Bool = false) throws -> UInt64 {
        try read { db in
            var hash = ContentHash()
            let revisions = withRevisions ? try Revisions.hashed(in: conversation, db) : [:]
            let rows = try db.rows(
                """
                SELECT remoteID, version, deletedAt IS NOT NULL, kind, text, replyTo,
                    CASE WHEN attachments <> '[]' THEN (SELECT group_concat(json_extract(value, '$.file'), char(10))
                        FROM json_each(attachments)) END, id
                FROM message
                WHERE conversation = ? AND remoteID IS NOT NULL AND version IS NOT NULL
                ORDER BY place IS NULL, place, remoteID
                """, [conversation.number], Fields.init)
            while let row = try rows.next() {
                hash.add(row.remoteID)
                hash.add(String(row.version))
                hash.add(row.isDeleted ? "1" : "0")
                hash.add(row.kind)
                hash.add(row.text)
                // Most have neither: they count for what they did before there were any.
                if let replyTo = row.replyTo { hash.add("answers \(replyTo)") }
                if let files = row.files { hash.add("bears \(files)") }
                for said in revisions[row.id] ?? [] { hash.add(said) }
            }
            return hash.value
        }
    }
}

extension Revisions {
    /// Version and text of each, by message, oldest first.
    fileprivate static func hashed(in conversation: ConversationID, _ db: Database) throws -> [Int64: [String]] {
        let all = try db.all(
            """
            SELECT r.message, r.version, r.text FROM revision AS r JOIN message AS m ON m.id = r.message
            WHERE m.conversation = ? ORDER BY r.message, r.version
            """, [conversation.number]
        ) { try (message: $0[0] as Int64, said: "said in \($0[1] as Int64) \($0[2] as String)") }
        return Dictionary(grouping: all, by: \.message).mapValues { $0.map(\.said) }
    }
}

/// What is hashed of a message.
private struct Fields {
    let remoteID, kind, text, replyTo, files: String?
    let version, id: Int64
    let isDeleted: Bool

    init(_ columns: Columns) throws {
        (remoteID, version, isDeleted) = try (columns[0], columns[1], columns[2])
        (kind, text, replyTo, files) = try (columns[3], columns[4], columns[5], columns[6])
        id = try columns[7]
    }
}

/// FNV-1a over fields, each closed by its length so that their borders count.
struct ContentHash {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ text: String?) {
        guard let text else { return add([0xFF, 0x00]) }
        let bytes = Array(text.utf8)
        add(bytes)
        add([0xFE] + Array(String(bytes.count).utf8))
    }

    private mutating func add(_ bytes: [UInt8]) {
        for byte in bytes { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    }
}
