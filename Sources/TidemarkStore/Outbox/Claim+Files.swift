internal import GRDB
internal import TidemarkModel

/// Sends with files or with a message that they answer, and the uploads that go before them.
extension Claim {
    func considerSend(_ intent: IntentRow, _ conversation: RemoteConversationID) throws -> Verdict {
        guard let row = try MessageRow.fetchOne(db, id: intent.message),
            row.attachments != nil || row.replyTo != nil || row.replyToLocal != nil,
            case .send(var message, let target)? = try intent.action(in: conversation)
        else { return try paced(intent, in: conversation) }
        let files = try AttachmentRow.of(row.id, db)
        message.attachments = files.compactMap(\.remote)
        guard message.attachments.count == files.count else { return try waitForFiles(of: intent) }
        if let replied = row.replyToLocal, let answered = try MessageRow.fetchOne(db, id: replied) {
            // Its own send has not told where it is yet.
            guard let remote = answered.remoteID else { return .pass }
            message.replyTo = RemoteMessageID(remote)
        } else {
            message.replyTo = row.replyTo.map { RemoteMessageID($0) }
        }
        return try paced(intent, in: conversation, instead: .send(message, in: target))
    }

    /// The messages behind it wait too, unless a person let them go on past the file that holds it up.
    private func waitForFiles(of intent: IntentRow) throws -> Verdict {
        let uploads = try Outbox.openIntents(on: intent.message ?? 0, .upload, db)
        return uploads.contains { $0.state == .parked && $0.isSkipped } ? .pass : .hold
    }

    /// Files take long. As many as may leave at once do not take the place of everything else.
    func considerUpload(_ intent: IntentRow, _ conversation: RemoteConversationID) throws -> Verdict {
        let underWay = try Int.fetchOne(
            db,
            cached: """
                SELECT count(*) FROM intent WHERE account = ? AND state IN (\(Outbox.openStates)) AND +state = 'transmitting'
                    AND verb = 'upload'
                """, arguments: [scope.account])
        guard underWay ?? 0 < scope.configuration.maximumConcurrentUploads else { return .stop }
        return try paced(intent, in: conversation)
    }

    /// How long an attempt may take: a file as long as the slowest way that is put up with needs for it.
    func longest(_ action: Delivery.Action) -> Duration {
        let timeout = scope.configuration.requestTimeout
        guard case .upload(let file, _) = action else { return timeout }
        return timeout + .seconds(max(0, file.size) / max(1, scope.configuration.slowestUploadBytesPerSecond))
    }
}

extension Claims {
    /// With the paths of the files that are to leave, in place of the names of their copies.
    fileprivate func placing(_ delivery: Delivery, in shelf: FileShelf) -> Delivery {
        guard case .upload(var file, let conversation) = delivery.action else { return delivery }
        var delivery = delivery
        // A name that leads elsewhere comes from a damaged store: nothing is there.
        file.path = FileShelf.isName(file.path) ? shelf.path(of: file.path) : ""
        file.thumbnailPath = file.thumbnailPath.flatMap { FileShelf.isName($0) ? shelf.path(of: $0) : nil }
        delivery.action = .upload(file, in: conversation)
        return delivery
    }

    func placed(in shelf: FileShelf) -> Claims {
        var placed = self
        placed.deliveries = deliveries.map { placing($0, in: shelf) }
        return placed
    }
}
