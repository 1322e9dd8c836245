internal import GRDB

/// Whether the system's SQLite can hold a store.
struct SQLiteSuitability: Hashable, Sendable {
    var version: String
    var options: [String]
    var hasFullTextSearch: Bool

    /// STRICT tables came with 3.37, JSON functions in every build with 3.38.
    private static let oldest = [3, 38, 0]

    init(version: String, options: [String], hasFullTextSearch: Bool) {
        self.version = version
        self.options = options
        self.hasFullTextSearch = hasFullTextSearch
    }

    init(_ db: Database) throws {
        version = try String.fetchOne(db, sql: "SELECT sqlite_version()") ?? "0"
        options = try String.fetchAll(db, sql: "PRAGMA compile_options")
        hasFullTextSearch =
            try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM pragma_module_list WHERE name = 'fts5')") ?? false
    }

    static func system() throws -> SQLiteSuitability {
        try StoreError.translating { try DatabaseQueue().read { db in try SQLiteSuitability(db) } }
    }

    func check() throws {
        let numbers = version.split(separator: ".").map { Int($0) ?? 0 }
        guard !numbers.lexicographicallyPrecedes(Self.oldest) else {
            throw StoreError(
                .unsuitableSQLite, "SQLite \(version) is too old; Tidemark needs 3.38 or newer. Install a newer libsqlite3.")
        }
        guard hasFullTextSearch else {
            throw StoreError(
                .unsuitableSQLite, "This SQLite was built without FTS5, which search needs; install one that has it.")
        }
        guard !options.contains("THREADSAFE=0") else {
            throw StoreError(
                .unsuitableSQLite, "This SQLite was built for one thread only; install one built with THREADSAFE=1 or 2.")
        }
    }
}
