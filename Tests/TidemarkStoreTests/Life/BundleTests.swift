import Foundation
import GRDB
import Testing
import TidemarkModel

@testable import TidemarkStore

/// A store to hand to somebody else: all of it but what people wrote.
struct BundleTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// The store of the last schema, in which every table has something.
    private func store() async throws -> MessageStore {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let fixtures = try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "Fixtures/stores").path)
        let newest = try #require(fixtures.filter { $0.hasSuffix(".sql") }.max())
        let sql = try String(contentsOf: root.appending(path: "Fixtures/stores").appending(path: newest), encoding: .utf8)
        let path = folder.path("store.sqlite")
        let queue = try DatabaseQueue(path: path)
        try await queue.writeWithoutTransaction { db in try db.execute(sql: sql) }
        try queue.close()
        return try await MessageStore.open(path)
    }

    /// What stands in the columns that are emptied, but for what is too short or too common to be told from other bytes.
    private func written(_ db: Database) throws -> Set<String> {
        var words: Set<String> = []
        for (table, column, _) in try TextRemoval.columns(db)
        where TextRemoval.staying[table]?.contains(column) != true && !table.hasPrefix("search") {
            let values = try DatabaseValue.fetchAll(db, sql: "SELECT \"\(column)\" FROM \"\(table)\"")
            for value in values {
                switch value.storage {
                case .string(let text): words.insert(text)
                case .blob(let bytes): words.insert(String(decoding: bytes, as: UTF8.self))
                default: continue
                }
            }
        }
        // An id may also stand where ids stay.
        for (table, columns) in TextRemoval.staying {
            for column in columns {
                words.subtract(
                    try String.fetchAll(db, sql: "SELECT \"\(column)\" FROM \"\(table)\" WHERE \"\(column)\" IS NOT NULL"))
            }
        }
        return words.filter { $0.utf8.count >= 6 }
    }

    @Test func `no byte of what people wrote is in it`() async throws {
        let store = try await store()
        try store.write(.normal) { db in
            try db.execute(
                sql: """
                    UPDATE message SET text = 'flotsam ' || id, senderName = 'Jetsam', metadata = '{"cargo":"driftwood"}',
                        serviceData = '{"cargo":"spindrift"}' WHERE kind = 'text';
                    UPDATE participant SET displayName = 'Castaway' || participant;
                    UPDATE intent SET detail = 'the service said lagan';
                    """)
        }
        let words = try store.read(written)
        // A look for nothing finds nothing.
        #expect(words.count > 50)
        for known in ["flotsam 53", "Jetsam", "Refused"] { #expect(words.contains(known), "\(known)") }
        let path = folder.path("bundle.sqlite")
        try store.bundle(to: path)
        let bytes = try Data(contentsOf: URL(filePath: path))
        let found = words.filter { bytes.range(of: Data($0.utf8)) != nil }
        #expect(found == [])
        for part in ["flotsam", "Jetsam", "driftwood", "spindrift", "Castaway", "lagan"] {
            #expect(bytes.range(of: Data(part.utf8)) == nil, "\(part)")
        }
        let names = try folder.contents.keys.filter { $0.hasPrefix("bundle") }
        #expect(names == ["bundle.sqlite"])
        let permissions = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(permissions == 0o600)
    }

    @Test func `ids, states, times, coverage and the journal are as they were, and the original too`() async throws {
        let store = try await store()
        let path = folder.path("bundle.sqlite")
        try store.bundle(to: path)
        let copy = try await MessageStore.open(path, mode: .readOnly)
        for sql in [
            "SELECT id, remoteID, sort, place, version, sequence, kind, sender, createdAt, deletedAt, token FROM message",
            "SELECT id, conversation, message, verb, token, state, reason, attempts, parent, floor FROM intent",
            "SELECT * FROM attempt", "SELECT * FROM coverage", "SELECT * FROM journal",
            "SELECT id, remoteID, unread FROM conversation",
        ] {
            let rows = try store.read { try Row.fetchAll($0, sql: sql) }
            #expect(!rows.isEmpty)
            let copied = try copy.read { try Row.fetchAll($0, sql: sql) }
            #expect(copied == rows)
        }
        let structure = "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name"
        let structures = try [copy, store].map { one in try one.read { try Row.fetchAll($0, sql: structure) } }
        #expect(structures[0] == structures[1])
        let findings = try [copy, store].map { try $0.verify().findings }
        #expect(findings[0].count <= findings[1].count)
        #expect(!findings[0].contains { $0.kind == .search })
        #expect(try copy.account("me").search("bytes").get().isEmpty == false)
        let message = try #require(try copy.account("me").messages(limit: 200).get().first { $0.text != nil })
        #expect(message.text?.hasSuffix("bytes)") == true)
        #expect(try store.account("me").conversation(ConversationID(1)).get().topic == "Trip to the sea")
    }

    @Test func `a column is not let stay before somebody has looked at it`() async throws {
        let store = try await store()
        let columns = try store.read { try TextRemoval.columns($0) }
        for (table, names) in TextRemoval.staying {
            let known = Set(columns.filter { $0.table == table }.map(\.column))
            #expect(names.subtracting(known) == [], "\(table)")
        }
        try store.write(.normal) { db in
            try db.execute(sql: "ALTER TABLE message ADD COLUMN mood TEXT; UPDATE message SET mood = 'melancholy'")
            try db.execute(sql: "CREATE VIRTUAL TABLE words USING fts5(word); INSERT INTO words VALUES ('melancholy')")
            try db.execute(
                sql: """
                    CREATE TRIGGER moodChanges AFTER UPDATE OF mood ON message BEGIN
                        INSERT INTO words VALUES (OLD.mood); END
                    """)
        }
        let path = folder.path("bundle.sqlite")
        try store.bundle(to: path)
        let bytes = try Data(contentsOf: URL(filePath: path))
        #expect(bytes.range(of: Data("melancholy".utf8)) == nil)
    }

    @Test func `a file that is there already stays as it is`() async throws {
        let store = try await store()
        let path = folder.path("bundle.sqlite")
        try Data("a letter".utf8).write(to: URL(filePath: path))
        #expect(throws: StoreError.self) { try store.bundle(to: path) }
        #expect(try Data(contentsOf: URL(filePath: path)) == Data("a letter".utf8))
    }
}
