internal import Foundation
internal import GRDB
internal import TidemarkModel

/// Makes entries of rows: folds' other copies and the open intents are looked up once for all of them.
struct EntryReader {
    let account: AccountName
    let copies: [Int64: [Int64]]
    private let intents: [Int64: [OpenIntent]]

    /// - Parameter hasIntents: `false` where no open intent is on any of them, which spares looking.
    init(_ rows: [MessageRow], account: AccountName, hasIntents: Bool = true, _ db: Database) throws {
        self.account = account
        let shown = rows.compactMap(\.id)
        copies = try Fold.copies(of: rows.filter { $0.token != nil }.compactMap(\.id), db)
        intents = try hasIntents ? OpenIntent.onMessages(shown + copies.values.flatMap { $0 }, db) : [:]
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
        entry.intents = open.map { IntentID($0.id) }
        entry.problem = open.lazy.compactMap(\.problem).first
        for intent in open where intent.isShown {
            Self.lay(intent, over: &entry)
        }
        entry.state = Self.state(of: row, under: open.filter(\.isShown))
        if entry.deletedAt != nil { entry.text = nil }
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
            initiator: row.initiator.map { ParticipantID($0) }, intents: [])
    }

    private static func decoded<Value: Decodable>(_ json: String) -> Value? {
        try? JSONDecoder().decode(Value.self, from: Data(json.utf8))
    }
}
