import FaultyDisk
import Foundation
import GRDB
import Testing
import TidemarkSchema

@testable import TidemarkStore

/// A migration happens or does not, whatever the disk does in its middle (P10, P11). The next version here is made up; the store
/// that is migrated is the golden one of this version. Every seventh point is tried, or what `CrashPoints` says.
@Suite(.serialized) struct MigrationCrashTests {
    private static let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent(String(format: "Fixtures/stores/v%03d.sql", Schema.version))

    /// A point of a migration is repeated by a mode that is this much higher.
    private static let first: UInt32 = 10

    /// It rewrites the largest table, as a real one may, and takes nothing away.
    private static let next = StoreSchema(
        migrations: Schema.migrations + [
            Schema.Migration(
                number: Schema.version + 1,
                sql: """
                    CREATE TABLE journalNext (
                        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL,
                        account INTEGER NOT NULL REFERENCES account ON DELETE CASCADE, conversation INTEGER, message INTEGER,
                        intent INTEGER, kind TEXT NOT NULL, cause TEXT, attempt INTEGER, status INTEGER, detail TEXT,
                        mood TEXT NOT NULL DEFAULT 'fine'
                    ) STRICT;
                    INSERT INTO journalNext (id, at, account, conversation, message, intent, kind, cause, attempt, status, detail)
                        SELECT * FROM journal;
                    DROP TABLE journal;
                    ALTER TABLE journalNext RENAME TO journal;
                    CREATE INDEX journalByIntent ON journal (intent, id) WHERE intent IS NOT NULL;
                    CREATE INDEX journalByMessage ON journal (message, id) WHERE message IS NOT NULL;
                    ALTER TABLE intent ADD COLUMN mood TEXT;
                    UPDATE intent SET mood = 'fine';
                    """)
        ])

    @Test(arguments: [FaultyDiskStops, FaultyDiskTears, FaultyDiskFailsOnce, FaultyDiskFills].map(\.rawValue))
    func `an interrupted migration leaves the old store or the new one, and goes on when it is opened again`(mode: UInt32) throws
    {
        try #require(faulty_disk_install() == 0)
        let well = try Try(FaultyDiskWell, at: 0)
        try well.check()
        try #require(well.failure == nil)
        let last = well.counts.changes
        try #require(last > 20)
        var (runs, struck, old) = (0, 0, 0)
        let points = CrashPoints.wanted(of: mode + Self.first, upTo: last, step: 7)
        for at in points {
            let run = try Try(FaultyDiskMode(mode), at: at)
            runs += 1
            struck += run.counts.struck > 0 ? 1 : 0
            old += try run.check() == Schema.version ? 1 : 0
        }
        guard runs > 1 else { return }
        print("mode \(mode): \(runs) of \(last) points, the fault struck in \(struck), \(old) stores were still the old ones")
        // At the very end nothing needs room any more.
        #expect(struck > runs * 9 / 10)
        #expect(old > 0)
    }

    /// One migration on a disk that fails at one point.
    private final class Try {
        private let folder: URL
        private let place: Comment
        private let before: [String: [Row]]
        private(set) var counts = FaultyDiskCounts()
        private(set) var failure: (any Error)?

        private var path: String { folder.appending(path: "chat.sqlite").path }

        init(_ mode: FaultyDiskMode, at: Int64) throws {
            place = Comment(rawValue: CrashPoints.place(mode.rawValue + MigrationCrashTests.first, at))
            folder = FileManager.default.temporaryDirectory.appending(path: "tidemark-migration-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let file = folder.appending(path: "chat.sqlite").path
            let queue = try DatabaseQueue(path: file)
            try queue.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA journal_mode = wal")
                try db.execute(sql: try String(contentsOf: MigrationCrashTests.golden, encoding: .utf8))
            }
            before = try queue.read(Self.rows)
            try queue.close()
            let disk = faulty_disk_watch(folder.path)
            try #require(disk >= 0)
            faulty_disk_arm(disk, mode, at)
            do {
                try MessageStore.open(file, mode: .readWrite, MigrationCrashTests.next).close()
            } catch {
                failure = error
            }
            counts = faulty_disk_counts(disk)
            if mode == FaultyDiskStops || mode == FaultyDiskTears, at % 2 == 0 {
                _ = faulty_disk_lose_unsynced(disk, at % 4 == 0 ? 0 : UInt64(at))
                try? FileManager.default.removeItem(atPath: file + "-shm")
            }
            faulty_disk_forget(disk)
        }

        deinit {
            try? FileManager.default.removeItem(at: folder)
        }

        /// Looks at what the disk has, opens it again and compares. Returns the version that was left.
        @discardableResult
        func check() throws -> Int {
            let left = try look { db in try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0 }
            #expect(left == Schema.version || left == Schema.version + 1, place)
            #expect(failure != nil || left == Schema.version + 1, place)
            try MessageStore.open(path, mode: .readWrite, MigrationCrashTests.next).close()
            try look { (db: Database) throws in
                #expect(try Int.fetchOne(db, sql: "PRAGMA user_version") == Schema.version + 1, place)
                #expect(try String.fetchAll(db, sql: "PRAGMA integrity_check") == ["ok"], place)
                #expect(try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").isEmpty, place)
                #expect(try Self.rows(db) == before, place)
                #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM intent WHERE mood IS NULL") == 0, place)
            }
            return left
        }

        private func look<Value>(_ body: (Database) throws -> Value) throws -> Value {
            let queue = try DatabaseQueue(path: path)
            defer { try? queue.close() }
            return try queue.read(body)
        }

        /// Every row, without what the next version has added and without the file's own.
        private static func rows(_ db: Database) throws -> [String: [Row]] {
            let tables = try String.fetchAll(
                db,
                sql: """
                    SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'
                        AND name NOT IN ('store', 'searchPending')
                    """)
            return try tables.reduce(into: [:]) { rows, table in
                let names = try db.columns(in: table).map(\.name).filter { $0 != "mood" }.joined(separator: ", ")
                rows[table] = try Row.fetchAll(db, sql: "SELECT \(names) FROM \(table) ORDER BY 1, 2")
            }
        }
    }
}
