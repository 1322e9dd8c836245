internal import GRDB
internal import TidemarkModel
internal import TidemarkSchema

/// The schema that a build knows, and what a file has of it.
struct StoreSchema: Sendable {
    static let current = StoreSchema(migrations: Schema.migrations)

    /// In their order, numbered from 1.
    var migrations: [Schema.Migration]

    var version: Int { migrations.count }

    /// Judges a file by its first bytes, without SQLite.
    func checkHeader(of path: String) throws {
        guard let bytes = SQLiteHeader.read(path), let header = SQLiteHeader(bytes) else { throw Self.notAStore(path) }
        guard header.applicationID == UInt32(bitPattern: Schema.applicationID) else {
            // The log may say otherwise: a store's first bytes are as old as its last checkpoint.
            guard (FileStatus(path + "-wal")?.size ?? 0) > 0 else { throw Self.notAStore(path) }
            return
        }
        guard header.userVersion <= version else { throw newer(path, Int(header.userVersion)) }
    }

    /// What the log holds counts too. Returns the file's version.
    func checkContent(of path: String, _ db: Database) throws -> Int {
        let application = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        guard application == Schema.applicationID else { throw Self.notAStore(path) }
        let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        guard found <= version else { throw newer(path, found) }
        return found
    }

    /// Brings a file to this version, in one transaction: all of it or nothing.
    ///
    /// Foreign keys are off meanwhile, so that a table can be made anew while others refer to it, and checked before it counts.
    func migrate(_ db: Database) throws {
        let isEnforced = try Bool.fetchOne(db, sql: "PRAGMA foreign_keys") ?? false
        try db.execute(sql: "PRAGMA foreign_keys = OFF")
        defer { if isEnforced { try? db.execute(sql: "PRAGMA foreign_keys = ON") } }
        try db.inTransaction(.immediate) {
            // Read inside: another process may just have done it.
            let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
            guard found < version else { return .commit }
            let orphans = try Self.orphans(db)
            for migration in migrations where migration.number > found {
                try db.execute(sql: migration.sql)
            }
            try db.execute(sql: "PRAGMA application_id = \(Schema.applicationID)")
            try db.execute(sql: "PRAGMA user_version = \(version)")
            if found == 0 { try Self.addStore(db) }
            if version >= Self.current.version { try SearchIndex.follow(db) }
            // Those of before are for `verify`, which can only mend a store that opens.
            guard try Self.orphans(db) <= orphans else {
                throw StoreError(.damaged, "The store can't be brought to this version; it was left as it is. Keep a copy of it.")
            }
            return .commit
        }
    }

    private static func orphans(_ db: Database) throws -> Int {
        try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").count
    }

    /// The row of the file itself.
    static func addStore(_ db: Database) throws {
        var generator = SystemRandomNumberGenerator()
        let instance = Token.random(using: &generator).rawValue
        try db.execute(cached: "INSERT INTO store (id, instance) VALUES (1, ?)", arguments: [instance])
    }

    private static func notAStore(_ path: String) -> StoreError {
        StoreError(.notAStore, "\(path) is not a store of Tidemark; it was left as it is. Name another file.")
    }

    private func newer(_ path: String, _ found: Int) -> StoreError {
        StoreError(
            .newerStore,
            """
            \(path) was written by a newer version of Tidemark (schema \(found), this build knows \(version)); it was left \
            as it is. Install the newer version.
            """)
    }
}
