import Foundation
import Tidemark
import TidemarkModel
import TidemarkStore

/// What an intent of a verb is about, in a little world of its own: a conversation "Trip" of carol's with alice, who is the
/// user, and bob; a message "old" of alice's and one of carol's.
struct Subject {
    let verb: Verb
    var station: Station
    private(set) var conversation: ConversationID
    private(set) var message: MessageID?
    /// Tokens of what had to be there first.
    private(set) var parents: Set<Token> = []
    /// The send that an upload is for.
    private var send: Token?

    static let trip = 0

    /// The same world for all, made once.
    private static let beginning = Result {
        let store = try MessageStore.inMemory()
        let account = try store.addAccount("me", service: "plain", identity: Station.alice, at: Timestamp(milliseconds: 0))
        var station = try Station(on: store)
        station.service.create("Trip", by: "carol", with: ["alice", "bob"], token: "by carol", at: station.now)
        station.service.post("hi", by: "carol", in: trip, at: station.now)
        try station.quiet()
        let old = try station.wish(.send(OutgoingMessage("old"), to: try account.resolveConversation("t1")))
        try station.quiet()
        return (dump: try store.dump(of: account), service: station.service, now: station.now, old: old)
    }

    init(_ verb: Verb) throws {
        self.verb = verb
        let beginning = try Self.beginning.get()
        let store = try MessageStore.inMemory()
        try store.restore(beginning.dump)
        station = try Station(beginning.service, on: store, at: beginning.now, seed: 100)
        conversation = beginning.old.conversation
        message = beginning.old.message
        parents.insert(beginning.old.token)
    }

    /// From here on what the intent is about has to come into being first. False: there is no such thing.
    mutating func makeTargetWait() throws {
        switch verb {
        case .createConversation: return
        case .edit, .delete:
            let send = try station.wish(.send(OutgoingMessage("old"), to: conversation))
            try station.pump(send.intent, .answerLost(landed: false))
            message = send.message
            parents.insert(send.token)
        case .send, .markRead, .rename, .addParticipants, .removeParticipant, .deleteConversation, .upload:
            let people = [Participant(id: "bob"), Participant(id: "carol")]
            let create = try station.wish(.createConversation(topic: "Trip", participants: people))
            try station.pump(create.intent, .answerLost(landed: false))
            conversation = create.conversation
            parents.insert(create.token)
        }
    }

    /// Writes the intent.
    mutating func wish() throws -> Enqueued {
        if verb == .upload { return try attach() }
        let enqueued = try station.wish(
            try {
                switch verb {
                case .createConversation: .createConversation(topic: "Journey", participants: [Participant(id: "bob")])
                case .send: .send(OutgoingMessage("new"), to: conversation)
                case .edit: .edit(try target, text: "new", metadata: [:])
                case .delete: .delete(try target)
                case .markRead: .markRead(conversation, upTo: nil)
                case .rename: .rename(conversation, topic: "Journey")
                case .addParticipants: .addParticipants([Participant(id: "dave")], to: conversation)
                case .removeParticipant: .removeParticipant("bob", from: conversation)
                case .deleteConversation: .deleteConversation(conversation)
                case .upload: throw StoreError(.invalidArgument, "An upload is wished for with its message.")
                }
            }())
        conversation = enqueued.conversation
        if verb == .send { message = enqueued.message }
        return enqueued
    }

    /// Writes a message with a file: the upload goes first.
    private mutating func attach() throws -> Enqueued {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("tidemark-\(UUID().uuidString).txt")
        try Data("a file".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let sent = try station.send("new", to: conversation, files: [FileToSend(path: file.path)])
        (send, message) = (sent.token, sent.message)
        parents.insert(sent.token)
        let outbox = try station.account.outbox().get()
        guard let upload = outbox.first(where: { $0.verb == .upload }) else {
            throw StoreError(.notFound, "There is no upload.")
        }
        return Enqueued(intent: upload.id, token: upload.token, conversation: conversation, message: message)
    }

    private var target: MessageID {
        get throws {
            guard let message else { throw StoreError(.notFound, "There is no message.") }
            return message
        }
    }

    private var isAboutMessage: Bool { [.send, .edit, .delete, .upload].contains(verb) }

    /// Another text for what the intent is about.
    mutating func change(_ intent: IntentID) throws -> Enqueued? {
        switch verb {
        case .send, .edit, .delete, .upload: return try station.wish(.edit(try target, text: "changed", metadata: [:]))
        case .createConversation, .rename: return try station.wish(.rename(conversation, topic: "changed"))
        case .markRead, .addParticipants, .removeParticipant, .deleteConversation:
            try station.act(.edit("changed"), on: intent)
            return nil
        }
    }

    mutating func remove() throws -> Enqueued {
        try station.wish(isAboutMessage ? .delete(try target) : .deleteConversation(conversation))
    }

    // MARK: Looking

    /// What the views show.
    func seen(_ intent: IntentID) throws -> Sight {
        if isAboutMessage {
            let entries = try station.account.timeline(of: conversation).get().entries
            guard let entry = entries.first(where: { $0.id == message }) else { return missing }
            guard verb != .upload || entry.deletedAt != nil || entry.attachments.count == 1 else { return .asBefore }
            return sight(text: entry.text, isDeleted: entry.deletedAt != nil)
        }
        let listed = try station.account.conversations().get()
        // What a create made without anybody's knowing it is listed as any other.
        guard let view = listed.first(where: { $0.id == conversation }) ?? listed.first(where: { isMade($0, by: intent) }) else {
            return unlisted
        }
        let people = try station.account.participants(of: conversation).get().map(\.id.rawValue)
        return sight(topic: view.topic, people: people, isRead: view.unread == 0)
    }

    /// What the service has.
    func real(_ intent: Token) throws -> Sight {
        let token = intent.rawValue
        if verb == .createConversation {
            guard let thread = station.service.threads.first(where: { $0.token == token }), thread.deletedAt == nil else {
                return unlisted
            }
            return sight(topic: thread.topic, people: thread.members, isRead: true)
        }
        let thread = station.service.threads.first { parents.contains(Token($0.token)) } ?? station.service.threads[Self.trip]
        guard isAboutMessage else {
            guard thread.deletedAt == nil else { return unlisted }
            let isRead = (thread.receipts["alice"]?.first ?? -1) >= thread.messages.last { $0.text == "hi" }?.id ?? 0
            return sight(topic: thread.topic, people: thread.members, isRead: isRead)
        }
        let bearer = verb == .send ? [token] : send.map { [$0.rawValue] } ?? parents.map(\.rawValue)
        let copies = thread.messages.filter { $0.token.map(bearer.contains) ?? false }
        guard let copy = copies.last(where: { !$0.isDeleted }) ?? copies.last else {
            // Its tombstone bears no token any more.
            return verb == .send && station.service.effects.contains { $0.token == token } ? .removed : missing
        }
        // A message without its file is not what was wished for.
        guard verb != .upload || copy.isDeleted || copy.files?.count == 1 else { return .asBefore }
        return sight(text: copy.text, isDeleted: copy.isDeleted)
    }

    /// What the views of somebody who has just signed in show: all that the service has and nothing else, or `nothing`.
    func seenAnew(_ intent: Token) throws -> Sight {
        let threads = station.service.threads.filter { $0.deletedAt == nil && $0.members.contains("alice") }
        let views = try station.account.conversations().get()
        guard Set(views.compactMap(\.remoteID?.rawValue)) == Set(threads.map(\.id)), views.count == threads.count else {
            return .nothing
        }
        for view in views {
            guard let thread = threads.first(where: { $0.id == view.remoteID?.rawValue }) else { return .nothing }
            let people = try station.account.participants(of: view.id).get().map(\.id.rawValue)
            let texts = try station.account.timeline(of: view.id).get().entries.filter { $0.kind == .text && $0.deletedAt == nil }
            let messages = thread.messages.filter { $0.kind == "text" && !$0.isDeleted }
            guard view.topic == thread.topic, Set(people) == Set(thread.members), texts.map(\.text) == messages.map(\.text) else {
                return .nothing
            }
        }
        return try real(intent)
    }

    private func sight(text: String?, isDeleted: Bool) -> Sight {
        if isDeleted { return verb == .delete ? .asWished : .removed }
        switch text {
        case "new": return .asWished
        case "changed": return .asChanged
        default: return .asBefore
        }
    }

    private func sight(topic: String, people: [String], isRead: Bool) -> Sight {
        switch verb {
        case .addParticipants: people.contains("dave") ? .asWished : .asBefore
        case .removeParticipant: people.contains("bob") ? .asBefore : .asWished
        case .markRead: isRead ? .asWished : .asBefore
        default: topic == "Journey" ? .asWished : topic == "changed" ? .asChanged : .asBefore
        }
    }

    private func isMade(_ view: ConversationView, by intent: IntentID) -> Bool {
        guard verb == .createConversation, let token = try? station.account.intent(intent).get().token.rawValue else {
            return false
        }
        return station.service.threads.first { $0.token == token }?.id == view.remoteID?.rawValue && view.remoteID != nil
    }

    /// What it means that no message is there.
    private var missing: Sight {
        switch verb {
        case .send, .upload: .asBefore
        case .delete: .asWished
        default: .removed
        }
    }

    /// What a conversation that is not listed means.
    private var unlisted: Sight {
        switch verb {
        case .createConversation: .asBefore
        case .deleteConversation: .asWished
        default: .removed
        }
    }
}
