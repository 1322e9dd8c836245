import GRDB
import TidemarkModel

@testable import TidemarkStore

/// A real store in memory, one account, and a clock that the test turns.
final class ReadingHarness {
    static let me = ParticipantID("8:acs:me")
    static let thread = RemoteConversationID("19:t@thread.v2")

    let store: MessageStore
    var scope: Scope
    var now: Int64 = 1_000_000

    /// `store`: one that holds the account already, opened again.
    init(
        pageSize: Int = 200, historyPages: Int? = nil, settle: Duration = .seconds(60), store: MessageStore? = nil
    ) throws {
        self.store = try store ?? .inMemory()
        let traits = ServiceTraits(service: "fake", lostAnswers: [.send: .echoed], settleWindow: settle)
        var configuration = SyncConfiguration()
        configuration.resultsPerPage = pageSize
        configuration.historyPages = historyPages
        scope = Scope(account: 1, traits: traits, configuration: configuration, identity: Self.me)
        try self.store.write(.normal) { db in
            try db.execute(
                sql: "INSERT OR IGNORE INTO account (id, name, service, createdAt) VALUES (1, 'me', 'fake', 0)")
            try db.execute(
                sql: "INSERT OR IGNORE INTO identity (account, participant, addedAt) VALUES (1, ?, 0)",
                arguments: [Self.me.rawValue])
        }
    }

    var moment: Moment { Moment(milliseconds: now) }

    /// The first due read of a kind.
    func plan(_ purpose: PlannedRead.Purpose) throws -> PlannedRead? {
        try store.planReads(scope, moment, busy: [], limit: 100).reads.first { $0.purpose == purpose }
    }

    func addConversation() throws -> ConversationID {
        _ = try store.apply(.conversation(RemoteConversation(id: Self.thread)), scope, moment)
        return ConversationID(1)
    }

    /// The next read of messages that is due.
    func planMessages() throws -> PlannedRead? {
        try store.planReads(scope, moment, busy: [], limit: 100).reads.first { $0.purpose == .catchUp || $0.purpose == .backfill }
    }

    @discardableResult
    func apply(_ page: Page, _ read: PlannedRead) throws -> ApplyReport {
        try store.apply(page, of: read, scope, moment)
    }

    /// Reads messages until nothing is due; `between` may change the service before each page.
    func drain(
        _ thread: inout FakeThread, size: Int, limit: Int = 10_000, between: (inout FakeThread) -> Void = { _ in }
    ) throws -> Int {
        for count in 0..<limit {
            now = max(now, thread.clock)
            guard let read = try planMessages() else { return count }
            between(&thread)
            now = max(now, thread.clock)
            try apply(thread.page(read.request, size: size), read)
        }
        return limit
    }

    func conversation(_ id: Int64 = 1) throws -> ConversationRow {
        try store.read { db in try ConversationRow.fetchOne(db, id: id) } ?? ConversationRow(account: -1)
    }

    func messages() throws -> [MessageRow] {
        try store.read { db in try MessageRow.fetchAll(db, where: "true ORDER BY sort, id", arguments: []) }
    }

    func coverage(_ id: Int64 = 1) throws -> Coverage {
        try store.read { db in try Coverage.of(id, db) }
    }

    func execute(_ sql: String) throws {
        try store.write(.normal) { db in try db.execute(sql: sql) }
    }

    func value(_ sql: String) throws -> Int64? {
        try store.read { db in try Int64.fetchOne(db, sql: sql) }
    }

    /// Pairs of stored messages that stand next to one another and are shown without a gap.
    func adjacentPlaces() throws -> [(Int64, Int64)] {
        let places = try messages().compactMap(\.place)
        let coverage = try coverage()
        return zip(places, places.dropFirst()).filter { coverage.adjacent($0, $1) }
    }
}
