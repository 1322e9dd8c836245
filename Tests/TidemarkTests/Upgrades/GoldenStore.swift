import Foundation
import GRDB
import TidemarkModel
import TidemarkSchema
import TidemarkStore

/// A store as one version of the schema left it, as text under `Fixtures/stores`: the statements that make the file, what the
/// service held at that moment, and what the views showed.
struct GoldenStore {
    var version: Int

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Fixtures/stores")

    var name: String { String(format: "v%03d", version) }

    private func file(_ suffix: String) -> URL { Self.folder.appendingPathComponent(name + suffix) }

    var exists: Bool {
        [".sql", ".service.json", ".views.txt"].allSatisfy { FileManager.default.fileExists(atPath: file($0).path) }
    }

    var sql: String { get throws { try String(contentsOf: file(".sql"), encoding: .utf8) } }
    var views: String { get throws { try String(contentsOf: file(".views.txt"), encoding: .utf8) } }
    var service: PlainService {
        get throws { try JSONDecoder().decode(PlainService.self, from: try Data(contentsOf: file(".service.json"))) }
    }

    /// Makes the file that the version left.
    func load(into path: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { db in try db.execute(sql: try sql) }
        try queue.close()
    }

    // MARK: Making the next one

    /// Writes the files of a version that has none yet. One that stands there is never changed: stores like it are out there.
    func write(_ store: String, _ service: PlainService, _ views: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        try Data(store.utf8).write(to: file(".sql"))
        try encoder.encode(service).write(to: file(".service.json"))
        try Data(views.utf8).write(to: file(".views.txt"))
    }

    /// A store's file as statements: its own tables, and of each row what is not as the table's defaults have it.
    static func dump(_ path: String) throws -> String {
        let queue = try DatabaseQueue(path: path)
        defer { try? queue.close() }
        return try queue.read { db in
            let application = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
            let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
            var lines = [
                "-- A store as version \(version) of the schema left it. Made once, by GoldenStoreTests; never edited.", "",
                "PRAGMA foreign_keys = OFF;", "BEGIN;",
            ]
            let made = try String.fetchAll(
                db, sql: "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND \(isOwn) ORDER BY rowid")
            lines += made.map { $0 + ";" }
            let tables = try String.fetchAll(
                db,
                sql: """
                    SELECT name FROM sqlite_schema
                    WHERE type = 'table' AND \(isOwn) AND name NOT IN ('search', 'searchPending') ORDER BY rowid
                    """)
            for table in tables { lines += [""] + (try rows(of: table, db)) }
            if version >= 4 {
                // Its row ids are the messages'. Making the messages has noted them as changed.
                let words = try Row.fetchAll(db, sql: "SELECT rowid, text FROM search ORDER BY rowid")
                lines += [""] + words.map { "INSERT INTO search (rowid, text) VALUES (\(literal($0[0])), \(literal($0[1])));" }
                lines += ["", "DELETE FROM searchPending;"]
            }
            lines += ["", "DELETE FROM sqlite_sequence;"] + (try rows(of: "sqlite_sequence", db))
            lines += ["COMMIT;", "PRAGMA application_id = \(application);", "PRAGMA user_version = \(version);"]
            return lines.joined(separator: "\n") + "\n"
        }
    }

    /// SQLite makes the rest by itself.
    private static let isOwn = """
        name NOT LIKE 'sqlite_%' AND name NOT IN (SELECT name FROM pragma_table_list WHERE type = 'shadow')
        """

    private static func rows(of table: String, _ db: Database) throws -> [String] {
        let columns = try Row.fetchAll(db, sql: "SELECT name, dflt_value FROM pragma_table_info(?)", arguments: [table])
        let usual = Dictionary(uniqueKeysWithValues: columns.map { ($0["name"] as String, $0["dflt_value"] as String?) })
        return try Row.fetchAll(db, sql: "SELECT * FROM \(table) ORDER BY 1, 2").map { row in
            let told = row.filter { name, value in
                // Whose file it was is nobody's business: the one it is loaded into is not a copy.
                !(table == "store" && ["device", "inode"].contains(name)) && literal(value) != usual[name] ?? "NULL"
            }
            let names = told.map(\.0).joined(separator: ", ")
            return "INSERT INTO \(table) (\(names)) VALUES (\(told.map { literal($0.1) }.joined(separator: ", ")));"
        }
    }

    private static func literal(_ value: DatabaseValue) -> String {
        switch value.storage {
        case .null: "NULL"
        case .int64(let number): String(number)
        case .double(let number): String(number)
        case .string(let text): "'" + text.replacingOccurrences(of: "'", with: "''") + "'"
        case .blob(let data): "X'" + data.map { String(format: "%02x", $0) }.joined() + "'"
        }
    }
}
