import Tidemark
import TidemarkModel
import TidemarkStore

/// What one device has been told by its service, kept by rules that are small enough to be seen to be right. It is what the
/// views are compared with while a history runs, and shares no code with the store.
struct Witness {
    /// One message as it was told of last.
    struct Copy {
        var version: Int64
        var text: String
        var isDeleted: Bool
        var kind: MessageKind?
        var sender: ParticipantID?
        var token: Token?
        var place: Int64?
    }

    private(set) var copies: [RemoteConversationID: [RemoteMessageID: Copy]] = [:]
    /// With which message each of those came who were shown to be in a conversation since.
    var present: [ConversationID: [ParticipantID: RemoteMessageID]] = [:]
    /// By what the service calls them.
    var locals: [RemoteConversationID: ConversationID] = [:]
    /// The highest place up to which a conversation was seen to count as read.
    var horizons: [ConversationID: Int64] = [:]
    /// What the user took back, and what went with it.
    private(set) var takenBack: Set<IntentID> = []
    /// The tokens that a send had before its user changed it.
    var former: [IntentID: [Token]] = [:]
    /// How much its user had wished for when each of those was to be deleted.
    var deletions: [RemoteConversationID: Int] = [:]
    /// What was to be deleted and then was not, as the user decided: also where the engine wanted it (R4).
    var kept: Set<MessageID> = []
    /// Of what landed after it was taken back and is left there.
    var keptTokens: Set<Token> = []

    /// What was asked for by its id, and was not there: gone, in the service's words for it.
    private(set) var missing: Set<RemoteMessageID> = []

    mutating func hear(_ answer: SyncCore.Answer) {
        if case .read(let read, .failure(let error)) = answer, case .message(let id, _) = read.request.subject,
            error.code == .notFound
        {
            missing.insert(id)
        }
        guard case .read(let read, .success(let page)) = answer, case .messages(let messages) = page.items else { return }
        switch read.request.subject {
        case .messages(let thread), .message(_, let thread): for message in messages { hear(message, in: thread) }
        default: return
        }
        for (thread, messages) in page.furtherMessages { for message in messages { hear(message, in: thread) } }
    }

    mutating func hear(_ event: RemoteEvent) {
        if case .message(let message, let thread) = event { hear(message, in: thread) }
    }

    mutating func takeBack(_ intents: some Sequence<IntentID>) {
        takenBack.formUnion(intents)
    }

    private mutating func hear(_ message: RemoteMessage, in thread: RemoteConversationID) {
        let known = copies[thread, default: [:]][message.id]
        // A tombstone is final (P4), and an older version changes nothing (P5).
        if let known, known.isDeleted || message.deletedAt == nil && (message.version ?? 0) <= known.version {
            copies[thread]?[message.id]?.token = known.token ?? message.token
            return
        }
        copies[thread, default: [:]][message.id] = Copy(
            version: max(message.version ?? 0, known?.version ?? 0), text: message.text ?? "",
            isDeleted: message.deletedAt != nil, kind: message.kind ?? known?.kind, sender: message.sender ?? known?.sender,
            token: message.token ?? known?.token, place: known?.place ?? message.place ?? Int64(message.id.rawValue))
    }
}

extension Device {
    /// What was made and is no longer there.
    func lostConversations() -> [String] {
        accepted.filter { $0.verb == .createConversation && !witness.takenBack.contains($0.enqueued.intent) }
            .filter { (try? account.conversation($0.enqueued.conversation).get()) == nil }
            .map { "P1: \(name) no longer has the conversation of \($0.enqueued.intent)" }
    }
}

/// What the service did and its last state no longer tells.
struct Chronicle {
    /// The version that an edit made, by its token.
    private(set) var versions: [Token: Int64] = [:]
    /// The text with which a message was made, by its token.
    private(set) var texts: [Token: String] = [:]
    /// Every text that a message ever had.
    private(set) var everyText: Set<String> = []

    mutating func note(_ message: RawMessage) {
        everyText.insert(message.text)
        if let token = message.token, !message.isDeleted, !message.isEdited, texts[token] == nil { texts[token] = message.text }
        guard let marker = message.editMarker, versions[marker] == nil else { return }
        versions[marker] = message.version
    }
}
