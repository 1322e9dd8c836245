internal import Foundation
internal import GRDB
internal import TidemarkModel

/// A row of `attachment`: a file of a message, and what is here of it.
struct AttachmentRow: Equatable {
    /// The most files of one message that are kept; a page that names more is cut.
    static let maximumPerMessage = 100

    var id: Int64?
    var message: Int64
    var position: Int
    var remoteID: String?
    var name: String?
    var size: Int64?
    var contentType: String?
    var thumbnail: String?
    var copy: String?
    var thumbnailCopy: String?
    var usedAt: Int64?
    var intent: Int64?
    var sentBytes: Int64 = 0
}

extension AttachmentRow: StoredRow {
    static let table = StoredTable(
        "attachment",
        columns: [
            "id", "message", "position", "remoteID", "name", "size", "contentType", "thumbnail", "copy", "thumbnailCopy",
            "usedAt",
            "intent", "sentBytes",
        ])

    init(_ columns: Columns) throws {
        try self.init(
            id: columns[0], message: columns[1], position: columns[2], remoteID: columns[3], name: columns[4], size: columns[5],
            contentType: columns[6], thumbnail: columns[7], copy: columns[8], thumbnailCopy: columns[9], usedAt: columns[10],
            intent: columns[11], sentBytes: columns[12])
    }

    var values: [DatabaseValue] {
        [
            id.databaseValue, message.databaseValue, position.databaseValue, remoteID.databaseValue, name.databaseValue,
            size.databaseValue, contentType.databaseValue, thumbnail.databaseValue, copy.databaseValue,
            thumbnailCopy.databaseValue, usedAt.databaseValue, intent.databaseValue, sentBytes.databaseValue,
        ]
    }

    mutating func number(_ id: Int64) {
        self.id = id
    }

    /// As a delivery names it; `nil`: the service does not have it yet.
    var remote: RemoteAttachment? {
        remoteID.map {
            RemoteAttachment(
                file: RemoteFileID($0), name: name, size: size, contentType: contentType,
                thumbnail: thumbnail.map { RemoteFileID($0) })
        }
    }

    static func of(_ message: Int64?, _ db: Database) throws -> [AttachmentRow] {
        try fetchAll(db, where: "message = ? ORDER BY position", arguments: [message])
    }
}

/// What the service says of a message's files, as the message's own column keeps it.
enum AttachmentList {
    /// What stands there while nothing was said: the message was written here, and the rows of `attachment` tell.
    static let unsaid = "[]"

    static func json(_ attachments: [RemoteAttachment]) -> String? {
        guard !attachments.isEmpty else { return nil }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(Array(attachments.prefix(AttachmentRow.maximumPerMessage))) else { return nil }
        return String(decoding: data, as: UTF8.self)
    }

    static func read(_ json: String) -> [RemoteAttachment] {
        (try? JSONDecoder().decode([RemoteAttachment].self, from: Data(json.utf8))) ?? []
    }

    /// Makes the rows of a message say what its column says. A row that stays keeps its id and what is here of it.
    static func apply(_ row: MessageRow, _ db: Database) throws {
        guard let message = row.id, row.attachments != unsaid else { return }
        try db.execute(cached: "UPDATE attachment SET position = -1 - position WHERE message = ?", arguments: [message])
        var seen: Set<RemoteFileID> = []
        for attachment in row.attachments.map(read) ?? [] where seen.insert(attachment.file).inserted {
            let values: Arguments = [
                message, attachment.file.rawValue, seen.count, attachment.name, attachment.size, attachment.contentType,
                attachment.thumbnail?.rawValue,
            ]
            try db.execute(
                cached: """
                    UPDATE attachment SET position = ?3, name = coalesce(?4, name), size = coalesce(?5, size),
                        contentType = coalesce(?6, contentType), thumbnail = coalesce(?7, thumbnail)
                    WHERE message = ?1 AND remoteID = ?2
                    """, arguments: values)
            guard db.changesCount == 0 else { continue }
            try db.execute(
                cached: """
                    INSERT INTO attachment (message, remoteID, position, name, size, contentType, thumbnail)
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                    """, arguments: values)
        }
        try db.execute(cached: "DELETE FROM attachment WHERE message = ? AND position < 0", arguments: [message])
    }
}
