import Foundation
import GRDB
import Testing
import TidemarkModel

@testable import TidemarkStore

/// SQLite locks the whole file while its last writer closes it. A program that is stopped there must not hold up views.
struct HeldFileTests {
    let folder: TemporaryFolder
    var path: String { folder.path("store.sqlite") }

    init() throws {
        folder = try TemporaryFolder()
    }

    private func rename(_ name: String, _ queue: DatabaseQueue) throws {
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: "UPDATE account SET name = ?", arguments: [name])
        }
    }

    /// A connection that keeps everybody else out.
    private func hold() throws -> DatabaseQueue {
        let holder = try DatabaseQueue(path: path)
        try holder.writeWithoutTransaction { db in try db.execute(sql: "PRAGMA locking_mode = EXCLUSIVE") }
        return holder
    }

    private func readPlainly() throws -> Int? {
        try DatabaseQueue(path: path).read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM account") }
    }

    @Test func `views show what is in the log while somebody holds the file, and follow when it is let go`() async throws {
        let store = try await MessageStore.open(path)
        try store.addAccount("me", service: "azure")
        try store.close()
        let holder = try hold()
        try rename("you", holder)
        #expect(throws: DatabaseError.self) { try readPlainly() }

        let view = try await MessageStore.open(path, mode: .readOnly)
        #expect(try view.accounts().map(\.name) == ["you"])
        try rename("them", holder)
        try holder.close()
        #expect(try view.accounts().map(\.name) == ["them"])
        try view.close()
    }
}
