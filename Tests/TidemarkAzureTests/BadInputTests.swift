import Foundation
import Testing
import TidemarkAzure
import TidemarkModel

@testable import TidemarkStore

/// Answers that are broken, through the adapter and into the store: nothing is lost, and each says what is wrong.
struct BadInputTests {
    private let store: MessageStore
    private let scope: Scope
    private let wire: AzureChatWire
    private let conversation = ConversationID(1)
    /// A little after the fixtures' messages.
    private var moment: Moment { Moment(milliseconds: 1_704_164_650_000) }

    init() throws {
        store = try .inMemory()
        try store.addAccount("me", service: "azure", identity: "8:acs:r_1", at: Timestamp(milliseconds: 0))
        scope = Scope(account: 1, traits: .azure(), identity: "8:acs:r_1")
        wire = try Example.wire()
        _ = try store.apply(.conversation(RemoteConversation(id: Example.thread, topic: "Trip")), scope, moment)
    }

    /// The read of messages that the store wants next, asked for again if nothing is due.
    private func planned(at moment: Moment) throws -> PlannedRead {
        try store.askForWalks(scope, moment)
        let reads = try store.planReads(scope, moment, busy: [], limit: 100).reads
        return try #require(reads.first { $0.purpose == .catchUp || $0.purpose == .backfill })
    }

    @discardableResult
    private func take(_ response: TransportResponse, for read: PlannedRead, at moment: Moment) throws -> ServiceError? {
        var generator = SystemRandomNumberGenerator()
        do {
            let page = try wire.page(of: response, for: read.request)
            _ = try store.apply(page, of: read, scope, moment)
            return nil
        } catch let error as ServiceError {
            #expect(try store.fail(error, of: read, scope, moment, using: &generator) == .nothing)
            return error
        }
    }

    private func entries() throws -> [TimelineEntry] {
        try store.account("me").timeline(of: conversation).get().entries
    }

    @Test(arguments: ["messages-truncated.json", "sign-in-page.html"])
    func `a page that can't be read changes nothing and is asked for again`(name: String) throws {
        try take(Fixture.answer(200, "messages-page.json"), for: planned(at: moment), at: moment)
        let before = try entries()
        #expect(before.count == 4)
        let walk = try planned(at: moment)
        let error = try #require(try take(Fixture.answer(200, name), for: walk, at: moment))
        #expect(error.code == .unreadable && error.certainty == .notApplied)
        #expect(!error.description.contains("after the edit") && !error.description.contains("sign in to"))
        #expect(try entries() == before && store.account(named: "me").stopReason == nil)

        let later = Moment(milliseconds: moment.now.milliseconds + 120_000)
        let again = try planned(at: later)
        #expect(again.request.cursor == walk.request.cursor && again.purpose == walk.purpose)
        #expect(try take(Fixture.answer(200, "messages-page.json"), for: again, at: later) == nil)
        #expect(try entries().map(\.text) == before.map(\.text))
    }

    @Test func `a message of an unknown type is kept with its name and counts as nobody's word`() throws {
        try take(Fixture.answer(200, "messages-unknown-type.json"), for: planned(at: moment), at: moment)
        let entry = try #require(try entries().first)
        #expect(entry.kind == .unknown("pollCreated") && entry.text == "Where to?")
        #expect(entry.serviceData?.contains("hills") == true)
        #expect(try store.account("me").conversation(conversation).get().unread == 0)
        #expect(try store.account("me").rejects().get().isEmpty)
    }

    @Test func `one malformed item holds its place and the others are there`() throws {
        try take(Fixture.answer(200, "messages-malformed-item.json"), for: planned(at: moment), at: moment)
        let shown = try entries()
        #expect(shown.map(\.text) == ["first", nil, "third"] && shown[1].kind == .unreadable)
        let reject = try #require(try store.account("me").rejects().get().first)
        #expect(reject.remoteID == "1704164646200" && reject.reason == "The message's version is no whole number.")
        #expect(!reject.reason.contains("private"))
        #expect(try store.account("me").conversation(conversation).get().unread == 2)
    }

    @Test func `a link to another host is never followed, and the walk begins anew`() throws {
        try take(Fixture.answer(200, "messages-link-elsewhere.json"), for: planned(at: moment), at: moment)
        #expect(try entries().map(\.text) == ["newest"])
        let reads = try store.planReads(scope, moment, busy: [], limit: 100).reads
        let backfill = try #require(reads.first { $0.purpose == .backfill })
        #expect(backfill.request.cursor?.rawValue.contains("evil.example") == true)
        let refused = #expect(throws: ServiceError.self) { try wire.request(for: backfill.request) }
        let error = try #require(refused)
        #expect(error.code == .untrustedCursor && error.certainty == .notApplied)

        var generator = SystemRandomNumberGenerator()
        #expect(try store.fail(error, of: backfill, scope, moment, using: &generator) == .nothing)
        let later = Moment(milliseconds: moment.now.milliseconds + 120_000)
        let again = try planned(at: later)
        #expect(again.request.cursor == nil && again.request.subject == backfill.request.subject)
        #expect(try entries().map(\.text) == ["newest"])
    }

    @Test func `a message of three megabytes is stored and shown whole`() throws {
        let text = String(repeating: "ä\\\"", count: 750_001)
        let item =
            #"{"id":"1704164646300","type":"text","sequenceId":"1","version":"1704164646300","content":{"message":"\#(text)"}}"#
        #expect(item.utf8.count > 3_000_000)
        try take(.json(200, #"{"value":[\#(item)]}"#), for: planned(at: moment), at: moment)
        #expect(try entries().first?.text?.count == 1_500_002)
    }

    @Test func `of a malformed item of three megabytes a bounded part is kept`() throws {
        let blob = String(repeating: "x", count: 3_000_000)
        let item = #"{"id":"1704164646300","type":"text","sequenceId":"1","version":"?","content":{"message":"\#(blob)"}}"#
        try take(.json(200, #"{"value":[\#(item)]}"#), for: planned(at: moment), at: moment)
        #expect(try store.account("me").rejects().get().map(\.size) == [Reject.maximumRawBytes])
        #expect(try entries().map(\.kind) == [.unreadable])
    }

    @Test func `what was set aside is decoded again from its own bytes, unless they were cut`() throws {
        let read = try planned(at: moment)
        let page = try wire.page(of: Fixture.answer(200, "messages-page.json"), for: read.request)
        let json = try JSONValue(reading: Fixture.text("messages-page.json"))
        let items = (json["value"]?.elements ?? []).compactMap { wire.item($0.bytes, of: read.request.subject) }
        guard case .messages(let messages) = page.items else { return #expect(Bool(false), "The page has no messages.") }
        #expect(items == messages.map { .messages([$0]) })
        #expect(try wire.item(Fixture.bytes("messages-truncated.json"), of: read.request.subject) == nil)
        #expect(wire.item(Array(#"{"id":"9","type":"text"}"#.utf8), of: read.request.subject) == nil)
        #expect(wire.item([], of: .participants(in: Example.thread)) == nil)
    }
}
