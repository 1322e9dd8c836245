public import TidemarkModel

/// A conversation from another database of the app's, as far as that knows it.
public struct ImportedConversation: Hashable, Sendable {
    /// The service's id. What the service has never had can't be imported: create it.
    public var id: RemoteConversationID
    public var topic: String
    public var participants: [Participant]
    /// What the service has, in any order. A message that has no ``RemoteMessage/version`` counts as older than whatever the service
    /// shows of it; one without a `place` stands by its `createdAt`, which then has to be there; one without a kind is text.
    public var messages: [RemoteMessage]
    /// What was written and never confirmed, oldest first.
    public var unsent: [ImportedSend]
    /// Up to when the user has read it; `nil`: nothing of it.
    public var readUpTo: Timestamp?

    public init(
        id: RemoteConversationID, topic: String = "", participants: [Participant] = [], messages: [RemoteMessage] = [],
        unsent: [ImportedSend] = [], readUpTo: Timestamp? = nil
    ) {
        self.id = id
        self.topic = topic
        self.participants = participants
        self.messages = messages
        self.unsent = unsent
        self.readUpTo = readUpTo
    }
}

/// A message that another database took for unsent.
public struct ImportedSend: Hashable, Sendable {
    public var message: OutgoingMessage
    /// The token that it may have been sent with: what bears it at the service is this one. A fresh one finds nothing by itself.
    public var token: Token
    public var createdAt: Timestamp

    public init(_ message: OutgoingMessage, token: Token, createdAt: Timestamp) {
        self.message = message
        self.token = token
        self.createdAt = createdAt
    }
}

extension MessageStore {
    /// As ``importConversations(from:into:at:)``, from values.
    package func importHistory(
        _ conversations: [ImportedConversation], into account: AccountView, service: String, at now: Timestamp
    ) throws -> ImportReport {
        try write(.full) { db in
            var importing = Importing(wanted: account.name, now: now, db: db)
            var line = ExportLine(.account)
            (line.format, line.service) = (ExportLine.format, service)
            try importing.take(line)
            for conversation in conversations {
                do {
                    for line in try conversation.lines() { try importing.take(line) }
                } catch let error as ImportProblem {
                    throw StoreError(
                        .badLine, "Of conversation \(conversation.id.rawValue) one item \(error.words); nothing was imported.")
                }
            }
            return try importing.finish()
        }
    }
}

extension ImportedConversation {
    fileprivate func lines() throws -> [ExportLine] {
        func line(_ kind: ExportLine.Kind, _ fill: (inout ExportLine) throws -> Void) rethrows -> ExportLine {
            var line = ExportLine(kind)
            line.conversation = id.rawValue
            try fill(&line)
            return line
        }
        guard !id.rawValue.isEmpty else { throw ImportProblem("is a conversation without an id") }
        var lines = [
            line(.conversation) { line in
                (line.remoteID, line.topic, line.readUpTo) = (id.rawValue, topic, readUpTo?.milliseconds)
                line.lastMessageAt = messages.compactMap { $0.createdAt?.milliseconds }.max()
            }
        ]
        lines += participants.map { participant in
            line(.participant) { line in
                (line.participant, line.displayName) = (participant.id.rawValue, participant.displayName)
                line.role = participant.role
            }
        }
        lines += try messages.map { message in
            var message = message
            guard let place = message.place ?? message.createdAt?.milliseconds else {
                throw ImportProblem("is a message without a place and without a time")
            }
            message.place = place
            message.version = message.version ?? 0
            message.kind = message.kind ?? .text
            return line(.message) { $0.message = message }
        }
        return lines
            + (try unsent.map { send in
                try line(.unsent) { line in
                    (line.verb, line.token) = (Verb.send.rawValue, send.token.rawValue)
                    line.body = try IntentBody(message: send.message).json()
                    line.createdAt = send.createdAt.milliseconds
                }
            })
    }
}
