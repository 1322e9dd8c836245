internal import GRDB
internal import TidemarkModel

/// What a wish has to be before it is accepted. What is refused here was never written anywhere.
extension Enqueue {
    func requireTopic(_ topic: String) throws {
        guard topic.contains(where: { !$0.isWhitespace }) else {
            throw StoreError(.invalidArgument, "The topic is empty; give the conversation a name.")
        }
        guard topic.utf8.count <= scope.traits.maximumTextBytes else {
            throw StoreError(
                .invalidArgument, "The topic has more than \(scope.traits.maximumTextBytes) bytes; give a shorter name.")
        }
    }

    func requireText(_ text: String, mayBeEmpty: Bool = false) throws {
        guard mayBeEmpty || text.contains(where: { !$0.isWhitespace }) else {
            throw StoreError(.invalidArgument, "The message is empty; write something to send.")
        }
        let limit = scope.traits.maximumTextBytes
        guard text.utf8.count <= limit else {
            throw StoreError(
                .invalidArgument,
                "The message has \(text.utf8.count) bytes and \(scope.traits.service) takes \(limit); send it in parts.")
        }
    }

    /// The message that a send answers, in the same conversation.
    func requireReplied(_ id: MessageID, in conversation: ConversationID) throws -> MessageRow {
        guard scope.traits.replies else {
            throw StoreError(.notAllowed, "\(scope.traits.service) has no replies; send it as a message of its own.")
        }
        let row = try requireMessage(id)
        guard row.conversation == conversation.number else {
            throw StoreError(.invalidArgument, "Message \(id) is not in that conversation; answer it where it is.")
        }
        guard row.deletedAt == nil, !row.isUnreadable else {
            throw StoreError(.notAllowed, "Message \(id) was deleted or can't be read; it can't be answered.")
        }
        return row
    }

    /// Before a file is copied for it.
    func checkConversation(_ id: ConversationID) throws {
        _ = try requireConversation(id)
    }

    /// What travels beside the text.
    func requireSmall(_ metadata: [String: String], senderName: String?) throws {
        let bytes = metadata.reduce(senderName?.utf8.count ?? 0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
        guard bytes <= scope.traits.maximumTextBytes else {
            throw StoreError(
                .invalidArgument,
                "Metadata and sender name have \(bytes) bytes, more than \(scope.traits.maximumTextBytes); keep them short.")
        }
    }

    func requireParticipants(_ participants: [Participant], allowNone: Bool) throws {
        guard allowNone || !participants.isEmpty, participants.allSatisfy({ !$0.id.rawValue.isEmpty }) else {
            throw StoreError(.invalidArgument, "A participant's id is empty; name a person.")
        }
        let limit = scope.traits.maximumParticipantsPerCall
        guard participants.count <= limit else {
            throw StoreError(
                .invalidArgument,
                "\(participants.count) participants are more than \(scope.traits.service) takes at once (\(limit)); add them in parts."
            )
        }
    }

    func requireConversation(_ id: ConversationID) throws -> ConversationRow {
        guard let row = try ConversationRow.fetchOne(db, id: id.number), row.account == scope.account else {
            throw StoreError(.notFound, "There is no conversation \(id) in this account.")
        }
        guard row.deletedAt == nil else {
            throw StoreError(.notAllowed, "Conversation \(id) was deleted; nothing can be written to it.")
        }
        guard try wish.verb == .deleteConversation || !Outbox.isBeingDeleted(id.number, db) else {
            throw StoreError(.notAllowed, "Conversation \(id) is being deleted; nothing can be written to it.")
        }
        return row
    }

    func requireMessage(_ id: MessageID) throws -> MessageRow {
        guard let row = try MessageRow.fetchOne(db, id: id.number),
            let owner = try ConversationRow.fetchOne(db, id: row.conversation), owner.account == scope.account
        else { throw StoreError(.notFound, "There is no message \(id) in this account.") }
        return row
    }

    func requireOwnMessage(_ id: MessageID) throws -> MessageRow {
        let row = try requireMessage(id)
        guard row.isOwn else {
            throw StoreError(.notAllowed, "Message \(id) was written by somebody else; only its author may change it.")
        }
        guard row.deletedAt == nil || wish.verb == .delete else {
            throw StoreError(.notAllowed, "Message \(id) was deleted; it can't be edited.")
        }
        // One that the service refused is not shown: the message is there, and may be changed.
        if wish.verb == .edit, let delete = try Outbox.openDelete(on: row, db), delete.state != .parked {
            throw StoreError(.notAllowed, "Message \(id) is being deleted; it can't be edited.")
        }
        guard MessageKind(rawValue: row.kind ?? "").isUserKind else {
            throw StoreError(.notAllowed, "Message \(id) is the service's own; it can't be changed.")
        }
        return row
    }
}
