internal import GRDB
internal import Synchronization
internal import TidemarkModel

/// The local store: one SQLite file, or memory. It is the state; everything else can be thrown away.
///
/// Reads go on while something is written, in this process and in others. Writes queue up behind one another.
public final class MessageStore: Sendable {
    /// Where the store is, as it was opened; `nil` for one in memory.
    public let path: String?
    public let isReadOnly: Bool
    let changes = ChangeSignal()
    let events = Mutex(WeakFileEvents())
    let connection: StoreConnection
    /// The folder of files beside it.
    let shelf: FileShelf

    init(connection: StoreConnection, path: String?, isReadOnly: Bool) {
        self.connection = connection
        self.path = path
        self.isReadOnly = isReadOnly
        shelf = FileShelf(besides: path)
    }

    /// How much a commit has to outlive (R15).
    enum Durability: String {
        /// A power cut: the commit returns when the disk has it. For what exists nowhere else.
        case full = "FULL"
        /// A crash of the program. What a power cut takes is fetched again.
        case normal = "NORMAL"
    }

    /// One transaction. It either happened or it did not.
    ///
    /// `touching` says whose views may look different afterwards: others are not read again.
    func write<Value>(
        _ durability: Durability, touching touched: (Value) -> Touched = { _ in .everything },
        _ body: (Database) throws -> Value
    ) throws -> Value {
        guard !isReadOnly else {
            throw StoreError(.readOnly, "The store was opened for reading only; open it for writing to change something.")
        }
        let (value, version) = try connection.using { writer, statements in
            try writer.writeWithoutTransaction { db in
                try statements.using(db) { db in
                    // Nothing in memory outlives anything.
                    if path != nil { try db.execute(cached: "PRAGMA synchronous = \(durability.rawValue)") }
                    let done = try db.transaction { db in
                        let value = try body(db)
                        // In memory nobody else looks, and whoever searches there does it first.
                        if path != nil { try SearchIndex.follow(db) }
                        return (value, path == nil ? nil : try Int64.fetchOne(db, cached: "PRAGMA data_version"))
                    }
                    // What is committed is committed, whatever becomes of the files: the next opening tidies up too.
                    if shelf.isInUse { try? Self.removeGone(shelf, db) }
                    return done
                }
            }
        }
        let isAlone = connection.noteCommit(version: version)
        changes.announce(isAlone ? touched(value) : .everything)
        return value
    }

    /// As ``write(_:touching:_:)``, where it is known before what is touched.
    func write<Value>(_ durability: Durability, touching touched: Touched, _ body: (Database) throws -> Value) throws -> Value {
        try write(durability, touching: { _ in touched }, body)
    }

    /// One view of the store at one moment.
    func read<Value>(_ body: (Database) throws -> Value) throws -> Value {
        try connection.reading { writer, statements in
            // In memory there is one connection, and nobody else to change anything meanwhile. A reading transaction there would
            // switch the connection to reading and back, which makes SQLite prepare every statement anew.
            path == nil
                ? try writer.unsafeRead { db in try statements.using(db, body) }
                : try writer.read { db in try statements.using(db, body) }
        }
    }

    /// Ends the use of the store: live views end, and every later call throws `closed`.
    ///
    /// What was committed stays. A transaction of another task that is under way ends first. Closing twice is fine.
    public func close() throws {
        try connection.close()
        shelf.close()
        changes.announce()
    }
}

extension StoreError {
    /// Says SQLite's own failures as sentences. Statements and values never show up in them.
    static func translating<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as DatabaseError {
            throw StoreError(error)
        }
    }

    init(_ error: DatabaseError) {
        switch error.resultCode {
        case .SQLITE_FULL:
            self.init(.diskFull, "The disk is full; nothing was changed. Make room and try again.")
        case .SQLITE_READONLY:
            self.init(.readOnly, "The store can't be written; check the permissions of the file and its folder.")
        case .SQLITE_CANTOPEN:
            self.init(.cannotOpen, "The store can't be opened; check that the path exists and may be read and written.")
        case .SQLITE_NOTADB:
            self.init(.notAStore, "The file is not a SQLite database; name another one.")
        case .SQLITE_CORRUPT:
            self.init(.damaged, "The store is damaged; keep a copy of the file and restore a backup.")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(.busy, "Another program is writing to the store; try again.")
        case .SQLITE_IOERR:
            self.init(.damaged, "Reading or writing the disk failed; nothing was changed.")
        default:
            let code = error.extendedResultCode
            self.init(.damaged, "SQLite failed with \(code.description) (\(code.rawValue)); nothing was changed.")
        }
    }
}
