internal import Foundation
internal import GRDB
internal import TidemarkModel

/// An account as lines of JSON.
struct JSONExport {
    let account: AccountKey
    let db: Database
    let write: (String) throws -> Void
    private var report = ExportReport()
    private let encoder = JSONEncoder()

    init(account: AccountKey, db: Database, write: @escaping (String) throws -> Void) {
        (self.account, self.db, self.write) = (account, db, write)
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    }

    mutating func run(_ conversations: [ConversationRow], at now: Timestamp) throws -> ExportReport {
        try header(at: now)
        for conversation in conversations { try self.conversation(conversation) }
        return report
    }

    private func put(_ line: ExportLine) throws {
        try write(line.json(encoder) + "\n")
    }

    private func header(at now: Timestamp) throws {
        guard let row = try AccountRow.fetchOne(db, id: account.id) else { throw try AccountKey.unknown(account.name, db) }
        let known = try Account(row, db)
        var line = ExportLine(.account)
        line.format = ExportLine.format
        (line.name, line.service, line.settings) = (known.name.rawValue, known.service, known.settings)
        line.identities = known.identities.map(\.rawValue)
        line.exportedAt = now.milliseconds
        try put(line)
    }

    private mutating func conversation(_ row: ConversationRow) throws {
        let id = row.id ?? 0
        let name = ConversationID(id).description
        var line = ExportLine(.conversation)
        (line.conversation, line.remoteID, line.topic) = (name, row.remoteID, row.topic)
        (line.createdAt, line.createdBy, line.lastMessageAt) = (row.createdAt, row.createdBy, row.lastMessageAt)
        (line.deletedAt, line.membership) = (row.deletedAt, row.membership)
        line.readUpTo = max(row.localHorizon, row.remoteHorizon)
        line.isByArrival = try Bool.fetchOne(
            db, cached: "SELECT EXISTS (SELECT 1 FROM receivingSession WHERE conversation = ?)", arguments: [id])
        try put(line)
        report.conversations += 1
        try participants(of: id, name)
        try messages(of: id, name)
        try unsent(in: id, name)
    }

    private func participants(of conversation: Int64, _ name: String) throws {
        let sql: SQLText = """
            SELECT participant, displayName, role, isPresent FROM participant WHERE conversation = ? ORDER BY participant
            """
        let people = try db.all(sql, [conversation]) { columns in
            var line = ExportLine(.participant)
            line.conversation = name
            line.participant = try columns[0]
            line.displayName = try columns[1]
            line.role = try columns[2]
            line.isPresent = try columns[3]
            return line
        }
        for line in people { try put(line) }
    }

    private mutating func messages(of conversation: Int64, _ name: String) throws {
        let rows = try MessageRow.fetchCursor(
            db,
            cached: """
                \(MessageRow.selection) WHERE conversation = ? AND remoteID IS NOT NULL AND version IS NOT NULL
                ORDER BY place IS NULL, place, id
                """, arguments: [conversation])
        while let row = try rows.next() {
            guard let copy = row.remote else { continue }
            var line = ExportLine(.message)
            (line.conversation, line.message) = (name, copy)
            if row.deletedBy == "absence" { line.isAbsent = true }
            let revisions = try Revisions.of(row.id, db)
            if !revisions.isEmpty { line.revisions = revisions }
            try addOwn(row, to: &line)
            try put(line)
            report.messages += 1
        }
    }

    /// What only this side knows of a message that was written here.
    private func addOwn(_ row: MessageRow, to line: inout ExportLine) throws {
        if row.attachments == AttachmentList.unsaid {
            let tokens = try Outbox.openIntents(on: row.id ?? 0, .upload, db).reduce(into: [:]) { $0[$1.id ?? 0] = $1.token }
            line.files = try AttachmentRow.of(row.id, db).map { file in
                ExportLine.ExportedFile(
                    file: file.remoteID, name: file.name, size: file.size, contentType: file.contentType,
                    thumbnail: file.thumbnail, token: file.intent.flatMap { tokens[$0] })
            }
        }
        if let replied = row.replyToLocal {
            let answered = try MessageRow.fetchOne(db, id: replied)
            (line.answers, line.answersToken) = (answered?.remoteID, answered?.remoteID == nil ? answered?.token : nil)
        } else if row.version == nil {
            line.answers = row.replyTo
        }
    }

    private mutating func unsent(in conversation: Int64, _ name: String) throws {
        for intent in try Outbox.openIntents(in: conversation, db) where intent.isUnsent && intent.verb != .upload {
            var line = ExportLine(.unsent)
            (line.conversation, line.verb, line.token) = (name, intent.verb.rawValue, intent.token)
            (line.state, line.body, line.createdAt) = (intent.state.rawValue, intent.body, intent.createdAt)
            let about = try MessageRow.fetchOne(db, id: intent.message)
            (line.target, line.targetToken) = (about?.remoteID, about?.token)
            if intent.verb == .send, let about, about.remoteID == nil || about.version == nil { try addOwn(about, to: &line) }
            try put(line)
            report.unsent += 1
        }
    }
}

extension IntentRow {
    /// Not at the service for all that is known.
    fileprivate var isUnsent: Bool {
        switch state {
        case .queued, .transmitting, .inDoubt, .parked: true
        case .sent: settledAt == nil && message != nil
        case .confirmed, .cancelled: false
        }
    }
}

extension MessageRow {
    /// The copy as an observation: what would make this row of none. `nil`: nothing of it was observed.
    var remote: RemoteMessage? {
        guard let remoteID, let version else { return nil }
        var copy = RemoteMessage(id: RemoteMessageID(remoteID), version: version, sequence: sequence, place: place)
        copy.kind = kind.map { MessageKind(rawValue: $0) }
        (copy.text, copy.senderName, copy.topic, copy.serviceData) = (text, senderName, topic, serviceData)
        copy.sender = sender.map { ParticipantID($0) }
        copy.initiator = initiator.map { ParticipantID($0) }
        copy.createdAt = createdAt.map(Timestamp.init(milliseconds:))
        copy.editedAt = editedAt.map(Timestamp.init(milliseconds:))
        copy.deletedAt = deletedAt.map(Timestamp.init(milliseconds:))
        copy.token = token.map { Token($0) }
        copy.editMarker = editMarker.map { Token($0) }
        copy.metadata = metadata.flatMap { try? JSONDecoder().decode([String: String].self, from: Data($0.utf8)) } ?? [:]
        if let attachments, attachments != AttachmentList.unsaid { copy.attachments = AttachmentList.read(attachments) }
        copy.replyTo = replyTo.map { RemoteMessageID($0) }
        copy.participants = MembershipMessage.participants(json: participants)
        return copy
    }
}
