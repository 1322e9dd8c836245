import GRDB
import Testing
import TidemarkModel

@testable import TidemarkStore

/// Corruptions made by hand, of every kind: each is found as what it is, and nothing else is.
struct VerifyTests {
    struct Corruption: CustomTestStringConvertible, Sendable {
        var name: String
        var kind: Verification.Kind
        var sql: String
        /// `--repair` ends it.
        var isAutomatic = true
        var testDescription: String { name }
    }

    static let corruptions: [Corruption] = [
        Corruption(name: "an unread counter that lies", kind: .unread, sql: "UPDATE conversation SET unread = 7 WHERE id = 1"),
        Corruption(
            name: "a tombstone with text", kind: .tombstoneWithText,
            sql: "UPDATE message SET text = 'secret' WHERE remoteID = '40'"),
        Corruption(
            name: "a tombstone with metadata", kind: .tombstoneWithText,
            sql: "UPDATE message SET metadata = '{}' WHERE remoteID = '40'"),
        Corruption(
            name: "a tombstone with what it said before", kind: .tombstoneWithText,
            sql:
                "INSERT INTO revision (message, version, kind, text) SELECT id, 3, 'text', 'secret' FROM message WHERE remoteID = '40'"
        ),
        Corruption(name: "a message out of its place", kind: .order, sql: "UPDATE message SET sort = 35 WHERE remoteID = '20'"),
        Corruption(
            name: "a message that lost its order", kind: .order, sql: "UPDATE message SET sort = NULL WHERE remoteID = '30'"),
        Corruption(
            name: "an own message as somebody else's", kind: .ownership,
            sql: "UPDATE message SET isOwn = 0, kind = 'topicUpdated' WHERE remoteID = '30'"),
        Corruption(
            name: "proved stretches that overlap", kind: .coverage, sql: "INSERT INTO coverage VALUES (1, 500, 2000)"),
        Corruption(
            name: "a proof of what is not there", kind: .coverage, sql: "INSERT INTO coverage VALUES (2, 0, 10)"),
        Corruption(
            name: "a hole that counts as proved", kind: .coveredHole,
            sql: """
                INSERT INTO reject (account, conversation, subject, reason, raw, decoder, firstSeenAt, lastSeenAt, holeLow, holeHigh)
                VALUES (1, 1, 'messages', 'type', x'00', '1', 1, 1, 21, 29)
                """),
        Corruption(
            name: "a window upside down", kind: .window, sql: "UPDATE conversation SET windowLow = 9, windowHigh = 3 WHERE id = 1"
        ),
        Corruption(
            name: "two open receiving sessions", kind: .session,
            sql: "INSERT INTO receivingSession (conversation, firstArrival) VALUES (1, 0), (1, 0)"),
        Corruption(name: "a request number behind", kind: .counter, sql: "UPDATE store SET startNumber = 0"),
        Corruption(
            name: "an arrival number behind", kind: .counter,
            sql: "INSERT INTO receivingSession (conversation, firstArrival, lastArrival) VALUES (1, 3, 9)"),
        Corruption(
            name: "a participant of no conversation", kind: .orphan,
            sql: "INSERT INTO participant (conversation, participant) VALUES (99, '8:x')"),
        Corruption(name: "a receipt of no conversation", kind: .orphan, sql: "INSERT INTO receipt VALUES (99, '8:x', '1', 1)"),
        Corruption(name: "a lane of no conversation", kind: .orphan, sql: "INSERT INTO lane (conversation) VALUES (99)"),
        Corruption(
            name: "a message of no conversation", kind: .orphan,
            sql: "INSERT INTO message (conversation, remoteID, version) VALUES (99, '1', 1)"),
        Corruption(name: "a lease of no account", kind: .orphan, sql: "INSERT INTO lease VALUES (9, 'h', 1, 1)"),
        Corruption(
            name: "an intent that is over, without its account", kind: .orphan,
            sql: "UPDATE intent SET account = 9 WHERE token = 'done'"),
        Corruption(
            name: "a token of no intent", kind: .orphan, sql: "INSERT INTO tokenUse VALUES (1, 'lost', 999, 'd')"),
        Corruption(
            name: "an own message that nothing sends", kind: .unlisted,
            sql: "INSERT INTO message (conversation, sort, kind, text, isOwn) VALUES (1, 4611686018427387999, 'text', 'left', 1)"),
        Corruption(
            name: "on its way without a lease", kind: .stuck,
            sql: """
                UPDATE intent SET state = 'transmitting', isFrozen = 1, attempts = 1 WHERE token = 'unsent';
                INSERT INTO attempt (intent, number, account, conversation, verb, generation, startNumber, begunAt, begunMonotonic, deadline)
                SELECT id, 1, 1, 1, 'send', 1, 1, 1, 1, 1 FROM intent WHERE token = 'unsent'
                """, isAutomatic: false),
        Corruption(
            name: "taken and never shown", kind: .unconfirmed,
            sql: """
                UPDATE intent SET state = 'sent', acknowledgedAt = 1000 WHERE token = 'unsent';
                UPDATE account SET contactAt = 90000000
                """, isAutomatic: false),
        Corruption(
            name: "on its way without an attempt", kind: .contradiction,
            sql: """
                UPDATE intent SET state = 'transmitting', attempts = 1 WHERE token = 'unsent';
                INSERT INTO lease VALUES (1, 'h', 1, 4611686018427387904)
                """, isAutomatic: false),
        Corruption(
            name: "frozen and never tried", kind: .contradiction, sql: "UPDATE intent SET isFrozen = 1 WHERE token = 'unsent'",
            isAutomatic: false),
        Corruption(
            name: "parked for no reason", kind: .contradiction, sql: "UPDATE intent SET reason = NULL WHERE token = 'parked'",
            isAutomatic: false),
        Corruption(
            name: "asking without doubt", kind: .contradiction, sql: "UPDATE intent SET asks = 1 WHERE token = 'unsent'",
            isAutomatic: false),
        Corruption(
            name: "sent without an answer", kind: .contradiction, sql: "UPDATE intent SET state = 'sent' WHERE token = 'unsent'",
            isAutomatic: false),
        Corruption(
            name: "in doubt without a look-up", kind: .contradiction,
            sql: "UPDATE intent SET state = 'inDoubt' WHERE token = 'unsent'", isAutomatic: false),
        Corruption(
            name: "a send whose message is gone", kind: .waitingForNothing, sql: "DELETE FROM message WHERE token = 'unsent'",
            isAutomatic: false),
        Corruption(
            name: "a conversation that nobody makes", kind: .waitingForNothing,
            sql: "UPDATE intent SET state = 'cancelled' WHERE token = 'create'", isAutomatic: false),
        Corruption(
            name: "waiting for itself", kind: .waitingForNothing, sql: "UPDATE intent SET parent = id WHERE token = 'unsent'",
            isAutomatic: false),
        Corruption(
            name: "waiting for a parent that is gone", kind: .orphan,
            sql: "UPDATE intent SET parent = 999 WHERE token = 'unsent'",
            isAutomatic: false),
        Corruption(
            name: "two sends of one message", kind: .boundTwice,
            sql: "UPDATE intent SET message = (SELECT message FROM intent WHERE token = 'parked') WHERE token = 'done'",
            isAutomatic: false),
        Corruption(
            name: "a token that was taken back", kind: .boundTwice,
            sql: "INSERT INTO tokenTombstone VALUES (1, 'unsent', 1, 1, 1)", isAutomatic: false),
        Corruption(
            name: "a token of two intents", kind: .boundTwice,
            sql: "INSERT INTO tokenUse SELECT 1, 'unsent', id, 'd' FROM intent WHERE token = 'parked'"),
        Corruption(
            name: "an intent in another account's conversation", kind: .wrongAccount,
            sql: "UPDATE conversation SET account = 2 WHERE id = 3", isAutomatic: false),
    ]

    let fixture: ViewFixture
    let now = Timestamp(milliseconds: 200_000_000)

    init() throws {
        fixture = try ViewFixture()
        try fixture.store.addAccount("other", service: "azure", at: Timestamp(milliseconds: 1))
        let trip = try fixture.conversation()
        try fixture.message(trip, at: 10)
        try fixture.message(trip, at: 20)
        let own = try fixture.message(trip, at: 30, "mine", isOwn: true) { $0.token = "done" }
        try fixture.message(trip, at: 40) { ($0.text, $0.deletedAt, $0.deletedBy) = ("", 41, "observed") }
        try fixture.run("UPDATE conversation SET unread = 2, windowLow = 1, windowHigh = 9 WHERE id = 1")
        try fixture.intent(.send, trip, message: own, token: "done", state: .confirmed)
        _ = try fixture.unsent(trip, "later", token: "unsent")
        _ = try fixture.unsent(trip, "refused", token: "parked", state: .parked, reason: "forbidden")
        let planned = try fixture.conversation(nil, topic: "Planned", coverage: [], bottom: nil, isRead: false)
        try fixture.intent(.createConversation, planned, token: "create", body: IntentBody(topic: "Planned"))
        _ = try fixture.unsent(planned, "first", token: "waiting")
        let elsewhere = try fixture.conversation("19:else")
        try fixture.intent(.rename, elsewhere, token: "rename", body: IntentBody(topic: "x"))
        try fixture.run("UPDATE store SET startNumber = 50")
    }

    /// As damage comes: past the schema's own checks.
    private func corrupt(_ sql: String) throws {
        try fixture.store.connection.using { writer in
            try writer.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA foreign_keys = OFF")
                try db.execute(sql: sql)
                try db.execute(sql: "PRAGMA foreign_keys = ON; PRAGMA ignore_check_constraints = OFF")
            }
        }
    }

    private func unsent() throws -> [IntentRow] {
        try fixture.store.read { db in
            try IntentRow.fetchAll(db, cached: "\(IntentRow.selection) WHERE state NOT IN ('confirmed', 'cancelled') ORDER BY id")
        }
    }

    @Test func `a sound store has no finding and repairing it changes nothing`() throws {
        #expect(try fixture.store.verify(at: now).findings.isEmpty)
        let before = try fixture.store.dump(of: fixture.account)
        #expect(try fixture.store.repair(at: now).findings.isEmpty)
        #expect(try fixture.store.dump(of: fixture.account) == before)
    }

    @Test(arguments: corruptions) func `what contradicts itself is found as what it is`(corruption: Corruption) throws {
        try corrupt(corruption.sql)
        let found = try fixture.store.verify(at: now).findings
        #expect(!found.isEmpty)
        #expect(Set(found.map(\.kind)) == [corruption.kind], "\(found)")
        let isAutomatic = found.allSatisfy { if case .automatic = $0.repair { true } else { false } }
        #expect(isAutomatic == corruption.isAutomatic)
        #expect(found.allSatisfy { !$0.detail.contains("secret") && !$0.detail.isEmpty && !$0.repair.words.isEmpty })
    }

    @Test(arguments: corruptions) func `a repair ends what it can and leaves unsent work as it is`(corruption: Corruption) throws
    {
        try corrupt(corruption.sql)
        let before = try unsent()
        let result = try fixture.store.repair(at: now)
        #expect(result.unrepaired == (corruption.isAutomatic ? 0 : result.findings.count))
        #expect(try fixture.store.verify(at: now).findings.isEmpty == corruption.isAutomatic)
        let after = try unsent()
        #expect(Array(after.prefix(before.count)) == before)
    }

    @Test func `all corruptions that don't meet are found together`() throws {
        let some = Self.corruptions.prefix(9) + Self.corruptions[14...18]
        for corruption in some { try corrupt(corruption.sql) }
        let found = Set(try fixture.store.verify(at: now).findings.map(\.kind))
        #expect(found.isSuperset(of: some.map(\.kind)))
        #expect(try fixture.store.repair(at: now).unrepaired == 0)
        #expect(try fixture.store.verify(at: now).findings.isEmpty)
    }

    @Test func `a message that nothing sends is listed, and a retry looks before it sends`() throws {
        try corrupt(
            "INSERT INTO message (conversation, sort, kind, text, isOwn) VALUES (1, 4611686018427387999, 'text', 'left', 1)")
        #expect(try fixture.store.repair(at: now).unrepaired == 0)
        let parked = try #require(try fixture.account.outbox().get().last)
        #expect(parked.state == .parked(.restored))
        #expect(parked.actions == [.retry, .skip, .discard])
        #expect(try fixture.texts(ConversationID(1)).last == "left")
    }

    @Test func `an index that lost an entry is built anew`() throws {
        let id = try #require(
            try fixture.store.read { try Int64.fetchOne($0, sql: "SELECT id FROM message WHERE remoteID = '20'") })
        try corrupt(
            """
            CREATE TABLE kept AS SELECT * FROM sqlite_schema WHERE name = 'messageBySequence';
            PRAGMA writable_schema = ON;
            DELETE FROM sqlite_schema WHERE name = 'messageBySequence';
            PRAGMA writable_schema = RESET;
            """)
        try corrupt("UPDATE message SET sequence = 77 WHERE id = \(id)")
        try corrupt(
            """
            PRAGMA writable_schema = ON;
            INSERT INTO sqlite_schema SELECT * FROM kept;
            PRAGMA writable_schema = RESET;
            DROP TABLE kept;
            """)
        #expect(Set(try fixture.store.verify(at: now).findings.map(\.kind)) == [.index])
        #expect(try fixture.store.repair(at: now).unrepaired == 0)
        #expect(try fixture.store.verify(at: now).findings.isEmpty)
    }

    @Test func `a value that the schema forbids is told`() throws {
        try corrupt("PRAGMA ignore_check_constraints = ON; UPDATE conversation SET membership = 'guest' WHERE id = 3")
        let found = try fixture.store.verify(at: now).findings
        #expect(found.map(\.kind) == [.forbiddenValue])
        #expect(try fixture.store.repair(at: now).unrepaired == 1)
    }

    @Test func `a proved stretch upside down is forgotten`() throws {
        try corrupt("PRAGMA ignore_check_constraints = ON; INSERT INTO coverage VALUES (3, 2000, 1500)")
        #expect(try fixture.store.verify(at: now).findings.map(\.kind).contains(.coverage))
        #expect(try fixture.store.repair(at: now).unrepaired == 0)
    }

    @Test func `what was repaired stands in the journal`() throws {
        try corrupt("UPDATE conversation SET unread = 7 WHERE id = 1")
        _ = try fixture.store.repair(at: now)
        let lines = try fixture.account.journal(.since(now)).get()
        #expect(lines.map(\.kind) == ["repaired"])
        #expect(lines.map(\.cause) == ["unread"])
    }

    @Test func `a store that may only be read is verified and not repaired`() async throws {
        let folder = try TemporaryFolder()
        let store = try await MessageStore.open(folder.path("store.sqlite"))
        try store.close()
        let reader = try await MessageStore.open(folder.path("store.sqlite"), mode: .readOnly)
        #expect(try reader.verify().findings.isEmpty)
        #expect(throws: StoreError.self) { try reader.repair() }
        try reader.close()
    }
}
