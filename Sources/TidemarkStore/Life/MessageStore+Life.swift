internal import Foundation
internal import GRDB
public import TidemarkModel

/// What a prune did.
public struct PruneReport: Hashable, Sendable {
    public var messages = 0
    /// Conversations of which something went.
    public var conversations = 0
    /// Bytes of the file and its log, before and after.
    public var sizeBefore: Int64 = 0
    public var sizeAfter: Int64 = 0
}

extension AccountView {
    /// Forgets messages that were created, and last changed, before a time; of one conversation or of all.
    ///
    /// Tombstones stay (P4), and so do messages that something unsent is about, the tokens of what was sent, and the unsent work itself.
    /// Counters are right afterwards. What went is a gap at the beginning of the timeline that no sync fills by itself; a backfill
    /// does. Nothing is deleted at the service. Durable when it returns; the file has shrunk by then, unless somebody
    /// read it all the while. Throws `notFound` for an unknown conversation.
    public func prune(olderThan cutoff: Timestamp, in conversation: ConversationID? = nil, at now: Timestamp? = nil) throws
        -> PruneReport
    {
        var report = PruneReport(sizeBefore: try store.fileSize())
        let moment = Moment(now: now ?? Timestamp(Date()), monotonic: 0)
        let counts = try store.write(.full) { [key] db in
            let ids: [Int64]
            if let conversation {
                ids = [try ConversationView.row(conversation, key, db).id ?? 0]
            } else {
                ids = try Int64.fetchAll(
                    db, cached: "SELECT id FROM conversation WHERE account = ? ORDER BY id", arguments: [key.id])
            }
            let counts = try ids.map { try Pruning(conversation: $0, cutoff: cutoff.milliseconds, db: db).run() }
            for (id, count) in zip(ids, counts) where count > 0 {
                try db.journal(
                    JournalEntry(kind: "pruned", conversation: id, detail: "\(count) messages"), account: key.id, moment)
            }
            return counts
        }
        report.messages = counts.reduce(0, +)
        report.conversations = counts.count { $0 > 0 }
        if report.messages > 0 { try store.compact() }
        report.sizeAfter = try store.fileSize()
        return report
    }
}

extension MessageStore {
    /// Gives the room of what was deleted back to the disk, and leaves none of its bytes behind.
    func compact() throws {
        guard !isReadOnly else {
            throw StoreError(.readOnly, "The store was opened for reading only; open it for writing to change something.")
        }
        try connection.using { writer in
            try writer.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA secure_delete = ON")
                try SearchIndex.forget(db)
                try db.execute(sql: "VACUUM")
                guard path != nil else { return }
                _ = try Row.fetchAll(db, sql: "PRAGMA wal_checkpoint(TRUNCATE)")
            }
        }
        changes.announce()
    }

    func fileSize() throws -> Int64 {
        if let path { return (FileStatus(path)?.size ?? 0) + (FileStatus(path + "-wal")?.size ?? 0) }
        return try read { db in
            let pages = try Int64.fetchOne(db, cached: "PRAGMA page_count") ?? 0
            return pages * (try Int64.fetchOne(db, cached: "PRAGMA page_size") ?? 0)
        }
    }

    /// Writes a copy of the store as it is at one moment, while others go on reading and writing it, and copies of the files that are
    /// still to be sent beside it. What was fetched, or is at the service already, is not copied: it can be fetched again.
    ///
    /// The copy appears under its name when it is whole, readable by its owner alone. Opened for writing it says that it is a copy, and
    /// sends nothing until it is adopted (R16). Throws `notAllowed` if there is a file or a folder of files already and ``StoreError``
    /// otherwise; then no copy is left.
    @discardableResult
    public func backup(to path: String) throws -> BackupReport {
        try Self.checkFree(path)
        // Held so that nothing is swept away meanwhile.
        let hold = shelf.isInUse ? FileHold(shelf.folder, isExclusive: false, mayCreate: false) : nil
        defer { hold?.end() }
        return try Self.copying(to: path, files: shelf) { target in
            try connection.reading { writer in try writer.backup(to: target) }
        }
    }

    /// Brings the store at a path to the schema of this build, after a copy of it as it is was made where that is asked for.
    ///
    /// Returns the version that it had. Throws as ``open(_:mode:)``; then the store is as it was.
    public static func migrate(_ path: String, backingUpTo copy: String? = nil) async throws -> Int {
        let found = try schemaVersion(of: path)
        if let copy {
            try checkFree(copy)
            try copying(to: copy, files: FileShelf(besides: path)) { target in
                try DatabaseQueue(path: path, configuration: configuration(isReadOnly: true)).backup(to: target)
            }
        }
        try await open(path, mode: .readWrite).close()
        return found
    }

    /// The version of a store's schema. It opens nothing that it could change.
    private static func schemaVersion(of path: String) throws -> Int {
        // Says in its own words what is no store.
        try open(path, mode: .readOnly, StoreSchema.current).close()
        return try StoreError.translating {
            try DatabaseQueue(path: path, configuration: configuration(isReadOnly: true)).read { db in
                try StoreSchema.current.checkContent(of: path, db)
            }
        }
    }
}
