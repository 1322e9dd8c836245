import TidemarkModel

/// The smallest service that can hurt: re-sequencing edits, tombstones in lists, live cursors, repeatable creates, a
/// membership check. Domain values in, domain values out; no wire.
struct TinyService: ServiceModel {
    struct Thread: Sendable {
        var id: RemoteConversationID
        var topic: String
        var createdBy: ParticipantID
        var members: [ParticipantID]
        /// Who was in it before the last change.
        var formerMembers: [ParticipantID] = []
        var membersChangedAt: Timestamp?
        var deletedAt: Timestamp?
        var activity: Int64
        var lastMessageAt: Timestamp?
        var sequence: Int64 = 0
        var messages: [RawMessage] = []
        var topics: [RemoteMessageID: String] = [:]
        var changes: [RemoteMessageID: [ParticipantID]] = [:]
        var initiators: [RemoteMessageID: ParticipantID] = [:]
        var receipts: [ParticipantID: (RemoteMessageID, Timestamp)] = [:]
        var token: Token?
    }

    private(set) var all: [Thread] = []
    private var creates: [Token: Int] = [:]
    private var made: [Token: Timestamp] = [:]
    private var lastID: Int64 = 0
    /// The engine's own limit on what one list answer holds, whatever was asked for.
    var maximumPageSize = 4

    let people: [ParticipantID] = ["alice", "bob", "carol", "dave"]

    private var pushesTokens = true
    /// Who comes stands in front of those who are there.
    private var joinsInFront = false
    /// How long it remembers a create.
    private var lifetime: Duration = .seconds(600)
    /// How long the list of people may show who was there before.
    private var rosterLag: Duration = .zero

    init() {}

    init(seed: UInt64) {
        maximumPageSize = 1 + Int(seed % 6)
        pushesTokens = seed / 3 % 2 == 0
        joinsInFront = seed / 7 % 2 == 0
        lifetime = .seconds(seed / 2 % 2 == 0 ? 30 : 600)
        rosterLag = .milliseconds(seed / 11 % 2 == 0 ? 1500 : 0)
    }

    var traits: ServiceTraits {
        ServiceTraits(
            service: "tiny",
            lostAnswers: [
                .createConversation: .repeatable(for: lifetime), .send: .echoed, .edit: .echoed,
                .delete: .repeatable(for: nil),
                .markRead: .repeatable(for: nil), .rename: .recognisable, .addParticipants: .repeatable(for: nil),
                .removeParticipant: .repeatable(for: nil), .deleteConversation: .repeatable(for: nil),
            ],
            confirmations: [.send: .observation, .edit: .observation, .delete: .observation],
            messagePageSize: maximumPageSize, conversationPageSize: maximumPageSize, setPageSize: maximumPageSize,
            rates: [.init([.send, .edit, .delete], per: .lane, count: 10, in: .seconds(10))])
    }

    mutating func serveLargerPages() { maximumPageSize = max(maximumPageSize, 20) }

    var listLag: Int64 { 0 }
    var threadCount: Int { all.count }
    func isDeleted(_ index: Int) -> Bool { all[index].deletedAt != nil }
    func index(of thread: RemoteConversationID) -> Int? { all.firstIndex { $0.id == thread } }
    func sequence(of index: Int) -> Int64 { all[index].sequence }

    func thread(_ index: Int) -> RawThread {
        let thread = all[index]
        return RawThread(
            id: thread.id, topic: thread.topic, createdBy: thread.createdBy, members: Set(thread.members),
            deletedAt: thread.deletedAt, messages: thread.messages, token: thread.token,
            firstTopic: thread.messages.first { $0.kind == .topicUpdated }.flatMap { thread.topics[$0.id] })
    }

    func comings(_ index: Int) -> [ParticipantID: RemoteMessageID] {
        let thread = all[index]
        var comings: [ParticipantID: RemoteMessageID] = [:]
        for message in thread.messages where message.kind == .participantAdded {
            for person in thread.changes[message.id] ?? [] where thread.members.contains(person) { comings[person] = message.id }
        }
        return comings
    }

    // MARK: Writing

    private mutating func nextID(_ now: Timestamp) -> Int64 {
        lastID = max(lastID + 1, now.milliseconds)
        return lastID
    }

    @discardableResult
    private mutating func post(
        _ kind: MessageKind, _ text: String, by sender: ParticipantID?, token: Token? = nil, in index: Int, at now: Timestamp
    ) -> RemoteMessageID {
        let stamp = nextID(now)
        all[index].sequence += 1
        let id = RemoteMessageID(String(stamp))
        all[index].messages.append(
            RawMessage(
                id: id, version: stamp, sequence: all[index].sequence, kind: kind, sender: sender, text: text, token: token,
                createdAt: Timestamp(milliseconds: stamp)))
        all[index].activity = stamp
        if kind.isUserKind { all[index].lastMessageAt = Timestamp(milliseconds: stamp / 1000 * 1000) }
        return id
    }

    private mutating func touch(_ message: Int, in index: Int, at now: Timestamp, _ change: (inout RawMessage) -> Void) {
        let stamp = nextID(now)
        all[index].sequence += 1
        all[index].messages[message].version = stamp
        all[index].messages[message].sequence = all[index].sequence
        all[index].activity = stamp
        change(&all[index].messages[message])
    }

    func find(_ id: RemoteConversationID, _ user: ParticipantID) -> Result<Int, ServiceError> {
        guard let index = all.firstIndex(where: { $0.id == id }), all[index].deletedAt == nil else {
            return .failure(ServiceError(.notFound, certainty: .notApplied, status: 404))
        }
        guard all[index].members.contains(user) else {
            return .failure(ServiceError(.forbidden, certainty: .notApplied, status: 403))
        }
        return .success(index)
    }

    private func own(_ id: RemoteMessageID, in index: Int, _ user: ParticipantID) -> Result<Int, ServiceError> {
        guard let message = all[index].messages.firstIndex(where: { $0.id == id }) else {
            return .failure(ServiceError(.notFound, certainty: .notApplied, status: 404))
        }
        guard all[index].messages[message].sender == user else {
            return .failure(ServiceError(.forbidden, certainty: .notApplied, status: 403))
        }
        return .success(message)
    }

    mutating func perform(
        _ delivery: Delivery, as user: ParticipantID, at now: Timestamp
    ) -> Result<Acceptance, ServiceError> {
        do {
            return .success(try act(delivery, user, now))
        } catch {
            return .failure(error)
        }
    }

    private mutating func act(_ delivery: Delivery, _ user: ParticipantID, _ now: Timestamp) throws(ServiceError) -> Acceptance {
        var acceptance = Acceptance(serverDate: now)
        switch delivery.action {
        case .createConversation(let topic, let participants):
            acceptance.conversation = create(topic, participants, delivery.token, user, now)
        case .send(let message, let conversation):
            let index = try find(conversation, user).get()
            acceptance.message = post(message.kind, message.text, by: user, token: delivery.token, in: index, at: now)
        case .edit(let id, let text, _, let conversation):
            let index = try find(conversation, user).get()
            let message = try own(id, in: index, user).get()
            guard !all[index].messages[message].isDeleted else {
                throw ServiceError(.notFound, certainty: .notApplied, status: 404)
            }
            touch(message, in: index, at: now) { message in
                message.text = text
                message.editMarker = delivery.token
                message.isEdited = true
            }
        case .delete(let id, let conversation):
            let index = try find(conversation, user).get()
            let message = try own(id, in: index, user).get()
            if !all[index].messages[message].isDeleted { erase(message, in: index, at: now) }
        case .markRead(let id, let conversation):
            let index = try find(conversation, user).get()
            all[index].receipts[user] = (id, now)
        case .rename(let conversation, let topic):
            rename(try find(conversation, user).get(), topic, user, now)
        case .addParticipants(let participants, let conversation):
            let index = try find(conversation, user).get()
            let new = participants.map(\.id).filter { !all[index].members.contains($0) }
            enter(new, index, now)
            let id = post(.participantAdded, "", by: nil, in: index, at: now)
            all[index].changes[id] = new
        case .removeParticipant(let participant, let conversation):
            let index = try find(conversation, user).get()
            guard all[index].members.contains(participant) else { break }
            let id = post(.participantRemoved, "", by: nil, in: index, at: now)
            all[index].changes[id] = [participant]
            leave(participant, index, now)
        case .deleteConversation(let conversation):
            let index = try find(conversation, user).get()
            all[index].deletedAt = now
            all[index].activity = nextID(now)
        case .upload:
            throw ServiceError(.unsupported, certainty: .notApplied)
        }
        return acceptance
    }

    private mutating func create(
        _ topic: String, _ participants: [Participant], _ token: Token, _ user: ParticipantID, _ now: Timestamp
    ) -> RemoteConversation {
        // It forgets when no request that began in its client's time is still on its way.
        if let known = creates[token], now - made[token, default: now] < lifetime + .seconds(60) { return remote(all[known]) }
        let id = RemoteConversationID("t\(all.count + 1)")
        var members = [user]
        for participant in participants where !members.contains(participant.id) { members.append(participant.id) }
        all.append(
            Thread(id: id, topic: topic, createdBy: user, members: members, activity: nextID(now), token: token))
        let index = all.count - 1
        (creates[token], made[token]) = (index, now)
        let added = post(.participantAdded, "", by: nil, in: index, at: now)
        all[index].changes[added] = members
        rename(index, topic, user, now)
        return remote(all[index])
    }

    private mutating func rename(_ index: Int, _ topic: String, _ user: ParticipantID, _ now: Timestamp) {
        all[index].topic = topic
        let id = post(.topicUpdated, "", by: nil, in: index, at: now)
        all[index].topics[id] = topic
        all[index].initiators[id] = user
    }

    private mutating func enter(_ people: [ParticipantID], _ index: Int, _ now: Timestamp) {
        guard !people.isEmpty else { return }
        (all[index].formerMembers, all[index].membersChangedAt) = (all[index].members, now)
        all[index].members.insert(contentsOf: people, at: joinsInFront ? 0 : all[index].members.count)
    }

    private mutating func leave(_ person: ParticipantID, _ index: Int, _ now: Timestamp) {
        (all[index].formerMembers, all[index].membersChangedAt) = (all[index].members, now)
        all[index].members.removeAll { $0 == person }
    }

    private mutating func erase(_ message: Int, in index: Int, at now: Timestamp) {
        touch(message, in: index, at: now) { message in
            message.isDeleted = true
            message.isEdited = false
            message.text = ""
        }
    }

    // MARK: Reading

    func remote(_ thread: Thread) -> RemoteConversation {
        RemoteConversation(
            id: thread.id, topic: thread.topic, createdAt: thread.messages.first?.createdAt, createdBy: thread.createdBy,
            deletedAt: thread.deletedAt, lastMessageAt: thread.lastMessageAt)
    }

    func remote(_ message: RawMessage, _ thread: Thread) -> RemoteMessage {
        RemoteMessage(
            id: message.id, version: message.version, sequence: message.sequence, place: Int64(message.id.rawValue),
            kind: message.kind, text: message.text, sender: message.sender, createdAt: message.createdAt,
            editedAt: message.isEdited ? Timestamp(milliseconds: message.version) : nil,
            deletedAt: message.isDeleted ? Timestamp(milliseconds: message.version) : nil, token: message.token,
            editMarker: message.editMarker, topic: thread.topics[message.id],
            participants: (thread.changes[message.id] ?? []).map { Participant(id: $0) },
            initiator: thread.initiators[message.id])
    }

    mutating func page(_ request: PageRequest, as user: ParticipantID, at now: Timestamp) -> Result<Page, ServiceError> {
        do {
            return .success(try read(request, user, now))
        } catch {
            return .failure(error)
        }
    }

    private func read(_ request: PageRequest, _ user: ParticipantID, _ now: Timestamp) throws(ServiceError) -> Page {
        let size = min(request.resultsPerPage ?? maximumPageSize, maximumPageSize)
        switch request.subject {
        case .conversations:
            let mine = all.filter { $0.members.contains(user) }.sorted { $0.activity > $1.activity }
            let rest = mine.filter { $0.activity < bound(request.cursor) }
            let page = Array(rest.prefix(size))
            return Page(
                items: .conversations(page.map(listed)),
                next: rest.count > size ? page.last.map { Cursor("\($0.activity)") } : nil,
                serverDate: now)
        case .conversation(let id):
            return Page(items: .conversations([remote(all[try find(id, user).get()])]), serverDate: now)
        case .messages(let id):
            let thread = all[try find(id, user).get()]
            let rest = thread.messages.sorted { $0.sequence > $1.sequence }.filter { $0.sequence < bound(request.cursor) }
            let page = Array(rest.prefix(size))
            return Page(
                items: .messages(page.map { remote($0, thread) }),
                next: rest.count > size ? page.last.map { Cursor("\($0.sequence)") } : nil, serverDate: now)
        case .message(let message, let id):
            let thread = all[try find(id, user).get()]
            guard let found = thread.messages.first(where: { $0.id == message }) else {
                throw ServiceError(.notFound, certainty: .notApplied, status: 404, serverDate: now)
            }
            return Page(items: .messages([remote(found, thread)]), serverDate: now)
        case .participants(let id):
            let members = roster(all[try find(id, user).get()], now).dropFirst(request.skip ?? 0)
            return Page(
                items: .participants(members.prefix(size).map { Participant(id: $0) }),
                next: members.count > size ? Cursor("skip") : nil, serverDate: now)
        case .receipts(let id):
            let receipts = all[try find(id, user).get()].receipts.sorted { $0.key < $1.key }.dropFirst(request.skip ?? 0)
            return Page(
                items: .receipts(
                    receipts.prefix(size).map { Receipt(participant: $0.key, message: $0.value.0, readAt: $0.value.1) }),
                next: receipts.count > size ? Cursor("skip") : nil, serverDate: now)
        }
    }

    private func roster(_ thread: Thread, _ now: Timestamp) -> [ParticipantID] {
        guard let change = thread.membersChangedAt, now - change < rosterLag else { return thread.members }
        return thread.formerMembers
    }

    /// What a list of conversations tells of one: not who made it.
    private func listed(_ thread: Thread) -> RemoteConversation {
        RemoteConversation(
            id: thread.id, topic: thread.topic, deletedAt: thread.deletedAt, lastMessageAt: thread.lastMessageAt)
    }

    private func bound(_ cursor: Cursor?) -> Int64 {
        cursor.flatMap { Int64($0.rawValue) } ?? .max
    }

    var wire: (any ServiceWire)? { nil }
    var lastResponse: TransportResponse? { nil }
    var endpoint: String { "" }

    func push(of message: RawMessage, in thread: RemoteConversationID) -> Push {
        var told = message.pushed
        // Some pushes tell less than the page that shows the same version.
        if !pushesTokens { (told.token, told.editMarker, told.editedAt) = (nil, nil, nil) }
        return Push(event: .message(told, in: thread))
    }

    /// They never run out here.
    mutating func renewCredentials(at now: Timestamp) {}

    // MARK: Other people

    mutating func otherSends(
        _ text: String, _ token: Token?, as user: ParticipantID, in thread: RemoteConversationID, at now: Timestamp
    ) {
        guard case .success(let index) = find(thread, user) else { return }
        post(.text, text, by: user, token: token, in: index, at: now)
    }

    mutating func otherEdits(_ id: RemoteMessageID, as user: ParticipantID, in thread: RemoteConversationID, at now: Timestamp) {
        guard case .success(let index) = find(thread, user), case .success(let message) = own(id, in: index, user),
            !all[index].messages[message].isDeleted
        else { return }
        touch(message, in: index, at: now) { message in
            message.text += "!"
            message.isEdited = true
        }
    }

    mutating func otherDeletes(_ id: RemoteMessageID, as user: ParticipantID, in thread: RemoteConversationID, at now: Timestamp)
    {
        guard case .success(let index) = find(thread, user), case .success(let message) = own(id, in: index, user),
            !all[index].messages[message].isDeleted
        else { return }
        erase(message, in: index, at: now)
    }

    mutating func otherAdds(
        _ person: ParticipantID, as user: ParticipantID, in thread: RemoteConversationID, at now: Timestamp
    ) {
        guard case .success(let index) = find(thread, user), !all[index].members.contains(person) else { return }
        enter([person], index, now)
        let id = post(.participantAdded, "", by: nil, in: index, at: now)
        all[index].changes[id] = [person]
    }

    mutating func otherRenames(_ thread: RemoteConversationID, to topic: String, as user: ParticipantID, at now: Timestamp) {
        guard case .success(let index) = find(thread, user) else { return }
        rename(index, topic, user, now)
    }

    mutating func otherRemoves(
        _ person: ParticipantID, as user: ParticipantID, in thread: RemoteConversationID, at now: Timestamp
    ) {
        guard case .success(let index) = find(thread, user), all[index].members.contains(person) else { return }
        leave(person, index, now)
        let id = post(.participantRemoved, "", by: nil, in: index, at: now)
        all[index].changes[id] = [person]
    }
}
