internal import GRDB
internal import TidemarkModel

/// The files that a send brings along.
extension Enqueue {
    /// One upload for each, before the send in the queue. They have tokens made from the send's.
    func insertUploads(for message: MessageRow, in conversation: ConversationRow) throws {
        for (index, file) in files.enumerated() {
            let body = IntentBody(
                file: OutgoingFile(
                    path: file.copy, name: file.name, contentType: file.contentType, size: file.size,
                    thumbnailPath: file.thumbnailCopy, thumbnailType: file.thumbnailType))
            var upload = IntentRow(
                account: scope.account, conversation: message.conversation, message: message.id, verb: .upload,
                token: "\(token.rawValue)/file/\(index + 1)", body: try body.json(), createdAt: moment.now.milliseconds)
            upload.roomSID = conversation.roomSID
            try upload.insert(db)
            var attachment = AttachmentRow(message: message.id ?? 0, position: index + 1)
            (attachment.name, attachment.size, attachment.contentType) = (file.name, file.size, file.contentType)
            (attachment.copy, attachment.thumbnailCopy) = (file.copy, file.thumbnailCopy)
            attachment.intent = upload.id
            try attachment.insert(db)
            try Outbox.journal(upload, "accepted", Verb.upload.rawValue, scope, moment, db)
        }
    }
}
