internal import Foundation
internal import GRDB
package import TidemarkModel

/// A file of a message, as whoever fetches it needs to know it.
package struct FilePlace: Hashable, Sendable {
    package var attachment: AttachmentID
    /// Where its bytes are, if they are here.
    package var path: String?
    package var file: RemoteFileID?
    package var conversation: RemoteConversationID?
    package var size: Int64?
    package var name: String?
}

/// A file that is being fetched, under a name that nobody takes for the whole.
package struct FileFetch: Sendable {
    package var partPath: String
    let copy: String
    let hold: FileHold
}

extension MessageStore {
    /// How long a copy that is asked for again counts as just used: not each look writes.
    private static let usedAgain: Duration = .seconds(60)

    /// Where a file is. Asking for a copy makes it the last one to make room. Throws `notFound`.
    package func place(of id: AttachmentID, _ account: AccountView, _ moment: Moment) throws -> FilePlace {
        let found = try read { db in
            try db.first(
                """
                SELECT a.remoteID, a.size, a.name, a.copy, a.usedAt, c.remoteID FROM attachment AS a
                JOIN message AS m ON m.id = a.message JOIN conversation AS c ON c.id = m.conversation
                WHERE a.id = ? AND c.account = ?
                """, [id.number, account.id]
            ) { columns in
                let (file, size, name) = try (columns[0] as String?, columns[1] as Int64?, columns[2] as String?)
                let (copy, usedAt, conversation) = try (columns[3] as String?, columns[4] as Int64?, columns[5] as String?)
                let path = copy.flatMap { FileShelf.isName($0) ? shelf.path(of: $0) : nil }
                let place = FilePlace(
                    attachment: id, path: path.flatMap { FileStatus($0)?.isRegular == true ? $0 : nil },
                    file: file.map { RemoteFileID($0) }, conversation: conversation.map { RemoteConversationID($0) }, size: size,
                    name: name)
                return (place: place, usedAt: usedAt)
            }
        }
        guard let (place, usedAt) = found else {
            throw StoreError(.notFound, "There is no file \(id) in account \(account.name).")
        }
        if place.path != nil, let usedAt, !isReadOnly, isLongAgo(usedAt, moment) {
            try write(.normal) { db in
                try db.execute(
                    cached: "UPDATE attachment SET usedAt = ? WHERE id = ? AND usedAt IS NOT NULL",
                    arguments: [moment.now.milliseconds, id.number])
            }
        }
        return place
    }

    private func isLongAgo(_ usedAt: Int64, _ moment: Moment) -> Bool {
        !(.zero..<Self.usedAgain).contains(moment.now - Timestamp(milliseconds: usedAt))
    }

    /// A place to fetch a file into. Whatever comes of it has to come back through ``keep(_:at:of:limit:_:)`` or ``abandon(_:)``.
    package func beginFetch(_ place: FilePlace) throws -> FileFetch {
        guard !isReadOnly else {
            throw StoreError(.readOnly, "The store was opened for reading only; open it for writing to fetch a file.")
        }
        let hold = try shelf.hold()
        let copy = shelf.newName(for: place.name ?? "")
        return FileFetch(partPath: shelf.path(of: copy + ".part"), copy: copy, hold: hold)
    }

    package func abandon(_ fetch: FileFetch) {
        try? FileManager.default.removeItem(atPath: fetch.partPath)
        fetch.hold.end()
    }

    /// Makes what was fetched the file's copy, and makes room for it: the copies that were not asked for the longest time go, never one
    /// that is unsent. Returns its path.
    ///
    /// Throws `damaged` if it is not as large as the service has said, and `notFound` if its message went meanwhile.
    package func keep(
        _ fetch: FileFetch, at place: FilePlace, limit: Int64, _ moment: Moment
    ) throws -> String {
        defer { abandon(fetch) }
        guard let size = FileStatus(fetch.partPath)?.size, size == place.size ?? size else {
            throw StoreError(.damaged, "The service handed out another number of bytes than the file has; try again.")
        }
        try FileCopy.sync(file: fetch.partPath)
        let path = shelf.path(of: fetch.copy)
        guard rename(fetch.partPath, path) == 0 else {
            throw StoreError(.cannotOpen, "The fetched file can't be kept; check the folder beside the store.")
        }
        do {
            return try write(.normal) { db in
                let id = place.attachment.number
                let current = try AttachmentRow.fetchOne(db, id: id)
                guard var row = current else {
                    throw StoreError(.notFound, "The message of file \(place.attachment) was deleted meanwhile.")
                }
                // Another process was quicker, or its copy was lost and is replaced.
                if let other = row.copy, FileStatus(shelf.path(of: other)) != nil {
                    shelf.remove([fetch.copy])
                    return shelf.path(of: other)
                }
                row.copy = fetch.copy
                row.size = row.size ?? size
                row.usedAt = moment.now.milliseconds
                try row.update(db)
                try Self.makeRoom(limit, except: id, db)
                return path
            }
        } catch {
            shelf.remove([fetch.copy])
            throw error
        }
    }

    private static func makeRoom(_ limit: Int64, except kept: Int64, _ db: Database) throws {
        var total =
            try Int64.fetchOne(
                db, cached: "SELECT sum(size) FROM attachment WHERE copy IS NOT NULL AND usedAt IS NOT NULL") ?? 0
        while total > limit {
            let oldest = try AttachmentRow.fetchOne(
                db, where: "copy IS NOT NULL AND usedAt IS NOT NULL AND id <> ? ORDER BY usedAt, id LIMIT 1", arguments: [kept])
            guard var row = oldest else { return }
            total -= row.size ?? 0
            (row.copy, row.thumbnailCopy, row.usedAt) = (nil, nil, nil)
            try row.update(db)
        }
    }
}
