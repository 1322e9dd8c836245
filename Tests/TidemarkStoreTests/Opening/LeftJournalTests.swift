import Foundation
import GRDB
import Testing
import TidemarkModel

@testable import TidemarkStore

/// A program was killed while it made the store, or changed how it is kept: what it had begun lies beside the file, and the
/// next one undoes it.
struct LeftJournalTests {
    let folder: TemporaryFolder
    var path: String { folder.path("store.sqlite") }

    init() throws {
        folder = try TemporaryFolder()
    }

    /// Writes into a database that keeps a rollback journal, and takes the journal away before that is over.
    private func takeJournal(of database: String, to place: String) throws {
        let queue = try DatabaseQueue(path: database)
        try queue.writeWithoutTransaction { db in
            // Its journal counts from the first byte, as one does that was synced.
            try db.execute(sql: "PRAGMA journal_mode = DELETE; PRAGMA synchronous = OFF")
            try db.inTransaction(.immediate) {
                try db.execute(sql: "PRAGMA user_version = 77")
                try FileManager.default.copyItem(atPath: database + "-journal", toPath: place + "-journal")
                return .rollback
            }
        }
        try queue.close()
    }

    @Test(arguments: [OpeningMode.readOnly, .readWrite, .create])
    func `a store whose last change of the file was cut off opens with all it had`(mode: OpeningMode) async throws {
        let store = try await MessageStore.open(path)
        try store.addAccount("me", service: "azure")
        try store.close()
        let left = folder.path("left.sqlite")
        try takeJournal(of: path, to: left)
        try FileManager.default.copyItem(atPath: path, toPath: left)

        let again = try await MessageStore.open(left, mode: mode)
        #expect(try again.accounts().map(\.name) == ["me"])
        try again.close()
    }

    @Test func `a store whose making was cut off is made again`() async throws {
        try await MessageStore.open(path).close()
        let left = folder.path("left.sqlite")
        // As a kill in the middle of the first commit leaves it: the pages are there, and a journal that says there were none.
        try takeJournal(of: folder.path("empty.sqlite"), to: left)
        try FileManager.default.copyItem(atPath: path, toPath: left)

        let again = try await MessageStore.open(left)
        try again.addAccount("me", service: "azure")
        #expect(try again.accounts().map(\.name) == ["me"])
        try again.close()
    }
}
