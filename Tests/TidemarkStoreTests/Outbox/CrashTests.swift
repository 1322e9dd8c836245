import GRDB
import TidemarkModel
import Testing

@testable import TidemarkStore

/// What was accepted survives a kill after any step (P1, P2).
@Suite struct CrashTests {
    /// A service that does what it is asked once per token, and tells what it has.
    private struct Service {
        var messages: [(token: Token, text: String, version: Int64, marker: Token?, isDeleted: Bool)] = []
        var thread: String?
        var topic = ""
        var clock: Int64 = 100

        mutating func perform(_ delivery: Delivery) -> Acceptance {
            clock += 10
            switch delivery.action {
            case .createConversation(let topic, _):
                if thread == nil { (thread, self.topic) = ("19:made", topic) }
                return Acceptance(conversation: RemoteConversation(id: "19:made", topic: topic))
            case .send(let message, _):
                messages.append((delivery.token, message.text, clock, nil, false))
                return Acceptance(message: RemoteMessageID(String(messages.count)))
            case .edit(let id, let text, _, _):
                let index = (Int(id.rawValue) ?? 1) - 1
                messages[index].text = text
                messages[index].version = clock
                messages[index].marker = delivery.token
            case .delete(let id, _):
                let index = (Int(id.rawValue) ?? 1) - 1
                messages[index].isDeleted = true
                messages[index].version = clock
            case .rename(_, let topic): self.topic = topic
            default: break
            }
            return Acceptance()
        }

        var copies: [RemoteMessage] {
            messages.enumerated().map { index, message in
                RemoteMessage(
                    id: RemoteMessageID(String(index + 1)), version: message.version, sequence: message.version,
                    place: Int64(index + 1), kind: .text, text: message.isDeleted ? "" : message.text, sender: OutboxWorld.me,
                    editedAt: message.marker.map { _ in Timestamp(milliseconds: message.version) },
                    deletedAt: message.isDeleted ? Timestamp(milliseconds: message.version) : nil, token: message.token,
                    editMarker: message.marker)
            }
        }
    }

    /// Shows all that is there, as a closed walk.
    private func observe(_ service: Service, _ world: OutboxWorld, _ conversation: ConversationID) throws {
        guard service.thread != nil,
            try world.number("SELECT count(*) FROM conversation WHERE remoteID IS NOT NULL") == 1
        else { return try world.closeList() }
        let begun = try world.begin()
        for copy in service.copies { try world.see(copy, in: conversation, begun: begun) }
        try world.sql("UPDATE conversation SET windowHigh = \(service.clock), closedStart = \(begun)")
        try world.close(conversation, begun: begun)
    }

    /// Lets everything drain, with answers that arrive.
    private func drain(_ world: inout OutboxWorld, _ service: inout Service, _ conversation: ConversationID) throws {
        try world.recover()
        for _ in 0..<40 {
            try observe(service, world, conversation)
            for delivery in try world.claim() {
                let acceptance = service.perform(delivery)
                try world.settle(delivery, .success(acceptance))
            }
            world.pass(.seconds(30))
        }
    }

    /// Every step of the history, with `crashAt` as the number of the step after which the program dies; the answers of every
    /// third request are lost.
    private func play(crashAt: Int) throws -> (steps: Int, OutboxWorld, Service, [Enqueued]) {
        var world = try OutboxWorld()
        var service = Service()
        var accepted: [Enqueued] = []
        var steps = 0
        var requests = 0
        let create = try world.wish(.createConversation(topic: "Trip", participants: []))
        accepted.append(create)
        let wishes: [(inout OutboxWorld) throws -> Enqueued] = [
            { try $0.send("one", to: create.conversation) },
            { try $0.send("two", to: create.conversation) },
            { try $0.wish(.edit(MessageID(1), text: "ONE", metadata: [:])) },
            { try $0.wish(.rename(create.conversation, topic: "Journey")) },
            { try $0.wish(.delete(MessageID(2))) },
            { try $0.send("three", to: create.conversation) },
            { try $0.wish(.addParticipants([Participant(id: "8:b")], to: create.conversation)) },
        ]
        func crash() throws {
            steps += 1
            if steps == crashAt { world = try world.reopened() }
        }
        func isOver() -> Bool { steps >= crashAt }
        for wish in wishes {
            if isOver() { break }
            accepted.append(try wish(&world))
            try crash()
            for _ in 0..<2 where !isOver() {
                try observe(service, world, create.conversation)
                try crash()
                if isOver() { break }
                let deliveries = try world.claim()
                try crash()
                for delivery in deliveries where !isOver() {
                    requests += 1
                    let acceptance = service.perform(delivery)
                    try crash()
                    if isOver() { break }
                    if requests % 3 == 0 { try world.lose(delivery) } else { try world.settle(delivery, .success(acceptance)) }
                    try crash()
                }
                world.pass(.seconds(25))
            }
        }
        try drain(&world, &service, create.conversation)
        return (steps, world, service, accepted)
    }

    @Test func `after a crash at any step everything accepted ends once and nothing twice`() throws {
        var crashAt = 1
        while true {
            let (steps, world, service, accepted) = try play(crashAt: crashAt)
            for enqueued in accepted {
                let intent = try world.intent(enqueued.intent)
                #expect(
                    [.confirmed, .parked, .cancelled].contains(intent.state) || intent.settledAt != nil,
                    "crash at \(crashAt): \(intent.verb) \(intent.state)")
            }
            let sends = try accepted.map { try world.intent($0.intent) }.filter { $0.verb == .send && $0.state == .confirmed }
            for send in Set(sends.map(\.token)) {
                #expect(service.messages.filter { $0.token.rawValue == send }.count == 1, "crash at \(crashAt)")
            }
            #expect(Set(service.messages.map(\.token)).count == service.messages.count, "crash at \(crashAt)")
            #expect(try world.number("SELECT count(*) FROM intent WHERE asks = 1") == 0, "crash at \(crashAt)")
            guard steps >= crashAt else { break }
            crashAt += 1
        }
        #expect(crashAt > 30)
    }

    @Test func `the same history gives the same rows`() throws {
        func rows() throws -> [String] {
            let (_, world, _, _) = try play(crashAt: 17)
            return try world.store.read { db in
                try String.fetchAll(
                    db, sql: "SELECT kind || coalesce(cause, '') || coalesce(intent, '') FROM journal ORDER BY id")
            }
        }
        #expect(try rows() == rows())
    }
}
