internal import GRDB
public import TidemarkModel

/// A file of a message, as a view shows it.
public struct AttachmentView: Hashable, Sendable, Identifiable {
    /// How far it is. More may be added.
    public enum State: String, Hashable, Sendable {
        /// Durable here; its turn comes, or it waits for a person (``TimelineEntry/problem``).
        case queued
        /// Its bytes are leaving.
        case uploading
        /// The service has it, and its message was not yet seen there.
        case uploaded
        /// It is at the service, with its message.
        case remote
    }

    /// The local id. It never changes.
    public var id: AttachmentID
    /// The service's key.
    public var file: RemoteFileID?
    /// As its sender named it: not a path, and nothing to be trusted.
    public var name: String?
    /// Bytes.
    public var size: Int64?
    /// A MIME type.
    public var contentType: String?
    /// The service's key of a small picture of it.
    public var thumbnail: RemoteFileID?
    public var state: State
    /// How many bytes have left, of an own one; told at most twice a second.
    public var sentBytes: Int64
    /// Where its bytes are on this machine, if they are: read them, and don't change them. A copy of what the service has may make
    /// room for others; ``SyncEngine/file(of:)`` fetches it again.
    public var localPath: String?
    /// The intent that uploads it, as long as it does.
    public var upload: IntentID?
    var copy: String?
}

extension AttachmentView {
    private struct Found: ColumnReadable {
        var row: AttachmentRow
        var uploadState: IntentRow.State?

        init(_ columns: Columns) throws {
            row = try AttachmentRow(columns)
            uploadState = try (columns[AttachmentRow.table.columns.count] as String?).flatMap(IntentRow.State.init(rawValue:))
        }
    }

    private static let selection = SQLText(
        once: """
            SELECT \(AttachmentRow.table.columns(of: "a")), i.state FROM json_each(?) AS wanted
            CROSS JOIN attachment AS a ON a.message = wanted.value LEFT JOIN intent AS i ON i.id = a.intent
            ORDER BY a.message, a.position
            """)

    /// The files of those of the messages that have some, in their order.
    static func of(_ rows: [MessageRow], _ db: Database) throws -> [Int64: [AttachmentView]] {
        let having = rows.filter { $0.attachments != nil }
        guard !having.isEmpty else { return [:] }
        let isUnsaid = Set(having.filter { $0.attachments == AttachmentList.unsaid }.compactMap(\.id))
        let found = try Found.fetchAll(db, cached: selection, arguments: [having.compactMap(\.id).jsonArray])
        return Dictionary(grouping: found, by: \.row.message).mapValues { files in
            files.map { AttachmentView($0, isUnsaid: isUnsaid.contains($0.row.message)) }
        }
    }

    private init(_ found: Found, isUnsaid: Bool) {
        let row = found.row
        id = AttachmentID(row.id ?? 0)
        file = row.remoteID.map { RemoteFileID($0) }
        (name, size, contentType) = (row.name, row.size, row.contentType)
        thumbnail = row.thumbnail.map { RemoteFileID($0) }
        sentBytes = row.sentBytes
        copy = row.copy
        let isOpen = found.uploadState.map { $0 != .confirmed && $0 != .cancelled } ?? false
        upload = isOpen ? row.intent.map { IntentID($0) } : nil
        state =
            if row.remoteID != nil { isUnsaid ? .uploaded : .remote } else {
                found.uploadState == .transmitting ? .uploading : .queued
            }
    }
}

extension [AttachmentView] {
    /// With the paths of what is here.
    func placed(in shelf: FileShelf) -> [AttachmentView] {
        map { view in
            var placed = view
            placed.localPath = view.copy.flatMap { FileShelf.isName($0) ? shelf.path(of: $0) : nil }
            return placed
        }
    }
}
