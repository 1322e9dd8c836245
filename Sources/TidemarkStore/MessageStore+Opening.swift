internal import Foundation
internal import GRDB
internal import TidemarkModel

extension MessageStore {
    /// Opens the store at a path. Migrating, which can take a while, happens here and off the caller's thread.
    ///
    /// Everything is checked before anything is changed. Throws ``StoreError``: `notAStore` for any other file and
    /// `newerStore` for one that a later version has written (both stay untouched), `unsuitableSQLite`, `cannotOpen`,
    /// `readOnly`, `diskFull`, `damaged` or `busy`.
    public static func open(_ path: String, mode: OpeningMode = .create) async throws -> MessageStore {
        try open(path, mode: mode, StoreSchema.current)
    }

    static func open(_ path: String, mode: OpeningMode, _ schema: StoreSchema) throws -> MessageStore {
        let path = path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
        try SQLiteSuitability.system().check()
        let isNew = try checkPath(path, mode, schema)
        switch mode {
        case .readOnly:
            return try ReadOnlyOpening(path: path, schema: schema).open()
        case .readWrite, .create:
            return try openForWriting(path, mayBeEmpty: mode == .create, isNew: isNew, schema)
        }
    }

    /// A store in memory, gone when it is released. For tests and trials.
    public static func inMemory() throws -> MessageStore {
        try StoreError.translating {
            let queue = try DatabaseQueue(configuration: configuration(isReadOnly: false))
            let store = MessageStore(connection: StoreConnection(queue), path: nil, isReadOnly: false)
            try queue.writeWithoutTransaction { db in
                // Some builds of SQLite overwrite what is deleted. That is for disks, which outlive the process.
                try db.execute(cached: "PRAGMA secure_delete = OFF")
                // A page is cleared when it is taken and kept whole for a transaction that may be rolled back. No disk wants large ones here.
                try db.execute(cached: "PRAGMA page_size = 1024")
                try StoreSchema.current.migrate(db)
            }
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
        configuration.prepareDatabase { db in try db.execute(cached: "PRAGMA fullfsync = ON") }
        #endif
        return configuration
    }
}

// MARK: - Checks

extension MessageStore {
    /// Looks at what is there without SQLite. True: nothing was, and an empty file was made for the store.
    private static func checkPath(_ path: String, _ mode: OpeningMode, _ schema: StoreSchema) throws -> Bool {
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
        guard status.isRegular else { throw StoreError(.notAStore, "\(path) can't hold a store; name an ordinary file.") }
        guard StoreFile.mayRead(path) else {
            throw StoreError(.cannotOpen, "\(path) may not be read by this user; change its permissions.")
        }
        guard mode == .readOnly || StoreFile.mayWrite(path) else {
            throw StoreError(.readOnly, "\(path) may not be written by this user; open it for reading or change its permissions.")
        }
        // What an earlier making left that did not get any further.
        if status.size == 0, mode == .create { return false }
        try schema.checkHeader(of: path)
        return false
    }
}

// MARK: - Writing

extension MessageStore {
    private static func openForWriting(_ path: String, mayBeEmpty: Bool, isNew: Bool, _ schema: StoreSchema) throws
        -> MessageStore
    {
        do {
            return try StoreError.translating {
                try prepare(path, mayBeEmpty: mayBeEmpty, schema)
                StoreFile.excludeFromBackup(path)
                let pool = try DatabasePool(path: path, configuration: configuration(isReadOnly: false))
                let store = MessageStore(connection: StoreConnection(pool), path: path, isReadOnly: false)
                try store.bindToFile()
                try store.sweepFiles()
                return store
            }
        } catch {
            // An empty file that nobody asked for must not be left behind.
            if isNew, FileStatus(path)?.size == 0 { try? FileManager.default.removeItem(atPath: path) }
            throw error
        }
    }

    /// The connections of a store that this process had open before.
    static func reopened(_ path: String) throws -> any DatabaseWriter {
        let schema = StoreSchema.current
        _ = try checkPath(path, .readWrite, schema)
        let pool = try DatabasePool(path: path, configuration: configuration(isReadOnly: false))
        guard try pool.read({ db in try schema.checkContent(of: path, db) }) == schema.version else {
            try? pool.close()
            throw StoreError(.olderStore, "\(path) was replaced by an older store; open it again.")
        }
        return pool
    }

    /// Checks what the file holds and migrates it, before anything else is opened on it.
    private static func prepare(_ path: String, mayBeEmpty: Bool, _ schema: StoreSchema) throws {
        try takeBack(path)
        let isEmpty = mayBeEmpty && FileStatus(path)?.size == 0
        if !isEmpty {
            let version = try DatabaseQueue(path: path, configuration: configuration(isReadOnly: true))
                .read { db in try schema.checkContent(of: path, db) }
            guard version < schema.version else { return }
        }
        let queue = try DatabaseQueue(path: path, configuration: configuration(isReadOnly: false))
        try queue.writeWithoutTransaction { db in
            try db.execute(cached: "PRAGMA synchronous = FULL")
            try schema.migrate(db)
        }
        try queue.close()
    }

    /// What a program left that died while it made or migrated the store is undone. SQLite does that itself, but only for
    /// who may write, and the check comes first that may not: without this such a store could never be opened again.
    private static func takeBack(_ path: String) throws {
        guard (FileStatus(path + "-journal")?.size ?? 0) > 0 else { return }
        let queue = try DatabaseQueue(path: path, configuration: configuration(isReadOnly: false))
        _ = try queue.read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") }
        try queue.close()
    }

    /// Binds the store to the file it is in. A file that is another than the one it was bound to is a copy or a restored
    /// backup: what it takes for unsent may have been sent since, so nothing leaves until a person adopts it (R16).
    func bindToFile() throws {
        guard let path, let identity = FileStatus(path)?.identity else { return }
        let bound = try read { db in try FileIdentity.bound(db) }
        guard bound != identity else { return }
        try write(.full) { db in
            try db.execute(
                cached: "UPDATE store SET device = ?, inode = ?", arguments: [identity.device, identity.inode])
            if bound != nil { try Self.markCopied(at: Timestamp(Date()), db) }
        }
    }

    /// Whether what is unsent may leave. False for a copied or restored store until it is adopted.
    public var isAdopted: Bool {
        get throws {
            try read { db in
                let isAdopted = try Bool.fetchOne(db, cached: "SELECT isAdopted FROM store") ?? true
                guard isAdopted, isReadOnly, let path, let bound = try FileIdentity.bound(db) else { return isAdopted }
                // Looking marks nothing, but it sees the same.
                return FileStatus(path)?.identity == bound
            }
        }
    }
}

extension FileIdentity {
    static func bound(_ db: Database) throws -> FileIdentity? {
        let found: (device: Int64?, inode: Int64?)? = try db.first("SELECT device, inode FROM store", []) {
            (try $0[0], try $0[1])
        }
        guard let device = found?.device, let inode = found?.inode else { return nil }
        return FileIdentity(device: device, inode: inode)
    }
}
