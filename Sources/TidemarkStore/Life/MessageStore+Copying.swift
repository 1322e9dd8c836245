internal import Foundation
internal import GRDB

/// What a backup holds.
public struct BackupReport: Hashable, Sendable {
    /// Files that are still to be sent.
    public var files = 0
    public var fileBytes: Int64 = 0
    /// Files that are still to be sent and whose bytes are not here any more. Their uploads park, and say so.
    public var missingFiles = 0
}

/// Copies of a store with what it can't do without.
extension MessageStore {
    static func checkFree(_ path: String) throws {
        guard FileStatus(path) == nil else {
            throw StoreError(.notAllowed, "There is a file at \(path) already; name another one.")
        }
        guard FileStatus(path + "-files") == nil else {
            throw StoreError(.notAllowed, "There is a folder at \(path)-files already; name another file.")
        }
    }

    /// Makes a copy under another name, and gives it its own when it is whole. The files come first: a copy that has its name has them.
    @discardableResult
    static func copying(
        to path: String, files: FileShelf, _ body: (DatabaseQueue) throws -> Void
    ) throws -> BackupReport {
        let partial = path + ".partial"
        let shelf = FileShelf(besides: path)
        try? FileManager.default.removeItem(atPath: partial)
        do {
            guard try StoreFile.create(partial) else {
                throw StoreError(.cannotOpen, "\(path) can't be made; check that its folder exists and may be written.")
            }
            let report = try StoreError.translating {
                let target = try DatabaseQueue(path: partial, configuration: configuration(isReadOnly: false))
                try body(target)
                let report = try target.writeWithoutTransaction { db in
                    try db.execute(sql: "PRAGMA synchronous = FULL")
                    let report = try copyUnsent(from: files, to: shelf, db)
                    // One file, whole: no log beside it.
                    try db.execute(sql: "PRAGMA journal_mode = DELETE")
                    return report
                }
                try target.close()
                return report
            }
            try FileManager.default.moveItem(atPath: partial, toPath: path)
            return report
        } catch {
            for suffix in ["", "-wal", "-shm", "-journal"] { try? FileManager.default.removeItem(atPath: partial + suffix) }
            _ = shelf.removeAll()
            throw error
        }
    }

    /// Copies the files that the copied rows still need, and has those rows name no other.
    private static func copyUnsent(from source: FileShelf, to shelf: FileShelf, _ db: Database) throws -> BackupReport {
        var report = BackupReport()
        // An older schema knows no files.
        guard try db.tableExists("attachment") else { return report }
        try db.execute(
            sql: """
                UPDATE attachment SET copy = NULL, thumbnailCopy = NULL, usedAt = NULL WHERE usedAt IS NOT NULL;
                DELETE FROM fileGone;
                """)
        for name in try namedCopies(db).sorted() where FileShelf.isName(name) {
            guard let size = FileStatus(source.path(of: name))?.size, size > 0 else {
                report.missingFiles += 1
                continue
            }
            try shelf.prepare()
            _ = try FileCopy.copy(source.path(of: name), to: shelf.path(of: name), limit: .max)
            report.files += 1
            report.fileBytes += size
        }
        if report.files > 0 { try FileCopy.sync(folder: shelf.folder) }
        return report
    }
}
