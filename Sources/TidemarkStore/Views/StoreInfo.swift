internal import GRDB
internal import TidemarkSchema
public import TidemarkModel

/// What a store is, for `doctor`: numbers and names, no content.
public struct StoreInfo: Hashable, Sendable {
    public struct AccountInfo: Hashable, Sendable {
        public var account: Account
        public var outbox: OutboxSummary
        /// Who syncs it; `nil`: nobody does.
        public var leaseHolder: String?
        public var leaseExpiresAt: Timestamp?
        public var conversations: Int
        public var messages: Int
        public var gaps: Int
        /// Of ``gaps``, those that no sync fills by itself: ``GapView/needsBackfill``.
        public var gapsToBackfill: [GapView]
        public var rejects: Int
    }

    public var path: String?
    /// Random, made with the file; a copy has the same one.
    public var instance: String
    public var schemaVersion: Int
    /// The schema that this build reads and writes.
    public var knownSchemaVersion: Int
    public var sqliteVersion: String
    public var sqliteOptions: [String]
    public var isAdopted: Bool
    /// Bytes of the main file and its log.
    public var size: Int64
    public var accounts: [AccountInfo]
    /// Rows by table.
    public var rows: [String: Int]
}

extension MessageStore {
    /// Counts and versions of the store, at a moment of the caller's clock.
    public func info(at now: Timestamp) throws -> StoreInfo {
        let isAdopted = try isAdopted
        let size = path.map { (FileStatus($0)?.size ?? 0) + (FileStatus($0 + "-wal")?.size ?? 0) }
        return try read { db in
            let pages = try Int64.fetchOne(db, cached: "PRAGMA page_count") ?? 0
            let pageSize = try Int64.fetchOne(db, cached: "PRAGMA page_size") ?? 0
            let suitability = try SQLiteSuitability(db)
            return StoreInfo(
                path: path, instance: try String.fetchOne(db, cached: "SELECT instance FROM store") ?? "",
                schemaVersion: try Int.fetchOne(db, cached: "PRAGMA user_version") ?? 0, knownSchemaVersion: Schema.version,
                sqliteVersion: suitability.version, sqliteOptions: suitability.options, isAdopted: isAdopted,
                size: size ?? pages * pageSize,
                accounts: try AccountRow.fetchAll(db, cached: "\(AccountRow.selection) ORDER BY id").map { row in
                    try StoreInfo.AccountInfo(row, now, db)
                }, rows: try StoreInfo.rows(db))
        }
    }
}

extension StoreInfo {
    fileprivate static func rows(_ db: Database) throws -> [String: Int] {
        let tables = try String.fetchAll(
            db,
            cached: """
                SELECT name FROM sqlite_schema
                WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND NOT \(SearchIndex.isDerived(column: "name")) ORDER BY name
                """)
        return try Dictionary(
            uniqueKeysWithValues: tables.map { table in
                (table, try Int.fetchOne(db, cached: "SELECT count(*) FROM \"\(table)\"") ?? 0)
            })
    }
}

extension StoreInfo.AccountInfo {
    fileprivate init(_ row: AccountRow, _ now: Timestamp, _ db: Database) throws {
        let key = AccountKey(id: row.id ?? 0, name: AccountName(row.name))
        let moment = Moment(now: now, monotonic: 0)
        let lease = try Lease.row(key.id, db).flatMap { $0.isValid(moment) ? $0 : nil }
        let counts: (conversations: Int, messages: Int, rejects: Int)? = try db.first(
            """
            SELECT (SELECT count(*) FROM conversation WHERE account = ?1),
                (SELECT count(*) FROM message m JOIN conversation c ON c.id = m.conversation WHERE c.account = ?1),
                (SELECT count(*) FROM reject WHERE account = ?1)
            """, [key.id]
        ) { (try $0[0], try $0[1], try $0[2]) }
        let gaps = try GapView.list(key, nil, db)
        self.init(
            account: try Account(row, db), outbox: try OutboxSummary.read(key, db),
            leaseHolder: (lease?.holder).map(LeaseHolder.name),
            leaseExpiresAt: lease?.expiresAt, conversations: counts?.conversations ?? 0, messages: counts?.messages ?? 0,
            gaps: gaps.count, gapsToBackfill: gaps.filter(\.needsBackfill), rejects: counts?.rejects ?? 0)
    }
}
