import TidemarkModel
import TidemarkStore
import Testing

@testable import Tidemark

/// A run whose user becomes another one of the same account (R13).
@Suite struct AnotherUserRunTests {
    private static let place = RemoteConversationID("place")
    private let store: MessageStore
    private let account: AccountView
    private var runner: SyncRunner
    private var now: Int64 = 1_000_000

    init() throws {
        store = try .inMemory()
        account = try store.addAccount("me", service: "plain", identity: "guest 1", at: Timestamp(milliseconds: 0))
        let traits = ServiceTraits(
            service: "plain", lostAnswers: [.send: .recognisable], history: .sinceJoin, changes: .feed, listTellsActivity: false,
            listsReceipts: false, identityChanges: true)
        let scope = Scope(account: account.id, traits: traits, identity: "guest 1")
        _ = try store.apply(.conversation(RemoteConversation(id: Self.place)), scope, Moment(milliseconds: 0))
        runner = SyncRunner(
            SyncCore(store: store, scope: scope, generator: SeededGenerator(seed: 1)), of: account, holder: "test")
    }

    private mutating func take(_ event: SyncRunner.Event? = nil) throws -> [PlannedRead] {
        now += 1000
        return try runner.take(event.map { [$0] } ?? [], Moment(milliseconds: now)).compactMap { effect in
            guard case .begin(.read(let read)) = effect else { return nil }
            return read
        }
    }

    /// Looks again, and is told who the user is now.
    private mutating func look(as user: ParticipantID) throws -> [PlannedRead] {
        _ = try take()
        return try take(.identity(.success(user)))
    }

    private static func page(_ places: [Int64], at now: Int64) -> Page {
        let messages = places.map { place in
            RemoteMessage(
                id: RemoteMessageID("\(place)"), version: place, sequence: place, place: place, kind: .text, text: "m\(place)",
                sender: "alice", createdAt: Timestamp(milliseconds: place))
        }
        return Page(items: .messages(messages), serverDate: Timestamp(milliseconds: now))
    }

    @Test mutating func `requests go on as the new user, and what the old one was told stands apart`() throws {
        let first = try look(as: "guest 1")
        let history = try #require(first.first { $0.purpose == .catchUp })
        #expect(history.request.identity == "guest 1")
        _ = try take(.answer(.read(history, .success(Self.page([900_000, 800_000], at: now)))))
        now += 600_000
        let second = try look(as: "guest 2")
        #expect(try store.account(named: "me").identities.count == 2)
        let feed = try #require(second.first { $0.purpose == .catchUp })
        #expect(feed.request.identity == "guest 2" && feed.request.startTime != nil)
        _ = try take(.answer(.read(feed, .success(Self.page([1_500_000, 1_550_000], at: now)))))
        let entries = try account.timeline(of: ConversationID(1)).get().entries
        #expect(entries.map(\.gapBefore) == [true, false, true, false])
    }

    @Test mutating func `a read that the adapter stops as the user is another by now is made again`()
        throws
    {
        let first = try look(as: "guest 1")
        let history = try #require(first.first { $0.purpose == .catchUp })
        let other = ServiceError(.wrongIdentity, certainty: .notApplied, scope: .account)
        _ = try take(.answer(.read(history, .failure(other))))
        #expect(try store.stopReason(ofAccount: "me") == nil)
        now += 120_000
        let again = try look(as: "guest 2")
        #expect(again.contains { $0.purpose == .catchUp && $0.request.identity == "guest 2" })
    }
}
