import Foundation
import GRDB
import Testing
import TidemarkModel

@testable import TidemarkStore

/// Statements are found by where their texts stand, on each connection its own.
struct PreparedStatementsTests {
    private static let kept = SQLText(once: "SELECT count(*) FROM account WHERE name <> ?")

    private func add(_ name: String, to store: MessageStore) throws {
        try store.addAccount(AccountName(name), service: "plain", at: Timestamp(milliseconds: 0))
    }

    @Test func `texts that stand in the source or are made once have a key, each its own`() throws {
        let keys = (0..<2).map { _ in ("SELECT 1 FROM account" as SQLText).key }
        #expect(keys[0] != nil && keys[0] == keys[1])
        #expect(("SELECT 2 FROM account" as SQLText).key != keys[0])
        #expect(Self.kept.key != nil && Self.kept.key == Self.kept.key && Self.kept.key != keys[0])
        #expect(SQLText(once: Self.kept.text).key != Self.kept.key)
        let number = 3
        let made: SQLText = "SELECT \(number), '\(Self.kept)' FROM account"
        #expect(made.key == nil)
        #expect(made.text == "SELECT 3, '\(Self.kept.text)' FROM account")
    }

    @Test func `each store runs its own, also while another one is used`() throws {
        let stores = try (0..<3).map { _ in try MessageStore.inMemory() }
        for (index, store) in stores.enumerated() {
            for number in 0..<index { try add("a\(number)", to: store) }
        }
        func count(_ db: Database) throws -> Int? { try Int.fetchOne(db, cached: Self.kept, arguments: [""]) }
        for _ in 0..<2 {
            let counts = try stores[1].read { outer in
                let before = try count(outer)
                let inner = try stores[2].read { db in [try count(db), try stores[0].read(count), try count(db)] }
                return [before] + inner + [try count(outer)]
            }
            #expect(counts == [1, 2, 0, 2, 1])
        }
    }

    @Test func `a statement outlives a change of the tables that it reads`() throws {
        let store = try MessageStore.inMemory()
        func names() throws -> [String] {
            try store.read { db in try String.fetchAll(db, cached: "SELECT name FROM account ORDER BY name") }
        }
        try add("b", to: store)
        #expect(try names() == ["b"])
        try store.write(.normal) { db in
            try db.execute(sql: "ALTER TABLE account ADD COLUMN more TEXT; CREATE INDEX byMore ON account (more)")
        }
        try add("a", to: store)
        #expect(try names() == ["a", "b"])
    }

    @Test func `what was prepared keeps no store open`() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tidemark-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for round in 1...3 {
            let store = try await MessageStore.open(folder.appendingPathComponent("chat.sqlite").path)
            try add("a\(round)", to: store)
            #expect(try store.read { db in try Int.fetchOne(db, cached: Self.kept, arguments: [""]) } == round)
            try store.close()
            let failure = #expect(throws: StoreError.self) { try store.accounts() }
            #expect(failure?.code == .closed)
        }
    }

    @Test func `hundreds of texts are told apart`() throws {
        let texts = (0..<700).map { SQLText(once: "SELECT \($0)") }
        let store = try MessageStore.inMemory()
        for _ in 0..<2 {
            let numbers = try store.read { db in try texts.map { try Int.fetchOne(db, cached: $0) } }
            #expect(numbers == Array(0..<700))
        }
    }
}
