internal import GRDB
internal import TidemarkModel

/// What becomes of a send's files.
extension Outbox {
    /// The service has a file and said under which key.
    static func uploaded(
        _ intent: IntentRow, _ acceptance: Acceptance, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
        // Nobody wants it any more: no message will name it, and the service shows it to nobody.
        guard let remote = acceptance.attachment, intent.state != .cancelled, intent.state != .confirmed else { return }
        try db.execute(
            cached: """
                UPDATE attachment SET remoteID = ?, thumbnail = coalesce(?, thumbnail), sentBytes = coalesce(size, sentBytes)
                WHERE intent = ?
                """, arguments: [remote.file.rawValue, remote.thumbnail?.rawValue, intent.id])
        var done = intent
        done.remoteTarget = remote.file.rawValue
        done.acknowledgedAt = moment.now.milliseconds
        done.detail = nil
        try end(done, as: .confirmed, nil, scope, moment, db)
    }

    /// The send is taken back, and what it would have named with it. What is on its way is dropped when its answer comes.
    static func cancelUploads(
        of send: IntentRow, _ reason: ParkReason, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
        guard let message = send.message else { return }
        for upload in try openIntents(on: message, .upload, db) { try end(upload, as: .cancelled, reason, scope, moment, db) }
    }

    /// The service has the message: what is here of its files may make room from now on.
    static func releaseCopies(of send: IntentRow, _ moment: Moment, _ db: Database) throws {
        try db.execute(
            cached: "UPDATE attachment SET usedAt = ? WHERE message = ? AND usedAt IS NULL AND copy IS NOT NULL",
            arguments: [moment.now.milliseconds, send.message])
    }

    /// The send that an upload belongs to.
    static func send(of upload: IntentRow, _ db: Database) throws -> IntentRow? {
        try IntentRow.fetchOne(
            db, cached: "\(IntentRow.selection) WHERE message = ? AND verb = 'send' ORDER BY id LIMIT 1",
            arguments: [upload.message])
    }

    // MARK: Files that tell a send

    /// The keys of all of a send's files; `nil`: it has none, or not all are known here, or the service does not list them.
    static func fileKeys(of send: IntentRow, _ scope: Scope, _ db: Database) throws -> [String]? {
        guard scope.traits.attachments?.identifySends == true else { return nil }
        let files = try AttachmentRow.of(send.message, db)
        let keys = files.compactMap(\.remoteID)
        return keys.isEmpty || keys.count < files.count ? nil : keys
    }

    /// The own message that bears one of a send's files: it is that send, whatever its text (wire page of Avaya, §7).
    static func bearer(of keys: [String], for send: IntentRow, _ db: Database) throws -> MessageRow? {
        for key in keys {
            let found = try MessageRow.fetchOne(
                db,
                cached: """
                    SELECT \(MessageRow.columnsOfM) FROM attachment AS a JOIN message AS m ON m.id = a.message
                    WHERE a.remoteID = ?1 AND m.conversation = ?2 AND m.id IS NOT ?3 AND m.isOwn = 1 AND m.remoteID IS NOT NULL
                        AND m.deletedAt IS NULL
                        AND NOT EXISTS (SELECT 1 FROM intent AS i WHERE i.message = m.id AND i.verb = 'send')
                    ORDER BY m.place, m.id LIMIT 1
                    """, arguments: [key, send.conversation, send.message])
            if let found { return found }
        }
        return nil
    }

    /// The send whose file an own message bears.
    static func send(withFilesOf message: MessageRow, _ scope: Scope, _ db: Database) throws -> IntentRow? {
        guard scope.traits.attachments?.identifySends == true, let list = message.attachments, list != AttachmentList.unsaid
        else { return nil }
        for attachment in AttachmentList.read(list) {
            let upload = try IntentRow.fetchOne(
                db,
                cached: """
                    \(IntentRow.selection) WHERE conversation = ? AND verb = 'upload' AND account = ? AND remoteTarget = ?
                    ORDER BY id LIMIT 1
                    """, arguments: [message.conversation, scope.account, attachment.file.rawValue])
            if let upload, let send = try send(of: upload, db) { return send }
        }
        return nil
    }
}
