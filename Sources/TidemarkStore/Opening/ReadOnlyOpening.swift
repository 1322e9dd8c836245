internal import Foundation
internal import GRDB

/// Opens a store to look: no byte of it changes, and where possible nothing appears beside it.
///
/// A store that nobody has open has no `-wal` file. SQLite would make one even to read it, and leave it there; so such a
/// file is opened as one that does not change (`immutable=1`, https://www.sqlite.org/uri.html), and is watched in case
/// it does. With a `-wal` it is opened as usual, and where that is not possible (a folder that can't be written, and no
/// `-shm`) a copy is read. So it is where somebody holds the whole file, which SQLite does while the last writer closes it: a
/// program that was stopped just then would hold up every view until it goes on.
struct ReadOnlyOpening {
    /// Longer than a writer takes to close.
    static let patience: TimeInterval = 1

    let path: String
    let schema: StoreSchema

    func open() throws -> MessageStore {
        try StoreError.translating {
            let watch = FileWatch(path)
            if FileStatus(path + "-wal") == nil, FileStatus(path + "-journal") == nil, let queue = try? immutable() {
                return try store(on: queue, watch: watch)
            }
            do {
                return try store(on: plain(), watch: nil)
            } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
                let held = FileWatch(path)
                let copy = try copied()
                // What is written meanwhile may be torn; who writes will have closed soon.
                guard !held.hasChanged else { throw error }
                return try store(on: copy, watch: held)
            }
        }
    }

    private func store(on queue: DatabaseQueue, watch: FileWatch?) throws -> MessageStore {
        let version = try queue.read { db in try schema.checkContent(of: path, db) }
        guard version < schema.version else {
            let connection = StoreConnection(queue, watch: watch, reopen: reopening())
            return MessageStore(connection: connection, path: path, isReadOnly: true)
        }
        let folder = try StoreFile.makeTemporaryFolder()
        do {
            let file = folder.appendingPathComponent("store.sqlite").path
            let copy = try DatabaseQueue(path: file, configuration: MessageStore.configuration(isReadOnly: false))
            try queue.backup(to: copy)
            try queue.close()
            try copy.writeWithoutTransaction { db in try schema.migrate(db) }
            return MessageStore(
                connection: StoreConnection(copy, temporaryFolder: folder), path: path, isReadOnly: true)
        } catch {
            try? FileManager.default.removeItem(at: folder)
            throw error
        }
    }

    /// The file changed: from here on it is read as one that does.
    private func reopening() -> @Sendable () throws -> any DatabaseWriter {
        { [path, schema] in
            let queue = try ReadOnlyOpening(path: path, schema: schema).plain()
            let version = try queue.read { db in try schema.checkContent(of: path, db) }
            guard version == schema.version else {
                throw StoreError(.olderStore, "\(path) was replaced by an older store; open it again.")
            }
            return queue
        }
    }

    private func immutable() throws -> DatabaseQueue {
        var allowed = CharacterSet.urlPathAllowed
        allowed.remove(charactersIn: "?#%")
        guard let escaped = path.addingPercentEncoding(withAllowedCharacters: allowed) else { throw CocoaError(.fileNoSuchFile) }
        return try DatabaseQueue(
            path: "file:\(escaped)?immutable=1", configuration: MessageStore.configuration(isReadOnly: true))
    }

    private func plain() throws -> DatabaseQueue {
        var configuration = MessageStore.configuration(isReadOnly: true)
        configuration.busyMode = .timeout(Self.patience)
        do {
            return try DatabaseQueue(path: path, configuration: configuration)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CANTOPEN || error.resultCode == .SQLITE_READONLY {
            return try copied()
        }
    }

    /// The file with its log, read into memory through a copy.
    private func copied() throws -> DatabaseQueue {
        let folder = try StoreFile.makeTemporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let copy = folder.appendingPathComponent("store.sqlite").path
        for suffix in ["", "-wal", "-journal"] where FileStatus(path + suffix) != nil {
            try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix)
        }
        let queue = try DatabaseQueue(path: copy, configuration: MessageStore.configuration(isReadOnly: false))
        let memory = try DatabaseQueue(configuration: MessageStore.configuration(isReadOnly: false))
        try queue.backup(to: memory)
        try queue.close()
        return memory
    }
}
