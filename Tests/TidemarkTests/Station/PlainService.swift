import TidemarkModel

/// A chat service as a value that can be written down: what it holds, and each effect that a request had on it.
///
/// A repetition of what it has done already has no effect and is not listed. It shares no code with the store.
struct PlainService: Codable {
    struct Thread: Codable {
        var id: String
        var topic: String
        var createdBy: String
        var members: [String]
        var token: String
        var deletedAt: Int64?
        var activity: Int64
        var sequence: Int64 = 0
        var messages: [Message] = []
        /// By participant: the message that was read, and when.
        var receipts: [String: [Int64]] = [:]
    }

    struct Message: Codable {
        /// Its creation, in milliseconds: its id and its place.
        var id: Int64
        var version: Int64
        var sequence: Int64
        var kind = "text"
        var sender: String?
        var text = ""
        var token: String?
        var marker: String?
        var isDeleted = false
        var isEdited = false
        var topic: String?
        var people: [String]?
        /// Listed as something that no version of the decoder can read, and without its id.
        var isNameless = false
        /// Listed as something that this version of the decoder can't read.
        var isUnreadable = false
        /// The keys of its files.
        var files: [String]?
        var replyTo: String?
    }

    /// What a request has changed.
    struct Effect: Codable, Equatable {
        var verb: Verb
        var token: String
    }

    var threads: [Thread] = []
    private(set) var effects: [Effect] = []
    /// Each file that was uploaded. What older golden stores tell of a service has no such list.
    private var uploads: [Effect]?
    var files: [Effect] { uploads ?? [] }
    private var lastID: Int64 = 0
    /// The most that one answer holds.
    var pageSize = 4

    static let traits = ServiceTraits(
        service: "plain",
        lostAnswers: [
            .createConversation: .repeatable(for: .seconds(600)), .send: .echoed, .edit: .echoed, .delete: .repeatable(for: nil),
            .markRead: .repeatable(for: nil), .rename: .recognisable, .addParticipants: .repeatable(for: nil),
            .removeParticipant: .repeatable(for: nil), .deleteConversation: .repeatable(for: nil),
        ],
        confirmations: [.send: .observation, .edit: .observation, .delete: .observation], messagePageSize: 4,
        conversationPageSize: 20, setPageSize: 20,
        attachments: AttachmentTraits(maximumBytes: 1 << 20, maximumPerMessage: 3), replies: true)

    static let unknown = ServiceError(.notFound, certainty: .notApplied, status: 404)
    static let forbidden = ServiceError(.forbidden, certainty: .notApplied, status: 403)

    /// When it last changed.
    var latest: Int64 { lastID }

    func effects(of token: Token) -> Int { effects.count { $0.token == token.rawValue } }

    // MARK: Writing

    mutating func nextID(_ now: Int64) -> Int64 {
        lastID = max(lastID + 1, now)
        return lastID
    }

    func find(_ id: String, _ user: String) throws(ServiceError) -> Int {
        guard let index = threads.firstIndex(where: { $0.id == id && $0.deletedAt == nil }) else { throw Self.unknown }
        guard threads[index].members.contains(user) else { throw Self.forbidden }
        return index
    }

    func message(_ id: RemoteMessageID, in thread: Int) throws(ServiceError) -> Int {
        guard let index = threads[thread].messages.firstIndex(where: { String($0.id) == id.rawValue }) else { throw Self.unknown }
        return index
    }

    /// Posts a message and tells where it is.
    @discardableResult
    mutating func post(
        _ text: String, by user: String?, in thread: Int, at now: Int64, _ fill: (inout Message) -> Void = { _ in }
    )
        -> Int64
    {
        let id = nextID(now)
        threads[thread].sequence += 1
        var message = Message(id: id, version: id, sequence: threads[thread].sequence)
        message.sender = user
        message.text = text
        fill(&message)
        threads[thread].messages.append(message)
        threads[thread].activity = id
        return id
    }

    mutating func change(_ message: Int, in thread: Int, at now: Int64, _ body: (inout Message) -> Void) {
        threads[thread].sequence += 1
        threads[thread].messages[message].version = nextID(now)
        threads[thread].messages[message].sequence = threads[thread].sequence
        body(&threads[thread].messages[message])
    }

    /// Does what a request asks for, as that user.
    mutating func perform(_ delivery: Delivery, as user: String, at now: Int64) throws(ServiceError) -> Acceptance {
        var acceptance = Acceptance(serverDate: Timestamp(milliseconds: now))
        let token = delivery.token.rawValue
        var isNews = true
        switch delivery.action {
        case .createConversation(let topic, let people):
            let known = threads.first { $0.token == token }
            isNews = known == nil
            let thread = known ?? create(topic, by: user, with: people.map(\.id.rawValue), token: token, at: now)
            acceptance.conversation = remote(thread, isWhole: true)
        case .send(let message, let conversation):
            let thread = try find(conversation.rawValue, user)
            let id = post(message.text, by: user, in: thread, at: now) { posted in
                posted.token = token
                posted.files = message.attachments.isEmpty ? nil : message.attachments.map(\.file.rawValue)
                posted.replyTo = message.replyTo?.rawValue
            }
            acceptance.message = RemoteMessageID(String(id))
        case .edit(let id, let text, _, let conversation):
            let thread = try find(conversation.rawValue, user)
            let index = try message(id, in: thread)
            guard !threads[thread].messages[index].isDeleted else { throw Self.unknown }
            change(index, in: thread, at: now) { message in
                (message.text, message.marker, message.isEdited) = (text, token, true)
            }
        case .delete(let id, let conversation):
            let thread = try find(conversation.rawValue, user)
            isNews = erase(try message(id, in: thread), in: thread, at: now)
        case .markRead(let id, let conversation):
            let thread = try find(conversation.rawValue, user)
            let mark = threads[thread].messages[try message(id, in: thread)].id
            isNews = mark > threads[thread].receipts[user]?.first ?? -1
            if isNews { threads[thread].receipts[user] = [mark, now] }
        case .rename(let conversation, let topic):
            rename(try find(conversation.rawValue, user), topic, by: user, at: now)
        case .addParticipants(let people, let conversation):
            isNews = add(people.map(\.id.rawValue), to: try find(conversation.rawValue, user), at: now)
        case .removeParticipant(let participant, let conversation):
            isNews = remove(participant.rawValue, from: try find(conversation.rawValue, user), at: now)
        case .deleteConversation(let conversation):
            let thread = try find(conversation.rawValue, user)
            threads[thread].deletedAt = now
            threads[thread].activity = nextID(now)
        case .upload(_, let conversation):
            _ = try find(conversation.rawValue, user)
            // Each time another file; one that no message names is seen by nobody.
            let count = files.count { $0.token == token }
            isNews = count == 0
            uploads = files + [Effect(verb: .upload, token: token)]
            acceptance.attachment = RemoteAttachment(file: RemoteFileID("file \(count + 1) of \(token)"))
        }
        if isNews { effects.append(Effect(verb: delivery.action.verb, token: token)) }
        return acceptance
    }

    @discardableResult
    mutating func create(_ topic: String, by user: String, with people: [String], token: String, at now: Int64) -> Thread {
        threads.append(
            Thread(
                id: "t\(threads.count + 1)", topic: topic, createdBy: user, members: [user], token: token, activity: nextID(now)))
        add([user] + people, to: threads.count - 1, at: now, isWhole: true)
        rename(threads.count - 1, topic, by: user, at: now)
        return threads[threads.count - 1]
    }

    mutating func rename(_ thread: Int, _ topic: String, by user: String, at now: Int64) {
        threads[thread].topic = topic
        post("", by: nil, in: thread, at: now) { message in
            (message.kind, message.topic, message.sender) = ("topicUpdated", topic, user)
        }
    }

    @discardableResult
    mutating func add(_ people: [String], to thread: Int, at now: Int64, isWhole: Bool = false) -> Bool {
        let new = people.filter { isWhole || !threads[thread].members.contains($0) }
        guard !new.isEmpty else { return false }
        threads[thread].members += new.filter { !threads[thread].members.contains($0) }
        post("", by: nil, in: thread, at: now) { message in (message.kind, message.people) = ("participantAdded", new) }
        return true
    }

    @discardableResult
    mutating func remove(_ person: String, from thread: Int, at now: Int64) -> Bool {
        guard threads[thread].members.contains(person) else { return false }
        post("", by: nil, in: thread, at: now) { message in (message.kind, message.people) = ("participantRemoved", [person]) }
        threads[thread].members.removeAll { $0 == person }
        return true
    }

    @discardableResult
    mutating func erase(_ message: Int, in thread: Int, at now: Int64) -> Bool {
        guard !threads[thread].messages[message].isDeleted else { return false }
        change(message, in: thread, at: now) { message in
            (message.isDeleted, message.isEdited, message.text, message.marker) = (true, false, "", nil)
        }
        return true
    }
}
