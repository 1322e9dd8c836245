internal import GRDB
internal import TidemarkModel

/// What only the side that wrote a message knew of it.
extension Importing {
    /// A message, and what it answers.
    struct Answer {
        var message: Int64
        var conversation: Int64
        var remote: String?
        var token: String?
    }

    mutating func note(_ line: ExportLine, of row: MessageRow) {
        guard let id = row.id, row.replyToLocal == nil, row.deletedAt == nil, line.answers != nil || line.answersToken != nil
        else { return }
        answers.append(
            Answer(message: id, conversation: row.conversation, remote: line.answers, token: line.answersToken))
    }

    /// What the message said before, and what it says there, where that is older than what it says here. Tells whether any was new.
    func takeVersions(_ line: ExportLine, _ copy: RemoteMessage, of row: MessageRow, over old: MessageRow?) throws -> Bool {
        let rank = Int64(Merge.Source.push.rawValue)
        let isOlder = try Revisions.keep(copy, rank: rank, in: row, over: old, db)
        return try Revisions.insert(line.revisions ?? [], rank: rank, in: row, db) || isOlder
    }

    /// Points an answer at the message here. One that is not here is still named at the service.
    func resolve(_ answer: Answer) throws {
        let local = try Int64.fetchOne(
            db,
            cached: """
                SELECT id FROM message WHERE conversation = ?1 AND (remoteID = ?2 OR ?2 IS NULL AND token = ?3)
                ORDER BY id LIMIT 1
                """, arguments: [answer.conversation, answer.remote, answer.token])
        try db.execute(
            cached: """
                UPDATE message SET replyToLocal = ?2, replyTo = CASE WHEN version IS NULL THEN coalesce(?3, replyTo) ELSE replyTo END
                WHERE id = ?1
                """, arguments: [answer.message, local, answer.remote])
    }

    /// The bytes of what was not uploaded are not in an export: its upload is listed as parked, so that a person sees what is missing.
    func attach(_ files: [ExportLine.ExportedFile], to row: MessageRow, _ key: AccountKey?) throws {
        for (index, file) in files.prefix(AttachmentRow.maximumPerMessage).enumerated() {
            var attachment = AttachmentRow(message: row.id ?? 0, position: index + 1)
            (attachment.name, attachment.size, attachment.contentType) = (file.name, file.size, file.contentType)
            (attachment.remoteID, attachment.thumbnail) = (file.file, file.thumbnail)
            if file.file == nil, let key { attachment.intent = try upload(file, of: row, number: index + 1, key) }
            try attachment.insert(db)
        }
    }

    private func upload(
        _ file: ExportLine.ExportedFile, of row: MessageRow, number: Int, _ key: AccountKey
    ) throws -> Int64? {
        let body = IntentBody(
            file: OutgoingFile(
                path: "", name: file.name ?? "", contentType: file.contentType ?? "application/octet-stream",
                size: max(0, file.size ?? 0)))
        let token = file.token ?? "\(row.token ?? "")/file/\(number)"
        guard !token.isEmpty, try !db.knowsToken(token, key.id) else {
            throw ImportProblem("names a file whose upload is known as something else")
        }
        var intent = IntentRow(
            account: key.id, conversation: row.conversation, message: row.id, verb: .upload, token: token,
            body: try body.json(), createdAt: row.createdAt ?? now.milliseconds)
        // Uploading again does no harm, so nothing is looked for first.
        (intent.state, intent.reason) = (.parked, ParkReason.restored.rawValue)
        try intent.insert(db)
        return intent.id
    }
}
