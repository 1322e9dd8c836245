import HTTPTypes
import Testing
import TidemarkAvaya
import TidemarkModel

/// The changes of several spaces in one request of the feed (wire page §4: `spacelist`, 1 to 15 ids).
struct TogetherTests {
    private static func request(_ spaces: [RemoteConversationID]) -> PageRequest {
        var request = PageRequest(.messages(in: spaces[0]), startTime: Example.start)
        request.furtherConversations = Array(spaces.dropFirst())
        return request
    }

    private static let both = request([Example.space, Example.otherSpace])

    private func page(_ items: [String], _ more: String = "") throws -> Page {
        let body = #"{"data":[\#(items.joined(separator: ","))]\#(more)}"#
        return try Example.wire().page(of: .json(200, body), for: Self.both)
    }

    private func item(_ id: RemoteMessageID, of space: RemoteConversationID?, more: String = "") throws -> String {
        let named = "\"topicId\":\"\(Example.space.rawValue)\","
        return try Example.message(id, more: more).replacing(named, with: space.map { "\"topicId\":\"\($0.rawValue)\"," } ?? "")
    }

    @Test func `the spaces are asked for with commas, since one time`() throws {
        let request = try Example.wire().request(for: Self.both)
        let (space, other) = (Example.space.rawValue, Example.otherSpace.rawValue)
        #expect(
            request.line
                == "GET /api/users/me/messages?spacelist=\(space),\(other)&size=50&includedeleted=true&after=1699999999999"
                || request.line
                    == "GET /api/users/me/messages?spacelist=\(space)%2C\(other)&size=50&includedeleted=true&after=1699999999999"
        )
    }

    @Test func `more spaces than a request takes are refused before anything leaves`() throws {
        let most = ServiceTraits.avaya().conversationsPerFeed
        #expect(most == 15)
        func spaces(_ count: Int) -> [RemoteConversationID] { (1...count).map { RemoteConversationID("space\($0)") } }
        let wire = try Example.wire()
        _ = try wire.request(for: Self.request(spaces(most)))
        let error = #expect(throws: ServiceError.self) { try wire.request(for: Self.request(spaces(most + 1))) }
        #expect(error?.code == .invalid && error?.certainty == .notApplied)
    }

    @Test func `no password of one space goes along where others are asked for too`() throws {
        let wire = try Example.wire(passwords: [Example.space: "secret"])
        let together = try wire.request(for: Self.both)
        let alone = try wire.request(for: Self.request([Example.space]))
        #expect(!together.head.headerFields.contains { $0.value == "secret" })
        #expect(alone.head.headerFields.contains { $0.value == "secret" })
    }

    @Test func `each item is its space's, and one of a space that was not asked for is passed over`() throws {
        let page = try page([
            item("a1", of: Example.space), item("b1", of: Example.otherSpace), item("c1", of: "5f2276a8fe5c16664f01c5c0"),
            item("a2", of: Example.space, more: #","status":2"#),
        ])
        #expect(page.messages.map(\.id) == ["a1", "a2"])
        #expect(page.messages.map { $0.deletedAt != nil } == [false, true])
        #expect(page.furtherMessages.mapValues { $0.map(\.id) } == [Example.otherSpace: ["b1"]])
        #expect(page.rejects.isEmpty)
    }

    @Test func `an item that names no space could be anybody's and is set aside`() throws {
        let page = try page([item("a1", of: nil), item("b1", of: Example.otherSpace), #"{"_id":"x1"}"#])
        #expect(page.rejects.map(\.id) == ["a1", "x1"])
        #expect(page.messages.isEmpty && page.furtherMessages[Example.otherSpace]?.count == 1)
    }

    @Test func `an item that can't be read is set aside`() throws {
        let broken = #"{"category":"chat","topicId":"\#(Example.otherSpace.rawValue)"}"#
        let page = try page([broken, item("a1", of: Example.space)])
        #expect(page.rejects.count == 1 && page.messages.count == 1)
    }

    @Test func `it tells that there is more`() throws {
        #expect(try page([], #","nextPageUrl":"/api/users/me/messages?pageToken=2""#).next != nil)
        #expect(try page([]).next == nil)
    }
}
