import HTTPTypes
import Tidemark
import TidemarkModel
import TidemarkStore
import TidemarkTranscripts

/// What happened to one device, as a transcript that `tidemark replay` plays: what its user did, when its engine was asked for
/// work, each answer and push in the service's own bytes, crashes, clocks, and at the end what has to be shown.
///
/// The player draws its random numbers as a device does, so it comes to the same tokens and the same waits.
struct Retelling {
    let device: Int
    /// What a transcript has no words for.
    private(set) var untold: Set<String> = []
    private var writer: TranscriptWriter?
    private var names: [IntentID: String] = [:]
    private var creates: [ConversationID: String] = [:]
    private var sends: [Token: String] = [:]
    /// What the service said, until the answer arrives.
    private var responses: [ExchangeKey: TransportResponse] = [:]
    private var count = 0
    private static let repeatability = HTTPField.Name("Repeatability-Request-ID") ?? .ifMatch

    private let title: String

    init(of device: Int, _ title: String) {
        self.device = device
        self.title = title
    }

    var file: [UInt8] { writer?.file ?? [] }

    /// The device begins with nothing: what was before is of no account.
    mutating func begin(_ scope: Scope, endpoint: String, seed: UInt64, at now: Int64, offset: Int64) {
        var configuration: [String: JSON] = [
            "maximumConcurrentRequests": .integer(Int64(scope.configuration.maximumConcurrentRequests)),
            "listInterval": .text("\(scope.configuration.listInterval.milliseconds)ms"),
            "sweepInterval": .text("\(scope.configuration.sweepInterval.milliseconds)ms"),
        ]
        if let size = scope.configuration.resultsPerPage { configuration["resultsPerPage"] = .integer(Int64(size)) }
        writer = TranscriptWriter(
            head: [
                "title": .text(title), "service": .text(scope.traits.service), "endpoint": .text(endpoint),
                "user": .text(scope.identity?.rawValue ?? ""), "seed": .integer(Int64(bitPattern: seed)),
                "starts": .text(Timestamp(milliseconds: now + offset).rfc3339), "configuration": .object(configuration),
            ], at: now)
        (names, creates, sends) = ([:], [:], [:])
    }

    mutating func note(_ text: String) { writer?.add(["note": .text(text)]) }

    mutating func giveUp(_ what: String) { untold.insert(what) }

    // MARK: The engine

    /// It is asked for work.
    mutating func looked(at now: Int64) {
        pass(to: now)
        writer?.add(["advance": .text("0s")])
    }

    mutating func crashed(at now: Int64) {
        pass(to: now)
        writer?.add(["crash": .bool(true)])
    }

    mutating func clockSet(by difference: Int64, at now: Int64) {
        pass(to: now)
        writer?.add(["clock": .text("\(difference)ms")])
    }

    private mutating func pass(to now: Int64) {
        writer?.pass(to: now, quietly: true)
    }

    // MARK: The user

    /// - Parameter place: the service's name of the conversation that it is about.
    mutating func wished(
        _ wish: Wish, _ result: Result<Enqueued, StoreError>, _ files: [KeptFile] = [], in place: RemoteConversationID?,
        target: TimelineEntry?,
        at now: Int64
    ) {
        var line = self.line(of: wish, place, target)
        if !files.isEmpty { line["files"] = .list(files.map { .text($0.name) }) }
        switch result {
        case .success(let enqueued):
            count += 1
            let name = "w\(count)"
            line["as"] = .text(name)
            names[enqueued.intent] = name
            if case .createConversation = wish { creates[enqueued.conversation] = name }
            if case .send = wish { sends[enqueued.token] = name }
        case .failure(let error): line["refused"] = .text(error.code.rawValue)
        }
        act(line, at: now)
    }

    mutating func decided(_ act: Act, _ entry: OutboxEntry, refused: StoreError?, at now: Int64) {
        var line: [String: JSON] = ["intent": .text(names[entry.intent] ?? entry.token.rawValue)]
        switch act {
        case .retry: line["act"] = .text("retry")
        case .skip: line["act"] = .text("skip")
        case .discard: line["act"] = .text("discard")
        case .edit(let text): (line["act"], line["text"]) = (.text("rewrite"), .text(text))
        case .resolve(let resolution):
            line["act"] = .text("resolve")
            switch resolution {
            case .arrived(let id): (line["as"], line["id"]) = (.text("arrived"), .text(id))
            case .notSent: line["as"] = .text("not-sent")
            case .mine: line["as"] = .text("mine")
            case .theirs: line["as"] = .text("theirs")
            }
        }
        if let refused { line["refused"] = .text(refused.code.rawValue) }
        self.act(line, at: now)
    }

    /// Something that the program around the engine does: `wake`, `credential`, `adopt`.
    mutating func did(_ verb: String, of other: ParticipantID? = nil, at now: Int64) {
        var line: [String: JSON] = ["act": .text(verb)]
        if let other { line["of"] = .text(other.rawValue) }
        act(line, at: now)
    }

    private mutating func act(_ line: [String: JSON], at now: Int64) {
        pass(to: now)
        var line = line
        line["quietly"] = .bool(true)
        writer?.add(line)
    }

    private func line(of wish: Wish, _ place: RemoteConversationID?, _ target: TimelineEntry?) -> [String: JSON] {
        func name(_ conversation: ConversationID) -> JSON {
            .text(creates[conversation] ?? place?.rawValue ?? conversation.description)
        }
        return switch wish {
        case .createConversation(let topic, let participants):
            ["act": .text("create"), "topic": .text(topic), "with": ids(participants)]
        case .send(let message, let conversation):
            ["act": .text("send"), "to": name(conversation), "text": .text(message.text)]
        case .edit(_, let text, _): ["act": .text("edit"), "message": message(target), "text": .text(text)]
        case .delete: ["act": .text("delete"), "message": message(target)]
        case .markRead(let conversation, _): ["act": .text("read"), "conversation": name(conversation)]
        case .rename(let conversation, let topic):
            ["act": .text("rename"), "conversation": name(conversation), "topic": .text(topic)]
        case .addParticipants(let participants, let conversation):
            ["act": .text("add"), "to": name(conversation), "participants": ids(participants)]
        case .removeParticipant(let participant, let conversation):
            ["act": .text("remove"), "from": name(conversation), "participant": .text(participant.rawValue)]
        case .deleteConversation(let conversation):
            ["act": .text("delete-conversation"), "conversation": name(conversation)]
        }
    }

    private func ids(_ participants: [Participant]) -> JSON { .list(participants.map { .text($0.id.rawValue) }) }

    private func message(_ target: TimelineEntry?) -> JSON {
        .text(target?.token.flatMap { sends[$0] } ?? target?.remoteID?.rawValue ?? target?.id.description ?? "")
    }

    // MARK: The service

    /// The service has answered; the bytes are on their way.
    mutating func keep(_ response: TransportResponse?, of effect: SyncCore.Effect) {
        if let response { responses[ExchangeKey(effect)] = response }
    }

    mutating func heard(_ answer: SyncCore.Answer, to request: WireRequest, at now: Int64) {
        pass(to: now)
        let kept = responses.removeValue(forKey: ExchangeKey(answer))
        if answer.isTooLate { giveUp("a request that was held back too long") }
        var line: [String: JSON] = [
            "request": .text(RequestPattern.describe(request)), "answer": AnswerLine(answer, kept).json,
        ]
        // Two creates under way differ in nothing else; where a service knows no such header, in what is written.
        if let id = request.head.headerFields[Self.repeatability] {
            line["headers"] = .object([Self.repeatability.rawName: .text(id)])
        } else if case .delivered = answer, let body = try? JSON(bytes: request.body) {
            line["body"] = body
        }
        writer?.add(line)
    }

    mutating func heard(_ push: Push, at now: Int64) {
        pass(to: now)
        guard let name = push.name, let payload = try? JSON(bytes: push.payload) else { return giveUp("a push") }
        writer?.add(["event": .text(name), "payload": payload])
    }

    // MARK: The end

    mutating func expect(_ view: String, of thread: RemoteConversationID? = nil, _ rows: [[String: JSON]], at now: Int64) {
        pass(to: now)
        var line: [String: JSON] = ["expect": .text(view), "is": .list(rows.map(JSON.object))]
        line["of"] = thread.map { .text($0.rawValue) }
        writer?.add(line)
    }
}

extension SyncCore.Answer {
    fileprivate var isTooLate: Bool {
        switch self {
        case .delivered(_, .failure(let error)), .read(_, .failure(let error)): error.code == .tooLate
        default: false
        }
    }
}

/// Which request of a device.
private struct ExchangeKey: Hashable {
    private var attempt: String

    init(_ effect: SyncCore.Effect) {
        switch effect {
        case .deliver(let delivery): attempt = "\(delivery.intent) \(delivery.attempt)"
        case .read(let read): attempt = "read \(read.request.startNumber)"
        }
    }

    init(_ answer: SyncCore.Answer) {
        switch answer {
        case .delivered(let delivery, _): self.init(.deliver(delivery))
        case .read(let read, _): self.init(.read(read))
        }
    }
}

/// What came to a request, as a transcript writes it.
private struct AnswerLine {
    let json: JSON

    /// - Parameter kept: what the service said. A fault may have put something else in its place.
    init(_ answer: SyncCore.Answer, _ kept: TransportResponse?) {
        switch answer {
        case .delivered(_, .failure(let error)), .read(_, .failure(let error)):
            json = Self.failure(error, kept)
        case .delivered(_, .success), .read(_, .success):
            json = kept.map(Self.response) ?? .text("lost")
        }
    }

    private static func failure(_ error: ServiceError, _ kept: TransportResponse?) -> JSON {
        guard let status = error.status else {
            return .text([.unreachable, .tooLate].contains(error.code) ? "unsent" : "lost")
        }
        if let kept, kept.head.status.code == status { return response(kept) }
        var answer: [String: JSON] = ["status": .integer(Int64(status))]
        if let wait = error.retryAfter {
            answer["headers"] = .object(["Retry-After": .text("\(wait.milliseconds / 1000)")])
        }
        // A success that can't be read is cut off.
        answer["text"] = status < 300 ? .text("{\"id\":\"1") : nil
        return .object(answer)
    }

    private static func response(_ response: TransportResponse) -> JSON {
        var answer: [String: JSON] = ["status": .integer(Int64(response.head.status.code))]
        var headers: [String: JSON] = [:]
        for field in [HTTPField.Name.date, .retryAfter, .contentType] {
            headers[field.rawName] = response.head.headerFields[field].map(JSON.text)
        }
        if !headers.isEmpty { answer["headers"] = .object(headers) }
        if let json = try? JSON(bytes: response.body) {
            answer["body"] = json
        } else if !response.body.isEmpty {
            answer["text"] = .text(String(decoding: response.body, as: UTF8.self))
        }
        return .object(answer)
    }
}

extension Wish {
    /// The conversation it is about, where it is about one that is there.
    func conversation(_ target: TimelineEntry?) -> ConversationID? {
        switch self {
        case .createConversation: nil
        case .edit, .delete: target?.conversation
        case .send(_, let conversation), .markRead(let conversation, _), .rename(let conversation, _),
            .addParticipants(_, let conversation), .removeParticipant(_, let conversation), .deleteConversation(let conversation):
            conversation
        }
    }
}
