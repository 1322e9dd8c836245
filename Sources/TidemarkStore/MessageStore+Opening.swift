internal import Foundation
internal import GRDB
internal import TidemarkModel
internal import TidemarkSchema

extension MessageStore {
    /// Opens the store at a path. Migrating, which can take a while, happens here and off the caller's thread.
    ///
    /// Everything is checked before anything is changed. Throws ``StoreError``: `notAStore` for any other file and
    /// `newerStore` for one that a later version has written (both stay untouched), `unsuitableSQLite`, `cannotOpen`,
    /// `readOnly`, `diskFull`, `damaged` or `busy`.
    public static func open(_ path: String, mode: OpeningMode = .create) async throws -> MessageStore {
        let path = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
        try SQLiteSuitability.system().check()
        let isNew = try checkPath(path, mode)
        let store: MessageStore
        switch mode {
        case .readOnly:
            store = try ReadOnlyOpening(path: path).open()
        case .readWrite, .create:
            store = try openForWriting(path, mayBeEmpty: mode == .create, isNew: isNew)
        }
        return store
    }

    /// A store in memory, gone when it is released. For tests and trials.
    public static func inMemory() throws -> MessageStore {
        try StoreError.translating {
            let queue = try DatabaseQueue(configuration: configuration(isReadOnly: false))
            let store = MessageStore(connection: StoreConnection(queue), path: nil, isReadOnly: false)
            try queue.writeWithoutTransaction { db in try migrate(db) }
            return store
        }
    }

    static func configuration(isReadOnly: Bool) -> Configuration {
        var configuration = Configuration()
        configuration.readonly = isReadOnly
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(5)
        // Values are message texts: they must not show up in an error.
        configuration.publicStatementArguments = false
        #if canImport(Darwin)
        // There an ordinary fsync does not outlive a power cut (R15).
        configuration.prepareDatabase { db in try db.execute(sql: "PRAGMA fullfsync = ON") }
        #endif
        return configuration
    }

    /// Brings the schema to this build's version, in one transaction.
    static func migrate(_ db: Database) throws {
        try db.inTransaction(.immediate) {
            // Read inside: another process may just have done it.
            let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
            guard version < Schema.version else { return .commit }
            for migration in Schema.migrations where migration.number > version {
                try db.execute(sql: migration.sql)
            }
            try db.execute(sql: "PRAGMA application_id = \(Schema.applicationID)")
            try db.execute(sql: "PRAGMA user_version = \(Schema.version)")
            if version == 0 {
                var generator = SystemRandomNumberGenerator()
                let instance = Token.random(using: &generator).rawValue
                try db.execute(sql: "INSERT INTO store (id, instance) VALUES (1, ?)", arguments: [instance])
            }
            return .commit
        }
    }
}

// MARK: - Checks

extension MessageStore {
    /// Looks at what is there without SQLite. True: nothing was, and an empty file was made for the store.
    private static func checkPath(_ path: String, _ mode: OpeningMode) throws -> Bool {
        guard let status = FileStatus(path) else {
            let folder = (path as NSString).deletingLastPathComponent
            guard FileStatus(folder)?.isFolder == true else {
                throw StoreError(.cannotOpen, "The folder \(folder) does not exist or can't be entered; make it or name another.")
            }
            guard mode == .create else {
                throw StoreError(.cannotOpen, "There is no store at \(path); `account add` makes one.")
            }
            return try StoreFile.create(path)
        }
        guard !status.isFolder else { throw StoreError(.cannotOpen, "\(path) is a folder; name a file.") }
        guard status.isRegular else { throw StoreError(.notAStore, "\(path) is not a file that can hold a store; name another one.") }
        guard StoreFile.mayRead(path) else {
            throw StoreError(.cannotOpen, "\(path) may not be read by this user; change its permissions.")
        }
        guard mode == .readOnly || StoreFile.mayWrite(path) else {
            throw StoreError(.readOnly, "\(path) may not be written by this user; open it for reading or change its permissions.")
        }
        // What an earlier making left that did not get any further.
        if status.size == 0, mode == .create { return false }
        try checkHeader(path)
        return false
    }

    private static func checkHeader(_ path: String) throws {
        guard let bytes = SQLiteHeader.read(path), let header = SQLiteHeader(bytes) else {
            throw notAStore(path)
        }
        let hasLog = (FileStatus(path + "-wal")?.size ?? 0) > 0
        guard header.applicationID == UInt32(bitPattern: Schema.applicationID) || hasLog else { throw notAStore(path) }
        guard header.applicationID != UInt32(bitPattern: Schema.applicationID) || header.userVersion <= Schema.version else {
            throw newer(path, Int(header.userVersion))
        }
    }

    /// What the log holds counts too. Returns the schema's version.
    @discardableResult
    static func checkContent(_ path: String, _ db: Database) throws -> Int {
        let application = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        guard application == Schema.applicationID else { throw notAStore(path) }
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        guard version <= Schema.version else { throw newer(path, version) }
        return version
    }

    private static func notAStore(_ path: String) -> StoreError {
        StoreError(.notAStore, "\(path) is not a store of Tidemark; it was left as it is. Name another file.")
    }

    private static func newer(_ path: String, _ version: Int) -> StoreError {
        StoreError(
            .newerStore,
            """
            \(path) was written by a newer version of Tidemark (schema \(version), this build knows \(Schema.version)); it was \
            left as it is. Install the newer version.
            """)
    }
}

// MARK: - Writing

extension MessageStore {
    private static func openForWriting(_ path: String, mayBeEmpty: Bool, isNew: Bool) throws -> MessageStore {
        do {
            return try StoreError.translating {
                try prepare(path, mayBeEmpty: mayBeEmpty)
                StoreFile.excludeFromBackup(path)
                let pool = try DatabasePool(path: path, configuration: configuration(isReadOnly: false))
                let store = MessageStore(connection: StoreConnection(pool), path: path, isReadOnly: false)
                try store.bindToFile()
                return store
            }
        } catch {
            // An empty file that nobody asked for must not be left behind.
            if isNew, FileStatus(path)?.size == 0 { try? FileManager.default.removeItem(atPath: path) }
            throw error
        }
    }

    /// Checks what the file holds and migrates it, before anything else is opened on it.
    private static func prepare(_ path: String, mayBeEmpty: Bool) throws {
        let isEmpty = mayBeEmpty && FileStatus(path)?.size == 0
        if !isEmpty {
            let version = try DatabaseQueue(path: path, configuration: configuration(isReadOnly: true))
                .read { db in try checkContent(path, db) }
            guard version < Schema.version else { return }
        }
        let queue = try DatabaseQueue(path: path, configuration: configuration(isReadOnly: false))
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA synchronous = FULL")
            try migrate(db)
        }
        try queue.close()
    }

    /// Binds the store to the file it is in. A file that is another than the one it was bound to is a copy or a restored
    /// backup: what it takes for unsent may have been sent since, so nothing leaves until a person adopts it (R16).
    private func bindToFile() throws {
        guard let path, let identity = FileStatus(path)?.identity else { return }
        let bound = try read { db in try FileIdentity.bound(db) }
        guard bound != identity else { return }
        try write(.full) { db in
            try db.execute(
                sql: "UPDATE store SET device = ?, inode = ?, isAdopted = CASE WHEN ? THEN 0 ELSE isAdopted END",
                arguments: [identity.device, identity.inode, bound != nil])
            guard bound != nil else { return }
            let now = Timestamp(Date()).milliseconds
            try db.execute(
                sql: "INSERT INTO journal (at, account, kind, cause) SELECT ?, id, 'paused', 'another file' FROM account",
                arguments: [now])
        }
    }

    /// Whether what is unsent may leave. False for a copied or restored store until it is adopted.
    public var isAdopted: Bool {
        get throws {
            try read { db in
                let isAdopted = try Bool.fetchOne(db, sql: "SELECT isAdopted FROM store") ?? true
                guard isAdopted, isReadOnly, let path, let bound = try FileIdentity.bound(db) else { return isAdopted }
                // Looking marks nothing, but it sees the same.
                return FileStatus(path)?.identity == bound
            }
        }
    }
}

extension FileIdentity {
    static func bound(_ db: Database) throws -> FileIdentity? {
        guard let row = try Row.fetchOne(db, sql: "SELECT device, inode FROM store"),
            let device: Int64 = row["device"], let inode: Int64 = row["inode"]
        else { return nil }
        return FileIdentity(device: device, inode: inode)
    }
}
