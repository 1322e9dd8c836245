import Foundation
import Tidemark
import TidemarkModel
import TidemarkStore

/// What the users of a golden store did: work of every verb in every state, gaps, tombstones, rejects and read marks, in two
/// accounts that share conversations. It is told when the next version's store is made; what it tells may grow.
struct GoldenStory {
    var me: Station
    var work: Station

    /// Conversations of the service, by topic: who is in them besides carol, who made them.
    static let topics = [
        "Trip", "Doubt", "Absent", "Killed", "Asking", "Conflict", "Sent", "Late", "Leaving", "Repeated", "Joining", "Gone",
        "Refused",
    ]

    init(on store: MessageStore) throws {
        var service = PlainService()
        var now: Int64 = 1_700_000_000_000
        for (index, topic) in Self.topics.enumerated() {
            service.create(topic, by: "carol", with: ["alice", "bob"], token: "by carol \(topic)", at: now)
            for number in 1...3 {
                now += 1000
                service.post("\(topic) \(number)", by: number == 2 ? "bob" : "carol", in: index, at: now)
            }
        }
        service.post("nameless", by: "carol", in: 0, at: now + 1000) { $0.isNameless = true }
        service.post("unreadable", by: "carol", in: 0, at: now + 2000) { $0.isUnreadable = true }
        service.change(1, in: 0, at: now + 3000) { $0.topic = "Trip" }
        try store.addAccount("me", service: "plain", identity: Station.alice, at: Timestamp(milliseconds: 0))
        try store.addAccount("work", service: "plain", identity: Station.bob, at: Timestamp(milliseconds: 0))
        var configuration = SyncConfiguration()
        configuration.historyPages = 1
        me = try Station(service, on: store, as: "me", at: now + 600_000, configuration: configuration)
        work = try Station(service, on: store, as: "work", at: now + 600_000)
    }

    private func conversation(_ topic: String) throws -> ConversationID {
        try me.account.resolveConversation(me.service.threads.first { $0.topic == topic }?.id ?? topic)
    }

    private func thread(_ topic: String) -> Int { me.service.threads.firstIndex { $0.topic == topic } ?? 0 }

    mutating func tell() throws {
        try tellOfPeace()
        try tellOfPeople()
        try tellOfDoubt()
        try tellOfRepeats()
        try tellOfOthers()
        try tellOfWaiting()
        try tellOfFiles()
        try tellOfTheEnd()
        var room = try GoldenRoom(on: me.store)
        try room.tell()
    }

    /// Lets one request meet its fate and forgets whatever else was begun beside it, which no answer reaches any more.
    private mutating func strike(_ enqueued: Enqueued, _ fate: Station.Fate) throws {
        try me.restart(only: [enqueued.conversation])
        let effects = try me.next()
        guard let effect = effects.first(where: { $0.isDelivery(of: enqueued.intent) }) else {
            throw StoryError(what: "\(enqueued.intent) did not go: \(effects)")
        }
        try me.answer(effect, fate)
        try me.restart()
    }

    struct StoryError: Error {
        var what: String
    }

    @discardableResult
    private mutating func send(_ text: String, _ topic: String) throws -> Enqueued {
        try me.wish(.send(OutgoingMessage(text), to: try conversation(topic)))
    }

    private func own(_ text: String, _ topic: String) throws -> MessageID {
        let entries = try me.account.timeline(of: try conversation(topic), limit: 1000).get().entries
        guard let entry = entries.last(where: { $0.text == text }) else { throw StoryError(what: "no “\(text)” in \(topic)") }
        return entry.id
    }

    // MARK: Chapters

    /// What is over: own messages, an edited and a deleted one of each side, a read mark, receipts.
    private mutating func tellOfPeace() throws {
        try me.quiet()
        for topic in Self.topics {
            try send("first in \(topic)", topic)
            try send("second in \(topic)", topic)
        }
        try me.quiet()
        try me.wish(.edit(try own("first in Trip", "Trip"), text: "first in Trip, edited", metadata: [:]))
        try me.wish(.delete(try own("second in Trip", "Trip")))
        try me.wish(.markRead(try conversation("Trip"), upTo: nil))
        me.service.change(3, in: thread("Doubt"), at: me.now) { ($0.text, $0.isEdited) = ("Doubt 2, edited", true) }
        me.service.erase(2, in: thread("Doubt"), at: me.now)
        try me.quiet()
        work.service = me.service
        work.now = me.now
        try work.quiet()
        let answered = me.service.post("with two files", by: "carol", in: thread("Joining"), at: me.now) {
            $0.files = ["carol's first", "carol's second"]
        }
        me.service.post("an answer", by: "bob", in: thread("Joining"), at: me.now) { $0.replyTo = String(answered) }
        try work.wish(.markRead(try work.account.resolveConversation("t1"), upTo: nil))
        try work.quiet()
        (me.service, me.now) = (work.service, work.now)
        try me.quiet()
    }

    /// What waits for a person: parked ones, a conflict, a question.
    private mutating func tellOfPeople() throws {
        let remove = try me.wish(.removeParticipant("carol", from: try conversation("Refused")))
        try strike(
            remove, .refused(ServiceError(.invalid, certainty: .notApplied, status: 400, serviceMessage: "not the owner")))
        try me.wish(.send(OutgoingMessage("meant without carol"), to: try conversation("Refused")))
        let large = try send("too much", "Late")
        try strike(large, .refused(ServiceError(.tooLarge, certainty: .notApplied, status: 413)))
        let edit = try me.wish(.edit(try own("first in Conflict", "Conflict"), text: "ours", metadata: [:]))
        try strike(edit, .answerLost(landed: false))
        let target = me.service.threads[thread("Conflict")].messages.firstIndex { $0.text == "first in Conflict" } ?? 0
        me.service.change(target, in: thread("Conflict"), at: me.now) { ($0.text, $0.isEdited) = ("theirs", true) }
        let asking = try send("did it arrive?", "Asking")
        try strike(asking, .answerLost(landed: false))
        me.service.post("from the other device", by: "alice", in: thread("Asking"), at: me.now)
        me.service.erase(me.service.threads[thread("Asking")].messages.count - 1, in: thread("Asking"), at: me.now)
        me.pass(.seconds(30))
        try me.pump()
        try send("behind the question", "Asking")
    }

    /// Lost answers of what can't be repeated blindly, and what the user wanted next.
    private mutating func tellOfDoubt() throws {
        let landed = try send("landed, answer lost", "Doubt")
        try strike(landed, .answerLost(landed: true))
        try me.wish(.delete(landed.message ?? MessageID(0)))
        let absent = try send("never arrived", "Absent")
        try strike(absent, .answerLost(landed: false))
        try me.wish(.edit(absent.message ?? MessageID(0), text: "never arrived, edited", metadata: [:]))
        let late = try send("taken back, and there", "Killed")
        try strike(late, .answerLost(landed: true))
        try me.act(.discard, on: late.intent)
        let create = try me.wish(.createConversation(topic: "Lost", participants: [Participant(id: "bob")]))
        try strike(create, .answerLost(landed: true))
        try me.wish(.send(OutgoingMessage("into the lost one"), to: create.conversation))
    }

    /// Lost answers of what is asked for again, and what was accepted and not seen yet.
    private mutating func tellOfRepeats() throws {
        let delete = try me.wish(.delete(try own("first in Repeated", "Repeated")))
        try strike(delete, .answerLost(landed: true))
        let add = try me.wish(.addParticipants([Participant(id: "dave")], to: try conversation("Joining")))
        try strike(add, .answerLost(landed: false))
        let read = try me.wish(.markRead(try conversation("Late"), upTo: nil))
        try strike(read, .answerLost(landed: true))
        let gone = try me.wish(.deleteConversation(try conversation("Gone")))
        try strike(gone, .answerLost(landed: true))
        try strike(try send("accepted", "Sent"), .well)
        try strike(try me.wish(.edit(try own("first in Sent", "Sent"), text: "first in Sent, edited", metadata: [:])), .well)
        try strike(try me.wish(.delete(try own("second in Sent", "Sent"))), .well)
        try strike(try me.wish(.rename(try conversation("Sent"), topic: "Sent and renamed")), .well)
    }

    /// What never left.
    private mutating func tellOfWaiting() throws {
        let trip = try conversation("Trip")
        try send("queued", "Trip")
        try me.wish(
            .edit(try own("first in Trip, edited", "Trip"), text: "first in Trip, edited twice", metadata: ["mood": "fine"]))
        try me.wish(.rename(trip, topic: "Trip to the sea"))
        try me.wish(.addParticipants([Participant(id: "erin", displayName: "Erin O'Hara")], to: trip))
        try me.wish(.removeParticipant("carol", from: try conversation("Repeated")))
        try me.wish(.delete(try own("second in Repeated", "Repeated")))
        try me.wish(.deleteConversation(try conversation("Leaving")))
        let plans = try me.wish(.createConversation(topic: "Plans", participants: [Participant(id: "bob")]))
        try me.wish(.send(OutgoingMessage("offline", metadata: ["a": "b"]), to: plans.conversation))
        try me.wish(.send(OutgoingMessage("offline, taken back"), to: plans.conversation)).message.map {
            _ = try me.wish(.delete($0))
        }
        work.service = me.service
        work.now = me.now
        let shared = try work.account.resolveConversation("t1")
        try me.account.setDraft("begun, and not sent", in: trip, at: Timestamp(milliseconds: me.now))
        try work.wish(.send(OutgoingMessage("from work"), to: shared))
    }

    /// What waits for a file: one that never left, one whose answer was lost, and an answer to it.
    private mutating func tellOfFiles() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tidemark-golden-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("sunset.jpg")
        try Data("a picture of the sea".utf8).write(to: file)
        let picture = FileToSend(path: file.path, contentType: "image/jpeg")
        let lost = try me.send("on its way with a file", to: try conversation("Joining"), files: [picture])
        try me.restart(only: [lost.conversation])
        for effect in try me.next() {
            guard case .deliver(let delivery) = effect, delivery.action.verb == .upload else { continue }
            try me.answer(effect, .answerLost(landed: false))
        }
        try me.restart()
        let unsent = try me.send("two of the sea", to: try conversation("Trip"), files: [picture, picture])
        try me.send("an answer to them", to: try conversation("Trip"), replyTo: unsent.message)
    }

    /// What others did meanwhile, half of it read: a gap. And a tombstone of what nobody here has seen.
    private mutating func tellOfOthers() throws {
        let trip = try conversation("Trip")
        for number in 1...12 { me.service.post("news \(number)", by: "carol", in: thread("Trip"), at: me.now + Int64(number)) }
        try me.restart(only: [trip])
        for effect in try me.next() {
            guard case .read(let read) = effect, case .messages = read.request.subject else { continue }
            try me.answer(effect)
        }
        try me.restart()
        let tombstone = RemoteMessage(
            id: RemoteMessageID("1700000999999"), version: me.now, deletedAt: Timestamp(milliseconds: me.now))
        try me.take(.message(tombstone, in: "t2"))
    }

    /// The program was killed with a request on its way, which had arrived.
    private mutating func tellOfTheEnd() throws {
        try me.wish(.markRead(try conversation("Doubt"), upTo: nil))
        let killed = try send("on its way", "Killed")
        try me.restart(only: [killed.conversation])
        for effect in try me.next() where effect.isDelivery(of: killed.intent) { _ = me.perform(effect) }
    }
}
