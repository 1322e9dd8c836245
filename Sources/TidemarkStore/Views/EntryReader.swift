internal import Foundation
internal import GRDB
internal import TidemarkModel

/// Makes entries of rows: folds' other copies and the open intents are looked up once for all of them.
struct EntryReader {
    let account: AccountName
    let copies: [Int64: [Int64]]
    private let intents: [Int64: [OpenIntent]]
    private let attachments: [Int64: [AttachmentView]]
    /// The messages here that others answer, by the remote ids of those.
    private let replied: [Int64: MessageID]

    /// - Parameter hasIntents: `false` where no open intent is on any of them, which spares looking.
    init(_ rows: [MessageRow], account: AccountName, hasIntents: Bool = true, _ db: Database) throws {
        self.account = account
        let shown = rows.compactMap(\.id)
        copies = try Fold.copies(of: rows.filter { $0.token != nil }.compactMap(\.id), db)
        intents = try hasIntents ? OpenIntent.onMessages(shown + copies.values.flatMap { $0 }, db) : [:]
        attachments = try AttachmentView.of(rows, db)
        replied = try Self.replied(by: rows, db)
    }

    /// The open intents on a message and its copies, oldest first.
    func intents(on row: MessageRow) -> [OpenIntent] {
        let id = row.id ?? 0
        guard let others = copies[id] else { return intents[id] ?? [] }
        return ([id] + others).flatMap { intents[$0] ?? [] }.sorted { $0.id < $1.id }
    }

    func entry(_ row: MessageRow, gapBefore: Bool) -> TimelineEntry {
        let open = intents(on: row)
        var entry = Self.remote(row, account: account)
        entry.gapBefore = gapBefore
        entry.attachments = row.id.flatMap { attachments[$0] } ?? []
        entry.replyTo = row.id.flatMap { replied[$0] }
        entry.intents = open.map { IntentID($0.id) }
        entry.problem = open.lazy.compactMap(\.problem).first
        for intent in open where intent.isShown && intent.row.verb != .upload {
            Self.lay(intent, over: &entry)
        }
        entry.state = Self.state(of: row, under: open.filter { $0.isShown && $0.row.verb != .upload })
        if entry.deletedAt != nil { (entry.text, entry.attachments) = (nil, []) }
        return entry
    }

    /// The oldest that is still to be done says how far the message is; what was accepted comes after that.
    private static func state(of row: MessageRow, under open: [OpenIntent]) -> DeliveryState {
        if let first = open.first(where: { $0.row.state != .sent }) { return first.state }
        if !open.isEmpty { return .sent }
        // Told by nobody: the service's yes is all there is.
        let isUnseen =
            row.source == Merge.Source.acknowledgement.rawValue && row.sequence != nil || row.version == nil && row.place == nil
        return isUnseen && row.isOwn && row.remoteID != nil ? .sent : .confirmed
    }

    private static func lay(_ intent: OpenIntent, over entry: inout TimelineEntry) {
        switch intent.row.verb {
        case .edit:
            guard entry.deletedAt == nil, let body = try? intent.row.decodedBody else { return }
            entry.text = body.text ?? body.message?.text ?? entry.text
            entry.editedAt = Timestamp(milliseconds: intent.row.createdAt)
            for (key, value) in body.metadata ?? body.message?.metadata ?? [:] {
                entry.metadata[key] = value.isEmpty ? nil : value
            }
        case .delete:
            entry.deletedAt = entry.deletedAt ?? Timestamp(milliseconds: intent.row.createdAt)
        default:
            break
        }
    }

    private static func remote(_ row: MessageRow, account: AccountName) -> TimelineEntry {
        TimelineEntry(
            id: MessageID(row.id ?? 0), remoteID: row.remoteID.map { RemoteMessageID($0) }, account: account,
            conversation: ConversationID(row.conversation), sender: row.sender.map { ParticipantID($0) },
            senderName: row.senderName,
            kind: row.isUnreadable ? .unreadable : MessageKind(rawValue: row.kind ?? "text"), text: row.text,
            createdAt: row.createdAt.map(Timestamp.init(milliseconds:)),
            editedAt: row.editedAt.map(Timestamp.init(milliseconds:)),
            deletedAt: row.deletedAt.map(Timestamp.init(milliseconds:)), version: row.version,
            token: row.token.map { Token($0) }, state: .confirmed, problem: nil, gapBefore: false, isOwn: row.isOwn,
            metadata: row.metadata.flatMap { PlainJSON.strings($0) ?? decoded($0) } ?? [:], serviceData: row.serviceData,
            topic: row.topic,
            participants: row.participants.flatMap { PlainJSON.participants($0) ?? decoded($0) } ?? [],
            initiator: row.initiator.map { ParticipantID($0) }, intents: [], attachments: [], replyTo: nil,
            remoteReplyTo: row.replyTo.map { RemoteMessageID($0) })
    }

    /// A message that was written here names the local one; of any other it is looked up whether the one that it answers is here.
    private static func replied(by rows: [MessageRow], _ db: Database) throws -> [Int64: MessageID] {
        var replied: [Int64: MessageID] = [:]
        for row in rows {
            guard let id = row.id else { continue }
            if let local = row.replyToLocal {
                replied[id] = MessageID(local)
            } else if let remote = row.replyTo {
                let found = try Int64.fetchOne(
                    db, cached: "SELECT id FROM message WHERE conversation = ? AND remoteID = ?",
                    arguments: [row.conversation, remote])
                replied[id] = found.map { MessageID($0) }
            }
        }
        return replied
    }

    private static func decoded<Value: Decodable>(_ json: String) -> Value? {
        try? JSONDecoder().decode(Value.self, from: Data(json.utf8))
    }
}
