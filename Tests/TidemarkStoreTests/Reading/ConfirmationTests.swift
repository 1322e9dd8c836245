import GRDB
import TidemarkModel
import Testing

@testable import TidemarkStore

/// R19 and R8: what was acknowledged and is not shown is read by its id, less and less often.
@Suite struct ConfirmationTests {
    private let harness: ReadingHarness

    init() throws {
        harness = try ReadingHarness()
        _ = try harness.addConversation()
        try harness.execute(
            """
            INSERT INTO message (id, conversation, remoteID, sort, text, isOwn, token) VALUES (7, 1, '5000', 9, 'm', 1, 't');
            INSERT INTO intent (account, conversation, message, verb, token, body, state, createdAt, acknowledgedAt,
                acknowledgedStart, confirmAt) VALUES (1, 1, 7, 'send', 't', '{}', 'sent', 0, 1000000, 0, 1010000);
            """)
    }

    private func plan() throws -> [PlannedRead] {
        try harness.store.planReads(harness.scope, harness.moment, busy: [], limit: 100).reads.filter { $0.purpose == .confirm }
    }

    @Test func `the one message is asked for when it is due, and each time later`() throws {
        #expect(try plan().isEmpty)
        harness.now += 10_000
        let read = try #require(try plan().first)
        #expect(read.request.subject == .message("5000", in: ReadingHarness.thread))
        #expect(try plan().isEmpty)
        #expect(try harness.value("SELECT confirmAt FROM intent") == harness.now + 20_000)
        harness.now += 20_000
        #expect(try plan().count == 1)
        #expect(try harness.value("SELECT confirmAt FROM intent") == harness.now + 60_000)
    }

    @Test func `an early unknown changes nothing`() throws {
        harness.now += 10_000
        let read = try #require(try plan().first)
        var generator = SeededGenerator(seed: 1)
        let error = ServiceError(.notFound, certainty: .notApplied, status: 404)
        _ = try harness.store.fail(error, of: read, harness.scope, harness.moment, using: &generator)
        #expect(try harness.messages().map(\.text) == ["m"])
        #expect(try harness.conversation().membership == "member")
        #expect(try harness.conversation().readsNotBefore == 0)
    }

    @Test func `a look-up comes before everything else, once its time has come`() throws {
        try harness.execute(
            """
            INSERT INTO conversation (account, remoteID, walkWanted, walkNotBefore, walkDueAt, closedStart)
            VALUES (1, 'other', 99, 1005000, 9000000000000, 5)
            """)
        func first() throws -> ConversationID? {
            try harness.store.planReads(harness.scope, harness.moment, busy: [], limit: 1).reads.first?.conversation
        }
        #expect(try first() == nil)  // the list
        let planned = try harness.store.planReads(harness.scope, harness.moment, busy: [.list], limit: 9)
        #expect(planned.nextDue?.milliseconds == 1_005_000)
        harness.now = 1_005_000
        #expect(try first() == ConversationID(2))
    }

    @Test func `what is under way is not asked twice, and the limit holds`() throws {
        let all = try harness.store.planReads(harness.scope, harness.moment, busy: [], limit: 100).reads
        let busy = Set(all.map(\.key))
        #expect(busy.count == all.count)
        #expect(try harness.store.planReads(harness.scope, harness.moment, busy: busy, limit: 100).reads.isEmpty)
        #expect(try harness.store.planReads(harness.scope, harness.moment, busy: [], limit: 2).reads.count == 2)
        #expect(Set(all.map(\.request.startNumber)).count == all.count)
    }
}
