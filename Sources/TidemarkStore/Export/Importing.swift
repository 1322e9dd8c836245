internal import Foundation
internal import GRDB
internal import TidemarkModel

/// Takes in an export, line by line, in one transaction.
struct Importing {
    /// Where messages of a conversation of the file go.
    struct Target {
        var id: Int64
        /// The store counts its arrivals on its own (R21).
        var isByArrival: Bool
        /// It was here before.
        var isKnown: Bool
    }

    let wanted: AccountName?
    let now: Timestamp
    let db: Database
    private let decoder = JSONDecoder()
    private var key: AccountKey?
    private var identities: Set<String> = []
    private var targets: [String: Target] = [:]
    /// Conversations that the service had not made when they were exported: which they are here, their creates tell.
    private var unmade: [String: ExportLine] = [:]
    /// Answers whose messages may come further down.
    var answers: [Answer] = []
    private var report = ImportReport(account: "")

    init(wanted: AccountName?, now: Timestamp, db: Database) {
        (self.wanted, self.now, self.db) = (wanted, now, db)
    }

    mutating func take(_ bytes: Data) throws {
        try take(try decoder.decode(ExportLine.self, from: bytes))
    }

    mutating func take(_ line: ExportLine) throws {
        guard line.type != .account else { return try account(line) }
        guard let key else { throw ImportProblem("comes before the line of the account, which has to be the first") }
        switch line.type {
        case .account: break
        case .conversation: try conversation(line, key)
        case .participant: try participant(line)
        case .message: try message(line)
        case .unsent: try unsent(line, key)
        }
    }

    mutating func finish() throws -> ImportReport {
        guard key != nil else { throw StoreError(.badLine, "The file holds no export; nothing was imported.") }
        for answer in answers { try resolve(answer) }
        for target in targets.values { try Unread.recount(target.id, db) }
        return report
    }

    // MARK: Lines

    private mutating func account(_ line: ExportLine) throws {
        guard key == nil else { throw ImportProblem("is a second account") }
        guard let format = line.format, format == ExportLine.format else {
            throw ImportProblem("was written in a format that this version does not know")
        }
        guard let name = wanted?.rawValue ?? line.name, !name.isEmpty, let service = line.service, !service.isEmpty else {
            throw ImportProblem("names no account and service")
        }
        if let known = try AccountRow.fetchOne(db, where: "name = ?", arguments: [name]) {
            guard known.service == service else {
                throw StoreError(.notAllowed, "Account \(name) belongs to another service; import into another account.")
            }
            key = AccountKey(id: known.id ?? 0, name: AccountName(name))
        } else {
            var row = AccountRow(
                name: name, service: service, settings: try Account.json(line.settings ?? [:]), createdAt: now.milliseconds)
            try row.insert(db)
            key = AccountKey(id: row.id ?? 0, name: AccountName(name))
            for identity in line.identities ?? [] where !identity.isEmpty {
                try db.execute(
                    cached: "INSERT OR IGNORE INTO identity (account, participant, addedAt) VALUES (?, ?, ?)",
                    arguments: [row.id, identity, now.milliseconds])
            }
        }
        report.account = AccountName(name)
        identities = try Set(
            String.fetchAll(db, cached: "SELECT participant FROM identity WHERE account = ?", arguments: [key?.id]))
    }

    private mutating func conversation(_ line: ExportLine, _ key: AccountKey) throws {
        guard let name = line.conversation, targets[name] == nil, unmade[name] == nil else {
            throw ImportProblem("is a conversation that was there before, or has no id")
        }
        guard let remoteID = line.remoteID, !remoteID.isEmpty else { return unmade[name] = line }
        report.conversations += 1
        let known = try ConversationRow.fetchOne(
            db, where: "account = ? AND remoteID = ?", arguments: [key.id, remoteID])
        guard let known, let id = known.id else { return try insert(line, name, key) }
        try db.execute(
            cached: "UPDATE conversation SET localHorizon = max(localHorizon, ?) WHERE id = ?",
            arguments: [line.readUpTo ?? -1, id])
        targets[name] = Target(id: id, isByArrival: line.isByArrival == true, isKnown: true)
    }

    private mutating func insert(_ line: ExportLine, _ name: String, _ key: AccountKey) throws {
        var row = ConversationRow(account: key.id, remoteID: line.remoteID, topic: line.topic ?? "")
        (row.createdAt, row.createdBy, row.lastMessageAt) = (line.createdAt, line.createdBy, line.lastMessageAt)
        row.deletedAt = line.deletedAt
        if line.membership == "left" { row.membership = "left" }
        row.localHorizon = line.readUpTo ?? -1
        try row.insert(db)
        targets[name] = Target(id: row.id ?? 0, isByArrival: line.isByArrival == true, isKnown: false)
    }

    private func target(_ line: ExportLine) throws -> Target {
        guard let target = line.conversation.flatMap({ targets[$0] }) else {
            throw ImportProblem("belongs to a conversation that no line before it tells of")
        }
        return target
    }

    private func participant(_ line: ExportLine) throws {
        guard let id = line.participant, !id.isEmpty else { throw ImportProblem("is a participant without an id") }
        if let name = line.conversation, unmade[name] != nil { return }
        try db.execute(
            cached: """
                INSERT OR IGNORE INTO participant (conversation, participant, displayName, role, isPresent) VALUES (?, ?, ?, ?, ?)
                """, arguments: [try target(line).id, id, line.displayName, line.role, line.isPresent ?? true])
    }

    private mutating func message(_ line: ExportLine) throws {
        guard var copy = line.message, !copy.id.rawValue.isEmpty, copy.version != nil else {
            throw ImportProblem("is a message without an id or a version")
        }
        let target = try target(line)
        let old = try MessageRow.find(copy.id.rawValue, in: target.id, db)
        if target.isByArrival {
            guard old == nil else { return report.known += 1 }
            try number(&copy, target)
        }
        var row = Merge.merge(old, copy, .push, conversation: target.id, identities: identities)
        // What is only missing is no more told than it was.
        if line.isAbsent == true { row.deletedBy = old?.deletedBy ?? "absence" }
        // Files that no listing told of are no part of the copy.
        let isOwnOnly = line.files != nil && row.attachments == nil && row.deletedAt == nil
        if isOwnOnly { row.attachments = AttachmentList.unsaid }
        try row.write(over: old, db)
        let hasNewVersions = try takeVersions(line, copy, of: row, over: old)
        if row.attachments != old?.attachments {
            try AttachmentList.apply(row, db)
            if isOwnOnly { try attach(line.files ?? [], to: row, nil) }
        }
        note(line, of: row)
        switch old {
        case .none: report.added += 1
        case .some(let old) where old == row && !hasNewVersions: report.known += 1
        case .some: report.changed += 1
        }
    }

    /// A place of another store's count means nothing here, unless nothing was counted here.
    private func number(_ copy: inout RemoteMessage, _ target: Target) throws {
        if target.isKnown {
            copy.place = try db.nextArrival()
            copy.sequence = copy.place
        } else {
            let most = max(copy.place ?? 0, copy.sequence ?? 0)
            guard most < 1 << 61 else { throw ImportProblem("has a number of arrival that can't be") }
            try db.execute(cached: "UPDATE store SET arrival = max(arrival, ?)", arguments: [most])
        }
    }

    // MARK: What was unsent

    private mutating func unsent(_ line: ExportLine, _ key: AccountKey) throws {
        guard let token = line.token, !token.isEmpty, let verb = line.verb.flatMap(Verb.init(rawValue:)), verb != .upload,
            let json = line.body,
            let body = try? IntentBody(json: json), let name = line.conversation
        else { throw ImportProblem("is unsent work that can't be read") }
        let isKnown = try db.knowsToken(token, key.id)
        if let made = unmade[name] {
            try make(made, name, isKnown ? token : nil, key)
        }
        let target = try target(line)
        guard try !isKnown && !hasArrived(token, key) else { return }
        var intent = IntentRow(
            account: key.id, conversation: target.id, verb: verb, token: token, body: try body.json(),
            createdAt: line.createdAt ?? now.milliseconds)
        switch verb {
        case .send:
            guard let message = body.message else { throw ImportProblem("is a message without text") }
            intent.message = try echo(of: message, line, token, intent.createdAt, in: target)
        case .edit, .delete, .markRead:
            intent.message = try self.message(line, in: target)
            guard intent.message != nil else { throw ImportProblem("is about a message that no line before it tells of") }
        default: break
        }
        try intent.insertRestored(db)
        if verb == .send, let message = intent.message {
            try db.execute(
                cached: "UPDATE message SET sort = ? WHERE id = ?", arguments: [MessageRow.tail + (intent.id ?? 0), message])
        }
        report.unsent += 1
    }

    /// A conversation that the service had not made: the one that the same create is for here, or a new one.
    private mutating func make(_ line: ExportLine, _ name: String, _ token: String?, _ key: AccountKey) throws {
        unmade[name] = nil
        let known = try token.flatMap {
            try Int64.fetchOne(
                db, cached: "SELECT conversation FROM intent WHERE account = ? AND token = ?", arguments: [key.id, $0])
        }
        if let known {
            targets[name] = Target(id: known, isByArrival: false, isKnown: true)
        } else {
            report.conversations += 1
            try insert(line, name, key)
        }
    }

    private func hasArrived(_ token: String, _ key: AccountKey) throws -> Bool {
        let conversations = Set(targets.values.map(\.id)).sorted()
        return try Bool.fetchOne(
            db,
            cached: """
                SELECT EXISTS (SELECT 1 FROM json_each(?) AS wanted JOIN message AS m ON m.conversation = wanted.value
                    WHERE m.token = ? AND m.remoteID IS NOT NULL AND m.isOwn = 1)
                """, arguments: [conversations.jsonArray, token]) ?? false
    }

    private mutating func echo(
        of message: OutgoingMessage, _ line: ExportLine, _ token: String, _ createdAt: Int64, in target: Target
    ) throws -> Int64? {
        var row = MessageRow(conversation: target.id)
        (row.kind, row.text, row.senderName) = (message.kind.rawValue, message.text, message.senderName)
        (row.isOwn, row.createdAt, row.token) = (true, createdAt, token)
        row.sender = identities.count == 1 ? identities.first : nil
        row.metadata = message.metadata.isEmpty ? nil : try IntentBody(metadata: message.metadata).json()
        row.attachments = line.files == nil ? nil : AttachmentList.unsaid
        try row.insert(db)
        if let files = line.files { try attach(files, to: row, key) }
        note(line, of: row)
        return row.id
    }

    private func message(_ line: ExportLine, in target: Target) throws -> Int64? {
        if let remote = line.target { return try MessageRow.find(remote, in: target.id, db)?.id }
        guard let token = line.targetToken else { return nil }
        return try Int64.fetchOne(
            db, cached: "SELECT id FROM message WHERE conversation = ? AND token = ? ORDER BY id LIMIT 1",
            arguments: [target.id, token])
    }
}
