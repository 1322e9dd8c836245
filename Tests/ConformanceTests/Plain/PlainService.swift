import Foundation
import Synchronization
import TidemarkModel

/// Where the plain service is kept, for all its users.
final class PlainHouse: Sendable {
    let talk = Mutex(PlainTalk())
    let kind: PlainKind
    let defect: Defect?
    let now: @Sendable () -> Timestamp

    init(_ kind: PlainKind, _ defect: Defect?, now: @escaping @Sendable () -> Timestamp) {
        (self.kind, self.defect, self.now) = (kind, defect, now)
    }
}

/// The plain service for one user, with what is wrong with it.
struct PlainService: ChatService {
    let house: PlainHouse
    let user: String

    var defect: Defect? { house.defect }

    var traits: ServiceTraits {
        var traits = house.kind.traits
        if defect == .doesWhatItDoesNotDeclare { traits.lostAnswers[.rename] = nil }
        return traits
    }

    func identity() async throws(ServiceError) -> ParticipantID? {
        defect == .tellsAnotherIdentity ? "ann" : ParticipantID(user)
    }

    func decode(_ raw: [UInt8], of subject: PageRequest.Subject) -> Page.Items? {
        defect == .decodesAnything ? .messages([RemoteMessage(id: "1", version: 1, text: "")]) : nil
    }

    func perform(_ delivery: Delivery) async throws(ServiceError) -> Acceptance {
        let now = house.now().milliseconds
        let result = house.talk.withLock { talk in
            Result { () throws(ServiceError) in try perform(delivery, at: now, &talk) }
        }
        return try result.get()
    }

    func page(_ request: PageRequest) async throws(ServiceError) -> Page {
        try check(request.identity)
        let result = house.talk.withLock { talk in Result { () throws(ServiceError) in try page(request, talk) } }
        var answer = try result.get()
        answer.serverDate = house.now()
        return answer
    }

    private func check(_ identity: ParticipantID?) throws(ServiceError) {
        guard identity == nil || identity?.rawValue == user || defect == .tellsAnotherIdentity else {
            throw ServiceError(.wrongIdentity, certainty: .notApplied)
        }
    }

    // MARK: Writing

    private func perform(_ delivery: Delivery, at now: Int64, _ talk: inout PlainTalk) throws(ServiceError) -> Acceptance {
        try check(delivery.identity)
        var acceptance = Acceptance(serverDate: Timestamp(milliseconds: now))
        switch delivery.action {
        case .createConversation(let topic, let people):
            acceptance.conversation = listed(create(topic, people.map(\.id.rawValue), delivery.token.rawValue, at: now, &talk))
        case .send(let message, let id): acceptance.message = try send(message, id, delivery.token.rawValue, at: now, &talk)
        case .edit(let id, let text, _, let conversation):
            let room = try talk.room(conversation, of: user)
            let message = try own(id, in: room, talk)
            guard !talk.rooms[room].messages[message].isDeleted else {
                throw ServiceError(.notFound, certainty: .notApplied, status: 404)
            }
            if defect == .dropsEdits { return acceptance }
            (talk.rooms[room].messages[message].text, talk.rooms[room].messages[message].marker) = (text, delivery.token.rawValue)
            if defect != .hidesEdits { talk.touch(message, in: room, at: now) }
        case .delete(let id, let conversation):
            let room = try talk.room(conversation, of: user)
            let message = try own(id, in: room, talk)
            guard !talk.rooms[room].messages[message].isDeleted else { return acceptance }
            talk.rooms[room].messages[message].isDeleted = true
            if defect != .forgetsDeletes { talk.touch(message, in: room, at: now) }
        case .markRead(let id, let conversation):
            if defect == .refusesReadMarks { throw ServiceError(.invalid, certainty: .notApplied, status: 400) }
            let room = try talk.room(conversation, of: user)
            let mark = talk.rooms[room].messages[try talk.message(id, in: room)].id
            if mark > talk.rooms[room].marks[user]?.message ?? 0, defect != .forgetsReadMarks {
                talk.rooms[room].marks[user] = (mark, now)
            }
        case .rename(let id, let topic):
            let room = try talk.room(id, of: user)
            if defect != .dropsRenames { talk.rooms[room].topic = topic }
        case .addParticipants(let people, let id):
            let room = try talk.room(id, of: user)
            if defect == .invitesNobody { return acceptance }
            talk.rooms[room].members += people.map(\.id.rawValue).filter { !talk.rooms[room].members.contains($0) }
        case .removeParticipant(let person, let id):
            let room = try talk.room(id, of: user)
            if defect != .keepsPeople { talk.rooms[room].members.removeAll { $0 == person.rawValue } }
        case .deleteConversation(let id):
            let room = try talk.room(id, of: user)
            guard defect != .keepsConversations else { return acceptance }
            talk.rooms[room].isDeleted = true
            talk.rooms[room].activity = talk.stamp(now)
        case .upload(let file, let id):
            _ = try talk.room(id, of: user)
            acceptance.attachment = RemoteAttachment(file: RemoteFileID(try take(file, &talk)))
        }
        return acceptance
    }

    private func own(_ id: RemoteMessageID, in room: Int, _ talk: PlainTalk) throws(ServiceError) -> Int {
        let index = try talk.message(id, in: room)
        guard talk.rooms[room].messages[index].author == user else {
            throw ServiceError(.forbidden, certainty: .notApplied, status: 403)
        }
        return index
    }

    private func create(
        _ topic: String, _ people: [String], _ token: String, at now: Int64, _ talk: inout PlainTalk
    ) -> PlainTalk.Room {
        if defect != .forgetsWhatItCreated, let known = talk.rooms.first(where: { $0.token == token }) { return known }
        let room = PlainTalk.Room(
            id: "r\(talk.rooms.count + 1)", topic: topic, token: token, createdBy: user,
            members: [user] + people.filter { $0 != user },
            activity: talk.stamp(now))
        talk.rooms.append(room)
        return room
    }

    private func take(_ file: OutgoingFile, _ talk: inout PlainTalk) throws(ServiceError) -> String {
        guard let bytes = FileManager.default.contents(atPath: file.path) else {
            throw ServiceError(.fileUnusable, certainty: .notApplied)
        }
        let key = "f\(talk.files.count + 1)"
        talk.files[key] = defect == .cutsFiles ? [UInt8](bytes.dropLast()) : [UInt8](bytes)
        return key
    }

    func upload(_ delivery: Delivery, progress: @escaping @Sendable (Int64) -> Void) async throws(ServiceError) -> Acceptance {
        try await perform(delivery)
    }

    func download(
        _ file: RemoteFileID, in conversation: RemoteConversationID, to path: String,
        progress: @escaping @Sendable (Int64) -> Void
    ) async throws(ServiceError) {
        guard let bytes = house.talk.withLock({ $0.files[file.rawValue] }) else {
            throw ServiceError(.notFound, certainty: .notApplied, status: 404)
        }
        guard FileManager.default.createFile(atPath: path, contents: Data(defect == .servesOtherFiles ? [] : bytes)) else {
            throw ServiceError(.fileUnusable, certainty: .notApplied)
        }
    }

    private func files(of message: OutgoingMessage) -> [String] {
        let keys = message.attachments.map(\.file.rawValue)
        switch defect {
        case .dropsFiles: return []
        case .swapsFiles: return keys.reversed()
        case .doublesFiles: return keys + keys
        default: return keys
        }
    }

    private func send(
        _ outgoing: OutgoingMessage, _ id: RemoteConversationID, _ token: String, at now: Int64, _ talk: inout PlainTalk
    ) throws(ServiceError) -> RemoteMessageID {
        let text = outgoing.text
        if defect == .leaksTexts, id == "no-such-conversation" {
            throw ServiceError(.init(rawValue: "no place for \(text)"), certainty: .notApplied)
        }
        let room = try talk.room(id, of: user)
        guard text.utf8.count <= (defect == .refusesLongTexts ? 1_000 : 2_000) else {
            throw ServiceError(.tooLarge, certainty: .notApplied, status: 413)
        }
        let isKnown = talk.rooms[room].messages.first { $0.token == token && $0.author == user }
        if house.kind == .repeatable, defect != .ignoresTokens, let isKnown { return RemoteMessageID(String(isKnown.id)) }
        talk.sends += 1
        var message = talk.post(text, by: user, token: token, in: room, at: now)
        message.files = files(of: outgoing)
        if defect != .forgetsReplies { message.replyTo = outgoing.replyTo.flatMap { Int64($0.rawValue) } }
        if defect == .losesSends, talk.sends > 1 { return RemoteMessageID(String(message.id)) }
        if defect == .reordersSends, talk.heldBack == nil, talk.sends == 3 {
            talk.heldBack = (room, message)
        } else {
            talk.rooms[room].messages.append(message)
            if defect == .doublesSends {
                talk.rooms[room].messages.append(talk.post(text, by: user, token: token, in: room, at: now))
            }
            if let held = talk.heldBack {
                var late = held.message
                (late.id, late.version) = (talk.stamp(now), talk.stamp(now))
                talk.rooms[held.room].changes += 1
                late.change = talk.rooms[held.room].changes
                talk.rooms[held.room].messages.append(late)
                talk.heldBack = nil
                talk.sends += 100
            }
        }
        return RemoteMessageID(String(message.id))
    }
}
