import Foundation
import GRDB
import Testing
import TidemarkModel
import TidemarkSchema

@testable import TidemarkStore

/// Every past store opens, and a migration happens or does not (P10, P11). The second migration here is made up.
struct MigrationTests {
    let folder: TemporaryFolder
    let path: String
    let trip: ConversationID

    init() async throws {
        folder = try TemporaryFolder()
        path = folder.path("store.sqlite")
        let fixture = try ViewFixture(store: await MessageStore.open(path))
        trip = try fixture.conversation()
        try fixture.message(trip, at: 10, "old")
        _ = try fixture.unsent(trip, "unsent", token: "t")
        try fixture.store.close()
    }

    private func next(_ sql: String) -> StoreSchema {
        StoreSchema(migrations: Schema.migrations + [Schema.Migration(number: Schema.version + 1, sql: sql)])
    }

    private var good: StoreSchema {
        next(
            "ALTER TABLE account ADD COLUMN colour TEXT; CREATE TABLE sketch (text TEXT) STRICT; INSERT INTO sketch VALUES ('x')")
    }

    private func version(_ store: MessageStore) throws -> Int? {
        try store.read { db in try Int.fetchOne(db, sql: "PRAGMA user_version") }
    }

    @Test func `an older store is migrated with all that it holds`() throws {
        let store = try MessageStore.open(path, mode: .readWrite, good)
        #expect(try version(store) == Schema.version + 1)
        #expect(try store.timeline(of: trip).get().entries.map(\.text) == ["old", "unsent"])
        #expect(try store.outbox().get().count == 1)
        #expect(try store.isAdopted)
        try store.close()
        // The build before it leaves it alone from then on.
        let before = try folder.contents
        #expect { try MessageStore.open(path, mode: .readWrite, StoreSchema.current) } throws: {
            ($0 as? StoreError)?.code == .newerStore
        }
        #expect(try folder.contents == before)
    }

    @Test func `looking at an older store reads a migrated copy`() throws {
        let before = try folder.contents
        let store = try MessageStore.open(path, mode: .readOnly, good)
        #expect(try version(store) == Schema.version + 1)
        #expect(try store.timeline(of: trip).get().entries.map(\.text) == ["old", "unsent"])
        #expect(try store.isAdopted)
        #expect(store.path == path)
        #expect { try store.addAccount("x", service: "y") } throws: { ($0 as? StoreError)?.code == .readOnly }
        try store.close()
        #expect(try folder.contents == before)
    }

    @Test func `a migration that fails leaves the store as it was`() async throws {
        let before = try folder.contents
        let bad = next("CREATE TABLE sketch (text TEXT) STRICT; DELETE FROM message; INSERT INTO nowhere VALUES (1)")
        #expect(throws: StoreError.self) { try MessageStore.open(path, mode: .readWrite, bad) }
        #expect(try folder.contents["store.sqlite"] == before["store.sqlite"])
        let store = try await MessageStore.open(path, mode: .readWrite)
        #expect(try store.timeline(of: trip).get().entries.map(\.text) == ["old", "unsent"])
        #expect(try store.read { db in try String.fetchOne(db, sql: "PRAGMA integrity_check") } == "ok")
    }

    @Test func `a store that several open at once is made once`() async throws {
        let fresh = folder.path("fresh.sqlite")
        let instances = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<4 {
                group.addTask { try await MessageStore.open(fresh).info(at: Timestamp(milliseconds: 0)).instance }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(instances.count == 1)
    }
}
