import GRDB
import Synchronization
import Testing
import TidemarkModel

@testable import TidemarkStore

/// Each view fires on a change of its own content, and on no other: looked at while somebody waits for it.
@Suite(.timeLimit(.minutes(1))) struct ViewFiringTests {
    private final class Counter: Sendable {
        private let number = Mutex(0)
        var value: Int { number.withLock { $0 } }
        func add() { number.withLock { $0 += 1 } }
    }

    /// What every test has: a conversation with three messages, another one, and another account.
    struct World {
        let fixture: ViewFixture
        let trip, other, theirs: ConversationID
        let messages: [MessageID]
        let intent: IntentID

        init() throws {
            fixture = try ViewFixture()
            trip = try fixture.conversation(coverage: [0...25])
            let trip = trip
            messages = try [10, 20, 30].map { [fixture] place in try fixture.message(trip, at: place, "wreck \(place)") }
            intent = try fixture.unsent(trip, "unsent wreck", token: "unsent").intent
            other = try fixture.conversation("19:other", topic: "Other")
            theirs = try fixture.conversation(
                "19:theirs", topic: "Theirs", account: try fixture.store.addAccount("other", service: "azure"))
        }

        /// In one transaction: a message, a draft, somebody who comes and reads, something unreadable, unsent work, a line of the
        /// journal, another topic and counter, and no proof any more.
        func happen(in conversation: ConversationID, account: Int64, at place: Int64 = 500) throws {
            let number = conversation.number
            try fixture.store.write(.normal) { db in
                try db.execute(
                    sql: """
                        INSERT INTO message
                            (conversation, remoteID, sort, place, version, sequence, source, kind, text, sender, createdAt)
                        VALUES (\(number), '\(place)', \(place), \(place), 1, 1, 2, 'text', 'another wreck', '8:ann', \(place));
                        INSERT INTO draft VALUES (\(number), 'begun', 7);
                        INSERT INTO participant (conversation, participant) VALUES (\(number), '8:new');
                        INSERT INTO receipt VALUES (\(number), '8:new', '10', 7);
                        INSERT INTO reject
                            (account, conversation, subject, remoteID, reason, raw, decoder, firstSeenAt, lastSeenAt)
                        VALUES (\(account), \(number), 'messages', 'bad', 'type', x'00', '1', 1, 1);
                        INSERT INTO journal (at, account, conversation, kind) VALUES (9, \(account), \(number), 'noted');
                        UPDATE conversation SET topic = 'changed', unread = unread + 1 WHERE id = \(number);
                        DELETE FROM coverage WHERE conversation = \(number);
                        """)
                var row = IntentRow(
                    account: account, conversation: number, verb: .rename, token: "rename \(number)",
                    body: try IntentBody(topic: "T").json(), createdAt: 7000)
                try row.insert(db)
            }
        }

        func reject(in conversation: ConversationID, account: Int64) throws {
            try fixture.run(
                """
                INSERT INTO reject (account, conversation, subject, remoteID, reason, raw, decoder, firstSeenAt, lastSeenAt)
                VALUES (\(account), \(conversation.number), 'messages', 'bad', 'type', x'00', '1', 1, 1)
                """)
        }

        func journal(_ conversation: ConversationID, account: Int64) throws {
            try fixture.run(
                """
                INSERT INTO journal (at, account, conversation, intent, kind) VALUES (9, \(account), \(conversation.number),
                    \(conversation == trip ? String(intent.number) : "NULL"), 'noted')
                """)
        }
    }

    struct View: CustomTestStringConvertible, Sendable {
        var testDescription: String
        /// Of one conversation: what another one of the account does is not its content.
        var isOfOne: Bool
        var scope: @Sendable (World) -> Touched
        /// Follows the view until it is cancelled, and tells of each reading and of each element.
        var follow: @Sendable (World, _ read: @escaping @Sendable () -> Void, _ told: () -> Void) async throws -> Void
        /// One transaction.
        var change: @Sendable (World) throws -> Void

        init<Value>(
            _ name: String, ofOne isOfOne: Bool = true, _ view: @escaping @Sendable (World) -> LiveView<Value>,
            change: @escaping @Sendable (World) throws -> Void
        ) {
            (testDescription, self.isOfOne, self.change) = (name, isOfOne, change)
            scope = { view($0).scope }
            follow = { world, read, told in
                let view = view(world)
                let counted = LiveView(store: view.store, scope: view.scope) { db in
                    let value = try view.read(db)
                    read()
                    return value
                }
                for try await _ in counted.updates() { told() }
            }
        }
    }

    private static func sql(_ sql: String) -> @Sendable (World) throws -> Void {
        { try $0.fixture.run(sql) }
    }

    private static let edit = sql("UPDATE message SET text = 'raised wreck', version = 31 WHERE remoteID = '20'")
    private static let topic = sql("UPDATE conversation SET topic = 'Trip to the sea' WHERE id = 1")

    static let views: [View] = [
        View("conversations", ofOne: false, { $0.fixture.account.conversations() }, change: topic),
        View("conversation", { $0.fixture.account.conversation($0.trip) }, change: topic),
        View("timeline", { $0.fixture.account.timeline(of: $0.trip) }, change: edit),
        View("timeline before", { $0.fixture.account.timeline(of: $0.trip, before: $0.messages[2]) }, change: edit),
        View("timeline after", { $0.fixture.account.timeline(of: $0.trip, after: $0.messages[0]) }, change: edit),
        View("timeline around", { $0.fixture.account.timeline(of: $0.trip, around: $0.messages[0]) }, change: edit),
        View(
            "timeline from a time", { $0.fixture.account.timeline(of: $0.trip, from: Timestamp(milliseconds: 15)) }, change: edit),
        View("timeline of the beginning", { $0.fixture.account.timeline(ofBeginningOf: $0.trip) }, change: edit),
        View("message", { $0.fixture.account.message($0.messages[1]) }, change: edit),
        View(
            "message, read", { $0.fixture.account.message($0.messages[1]) },
            change: sql("INSERT INTO receipt VALUES (1, '8:ann', '30', 7)")),
        View(
            "outbox", ofOne: false, { $0.fixture.account.outbox() },
            change: sql("UPDATE intent SET state = 'parked', reason = 'forbidden' WHERE token = 'unsent'")),
        View(
            "outbox of one", { $0.fixture.account.outbox(in: $0.trip) },
            change: sql("UPDATE intent SET state = 'parked', reason = 'forbidden' WHERE token = 'unsent'")),
        View(
            "intent", { $0.fixture.account.intent($0.intent) },
            change: sql("UPDATE intent SET state = 'parked', reason = 'forbidden' WHERE token = 'unsent'")),
        View(
            "summary of the outbox", ofOne: false, { $0.fixture.account.outboxSummary() },
            change: sql("UPDATE intent SET state = 'parked', reason = 'forbidden' WHERE token = 'unsent'")),
        View(
            "participants", { $0.fixture.account.participants(of: $0.trip) },
            change: sql("INSERT INTO participant (conversation, participant) VALUES (1, '8:ann')")),
        View(
            "receipts", { $0.fixture.account.receipts(of: $0.trip) },
            change: sql("INSERT INTO receipt VALUES (1, '8:ann', '30', 7)")),
        View("gaps", ofOne: false, { $0.fixture.account.gaps() }, change: sql("UPDATE coverage SET high = 40")),
        View("gaps of one", { $0.fixture.account.gaps(in: $0.trip) }, change: sql("UPDATE coverage SET high = 40")),
        View(
            "rejects", ofOne: false, { $0.fixture.account.rejects() },
            change: { try $0.reject(in: $0.trip, account: $0.fixture.account.id) }),
        View(
            "journal", ofOne: false, { $0.fixture.account.journal(.since(Timestamp(milliseconds: 0))) },
            change: { try $0.journal($0.trip, account: $0.fixture.account.id) }),
        View(
            "journal of an intent", { $0.fixture.account.journal(.intent($0.intent)) },
            change: { try $0.journal($0.trip, account: $0.fixture.account.id) }),
        View("draft", { $0.fixture.account.draft(in: $0.trip) }, change: { try $0.fixture.account.setDraft("x", in: $0.trip) }),
        View("search", ofOne: false, { $0.fixture.account.search("wreck") }, change: edit),
        View("search of one", { $0.fixture.account.search("wreck", in: $0.trip) }, change: edit),
        View("messages", ofOne: false, { $0.fixture.account.messages() }, change: edit),
        View("messages of one", { $0.fixture.account.messages(in: $0.trip) }, change: edit),
    ]

    @Test(arguments: views) func `a view fires on its own change, and on nobody else's`(view: View) async throws {
        let world = try World()
        let (store, scope) = (world.fixture.store, view.scope(world))
        let (readings, reading) = AsyncStream.makeStream(of: Void.self)
        let elements = Counter()
        let task = Task { try await view.follow(world, { reading.yield() }, { elements.add() }) }
        var read = readings.makeAsyncIterator()
        await read.next()
        /// Whether it is looked at again; then it has been by now.
        func isLookedAt(_ change: () throws -> Void) async throws -> Bool {
            let mark = store.changes.mark
            try change()
            guard store.changes.hasChange(after: mark, of: scope) else { return false }
            await read.next()
            return true
        }
        _ = try await isLookedAt { try world.happen(in: world.theirs, account: 2) }
        _ = try await isLookedAt { try world.fixture.run("UPDATE account SET contactAt = 7") }
        if view.isOfOne {
            _ = try await isLookedAt { try world.happen(in: world.other, account: world.fixture.account.id, at: 600) }
        }
        #expect(try await isLookedAt { try view.change(world) })
        task.cancel()
        try await task.value
        // The first, and its own change.
        #expect(elements.value == 2)
        #expect(store.changes.waiting == 0)
    }
}
