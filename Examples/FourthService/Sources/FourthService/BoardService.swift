import Synchronization
import Tidemark

/// The board for one of its people, as the engine speaks to it: what it does and does not do is in the traits.
public struct BoardService: ChatService {
    public static let pageSize = 50

    private let board: Board
    private let user: String
    private let now: @Sendable () -> Timestamp

    public init(_ board: Board, as user: String, now: @escaping @Sendable () -> Timestamp) {
        self.board = board
        self.user = user
        self.now = now
    }

    public var traits: ServiceTraits {
        ServiceTraits(
            service: "board",
            lostAnswers: [
                .createConversation: .repeatable(for: nil), .send: .echoed, .edit: .echoed, .delete: .repeatable(for: nil),
                .markRead: .repeatable(for: nil),
            ],
            confirmations: [.send: .observation, .edit: .observation, .delete: .observation], messagePageSize: Self.pageSize,
            conversationPageSize: Self.pageSize, setPageSize: Self.pageSize, maximumTextBytes: 4_000,
            rates: [.init([.send], per: .account, count: 20, in: .seconds(60))])
    }

    public func identity() async throws(ServiceError) -> ParticipantID? { ParticipantID(user) }

    // MARK: Writing

    public func perform(_ delivery: Delivery) async throws(ServiceError) -> Acceptance {
        let moment = now()
        let result = board.state.withLock { state in
            Result { () throws(ServiceError) in try perform(delivery, at: moment, &state) }
        }
        return try result.get()
    }

    private func perform(_ delivery: Delivery, at now: Timestamp, _ state: inout Board.State) throws(ServiceError) -> Acceptance {
        if let identity = delivery.identity, identity.rawValue != user {
            throw ServiceError(.wrongIdentity, certainty: .notApplied)
        }
        var acceptance = Acceptance(serverDate: now)
        switch delivery.action {
        case .createConversation(let name, let people):
            acceptance.conversation = listed(create(name, people.map(\.id.rawValue), delivery.token, at: now, &state))
        case .send(let message, let id):
            acceptance.message = RemoteMessageID(String(try pin(message.text, id, delivery.token, at: now, &state)))
        case .edit(let note, let text, _, let id):
            let topic = try state.topic(id, of: user)
            let note = try state.note(note, in: topic, by: user)
            guard !state.topics[topic].notes[note].isDown else { throw ServiceError(.notFound, certainty: .notApplied) }
            (state.topics[topic].notes[note].text, state.topics[topic].notes[note].editToken) = (text, delivery.token.rawValue)
            state.touch(note, in: topic, at: now)
        case .delete(let note, let id):
            let topic = try state.topic(id, of: user)
            let note = try state.note(note, in: topic, by: user)
            guard !state.topics[topic].notes[note].isDown else { return acceptance }
            state.topics[topic].notes[note].isDown = true
            state.touch(note, in: topic, at: now)
        case .markRead(let note, let id):
            let topic = try state.topic(id, of: user)
            let note = state.topics[topic].notes[try state.note(note, in: topic)].id
            if note > state.topics[topic].marks[user]?.note ?? 0 { state.topics[topic].marks[user] = (note, now.milliseconds) }
        default: throw ServiceError(.unsupported, certainty: .notApplied)
        }
        return acceptance
    }

    /// The same token makes the same topic.
    private func create(
        _ name: String, _ people: [String], _ token: Token, at now: Timestamp, _ state: inout Board.State
    ) -> Board.Topic {
        if let known = state.topics.first(where: { $0.token == token.rawValue }) { return known }
        let topic = Board.Topic(
            id: "topic-\(state.topics.count + 1)", name: name, token: token.rawValue,
            people: [user] + people.filter { $0 != user },
            activity: state.stamp(now))
        state.topics.append(topic)
        return topic
    }

    private func pin(
        _ text: String, _ id: RemoteConversationID, _ token: Token, at now: Timestamp, _ state: inout Board.State
    ) throws(ServiceError) -> Int64 {
        guard text.utf8.count <= traits.maximumTextBytes else { throw ServiceError(.tooLarge, certainty: .notApplied) }
        let topic = try state.topic(id, of: user)
        let stamp = state.stamp(now)
        state.topics[topic].changes += 1
        state.topics[topic].notes.append(
            Board.Note(
                id: stamp, change: state.topics[topic].changes, version: stamp, author: user, text: text, token: token.rawValue))
        state.topics[topic].activity = stamp
        return stamp
    }

    // MARK: Reading

    public func page(_ request: PageRequest) async throws(ServiceError) -> Page {
        if let identity = request.identity, identity.rawValue != user {
            throw ServiceError(.wrongIdentity, certainty: .notApplied)
        }
        let result = board.state.withLock { state in Result { () throws(ServiceError) in try page(request, state) } }
        var answer = try result.get()
        answer.serverDate = now()
        return answer
    }

    private func page(_ request: PageRequest, _ state: Board.State) throws(ServiceError) -> Page {
        let size = max(1, min(request.resultsPerPage ?? Self.pageSize, Self.pageSize))
        let bound = request.cursor.flatMap { Int64($0.rawValue) } ?? .max
        switch request.subject {
        case .conversations:
            let all = state.topics.filter { $0.people.contains(user) && $0.activity < bound }.sorted { $0.activity > $1.activity }
            let next = all.count > size ? all[size - 1].activity : nil
            return Page(items: .conversations(all.prefix(size).map(listed)), next: next.map { Cursor(String($0)) })
        case .conversation(let id):
            return Page(items: .conversations([listed(state.topics[try state.topic(id, of: user)])]))
        case .messages(let id):
            // The newest change first; what changes during a walk moves to the top, and the walk goes on below.
            let all = state.topics[try state.topic(id, of: user)].notes.filter { $0.change < bound }.sorted {
                $0.change > $1.change
            }
            let next = all.count > size ? all[size - 1].change : nil
            return Page(items: .messages(all.prefix(size).map(shown)), next: next.map { Cursor(String($0)) })
        case .message(let note, let id):
            let topic = try state.topic(id, of: user)
            return Page(items: .messages([shown(state.topics[topic].notes[try state.note(note, in: topic)])]))
        case .participants(let id):
            let people = state.topics[try state.topic(id, of: user)].people.dropFirst(request.skip ?? 0)
            return Page(
                items: .participants(people.prefix(size).map { Participant(id: ParticipantID($0)) }),
                next: people.count > size ? "more" : nil)
        case .receipts(let id):
            let marks = state.topics[try state.topic(id, of: user)].marks.sorted { $0.key < $1.key }.dropFirst(request.skip ?? 0)
            let receipts = marks.prefix(size).map { person, mark in
                Receipt(
                    participant: ParticipantID(person), message: RemoteMessageID(String(mark.note)),
                    readAt: Timestamp(milliseconds: mark.at))
            }
            return Page(items: .receipts(receipts), next: marks.count > size ? "more" : nil)
        }
    }

    private func listed(_ topic: Board.Topic) -> RemoteConversation {
        RemoteConversation(
            id: RemoteConversationID(topic.id), topic: topic.name, lastMessageAt: Timestamp(milliseconds: topic.activity))
    }

    private func shown(_ note: Board.Note) -> RemoteMessage {
        let changed = Timestamp(milliseconds: note.version)
        return RemoteMessage(
            id: RemoteMessageID(String(note.id)), version: note.version, sequence: note.change, place: note.id, kind: .text,
            text: note.isDown ? nil : note.text, sender: ParticipantID(note.author),
            createdAt: Timestamp(milliseconds: note.id), editedAt: note.version > note.id && !note.isDown ? changed : nil,
            deletedAt: note.isDown ? changed : nil, token: Token(note.token), editMarker: note.editToken.map { Token($0) })
    }
}
