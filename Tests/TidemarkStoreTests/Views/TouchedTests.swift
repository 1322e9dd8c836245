import GRDB
import Synchronization
import Testing
import TidemarkModel

@testable import TidemarkStore

/// A write wakes the views of what it touched, and no other timeline is read again.
struct TouchedTests {
    /// A view of one conversation that counts how often it is read.
    private struct Counted {
        let count = Counter()
        let view: LiveView<Int>

        init(_ store: MessageStore, _ conversation: ConversationID) {
            view = LiveView(store: store, scope: .conversation(conversation)) { [count] db in
                count.add()
                return try Int.fetchOne(
                    db, sql: "SELECT count(*) FROM message WHERE conversation = ?", arguments: [conversation.number]) ?? 0
            }
        }
    }

    private final class Counter: Sendable {
        private let number = Mutex(0)
        var value: Int { number.withLock { $0 } }
        func add() { number.withLock { $0 += 1 } }
    }

    private var world: OutboxWorld
    private let busy: ConversationID
    private let quiet: ConversationID

    init() throws {
        world = try OutboxWorld()
        busy = try world.conversation("19:busy", high: 10)
        quiet = try world.conversation("19:quiet", high: 10)
    }

    /// What of a timeline of each conversation, and of a list of all, a write makes be read again.
    private mutating func woken(by body: (inout OutboxWorld) throws -> Void) rethrows -> [Bool] {
        let mark = world.store.changes.mark
        try body(&world)
        return [Touched.conversation(busy), .conversation(quiet), .everything].map {
            world.store.changes.hasChange(after: mark, of: $0)
        }
    }

    @Test mutating func `claiming and settling wake the timeline of their conversation alone`() throws {
        let busy = busy
        let enqueued = try woken { try $0.send("one", to: busy) }
        #expect(enqueued == [true, false, true])
        var deliveries: [Delivery] = []
        let claimed = try woken { deliveries = try $0.claim() }
        #expect(deliveries.count == 1)
        #expect(claimed == [true, false, true])
        let idle = try woken { _ = try $0.claim() }
        #expect(idle == [false, false, false])
        let delivery = try #require(deliveries.first)
        let settled = try woken { try $0.settle(delivery, .success(Acceptance(message: "11"))) }
        #expect(settled == [true, false, true])
        // The second answer of one attempt changes nothing that belongs to anybody else.
        let again = try woken { try $0.settle(delivery, .success(Acceptance(message: "11"))) }
        #expect(!again[1])
    }

    @Test mutating func `a refused credential stops the account, and wakes all`() throws {
        let busy = busy
        try world.send("one", to: busy)
        let delivery = try #require(try world.claim().first)
        let refused = ServiceError(.unauthenticated, certainty: .notApplied, scope: .account, status: 401)
        let woken = try woken { try $0.settle(delivery, .failure(refused)) }
        #expect(woken == [true, true, true])
    }

    @Test mutating func `planning reads wakes nobody, and an event its conversation`() throws {
        let planned = try woken { world in
            let reads = try world.store.planReads(world.scope, world.moment, busy: [], limit: 10).reads
            #expect(!reads.isEmpty)
        }
        #expect(planned == [false, false, false])
        let message = RemoteMessage(
            id: "99", version: 99, sequence: 99, place: 99, kind: .text, text: "pushed", sender: OutboxWorld.other,
            createdAt: Timestamp(milliseconds: 99))
        let pushed = try woken { world in
            _ = try world.store.apply(.message(message, in: "19:busy"), world.scope, world.moment)
        }
        #expect(pushed == [true, false, true])
        let typed = try woken { world in
            _ = try world.store.apply(.typing("8:x", displayName: nil, in: "19:busy"), world.scope, world.moment)
        }
        #expect(typed == [false, false, false])
    }

    @Test(.timeLimit(.minutes(1))) mutating func `a quiet timeline is read once, however busy another one is`() async throws {
        let counted = Counted(world.store, quiet)
        let (elements, element) = AsyncStream.makeStream(of: Int.self)
        let (updates, quiet, busy) = (counted.view.updates(), quiet, busy)
        async let followed: Void = {
            for try await count in updates {
                element.yield(count)
                if count == 4 { return }
            }
        }()
        var shown = elements.makeAsyncIterator()
        #expect(await shown.next() == 0)
        for number in 1...4 {
            try world.send("busy \(number)", to: busy)
            for delivery in try world.claim() {
                try world.settle(delivery, .success(Acceptance(message: RemoteMessageID("\(100 + number)"))))
            }
            _ = try world.store.planReads(world.scope, world.moment, busy: [], limit: 10)
            // Its own change is shown, by one more reading.
            try world.store.write(.normal, touching: .conversation(quiet)) { db in
                try db.execute(
                    sql: "INSERT INTO message (conversation, remoteID, sort, place) VALUES (?, ?, ?, ?)",
                    arguments: [quiet.number, "\(number)", number, number])
            }
            #expect(await shown.next() == number)
        }
        try await followed
        #expect(counted.count.value == 5)
    }
}
