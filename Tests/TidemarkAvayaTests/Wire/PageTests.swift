import HTTPTypes
import Testing
import TidemarkAvaya
import TidemarkModel

/// Listings: their two shapes, their links and their ends.
struct PageTests {
    private static let messages = PageRequest(.messages(in: Example.space))

    private func page(_ body: String, _ request: PageRequest = messages, date: String? = nil) throws -> Page {
        try Example.wire().page(of: .json(200, body, date.map { [("Date", $0)] } ?? []), for: request)
    }

    @Test func `a listing is read under data or bare`() throws {
        let item = try Example.message()
        for body in [#"{"data":[\#(item)]}"#, "[\(item)]", #"{"data":{"data":[\#(item)]}}"#] {
            #expect(try page(body).messages.map(\.id) == [Example.message])
        }
    }

    @Test(arguments: [#"{}"#, #"{"data":7}"#, #""x""#, "", "<html>", #"{"data":["#])
    func `what is no listing is not taken for an empty one`(body: String) throws {
        let error = #expect(throws: ServiceError.self) { try page(body) }
        #expect(error?.code == .unreadable && error?.certainty == .notApplied)
    }

    @Test func `a sign-in page is no answer`() throws {
        let wire = try Example.wire()
        let error = #expect(throws: ServiceError.self) { try wire.page(of: .html(200), for: Self.messages) }
        #expect(error?.code == .unreadable)
    }

    @Test func `total is not the total`() throws {
        let body = #"{"data":[\#(try Example.message())],"total":1,"nextPageUrl":"/api/spaces/x/messages/query?b=2"}"#
        #expect(try page(body).next == "/api/spaces/x/messages/query?b=2")
        #expect(try page(#"{"data":[\#(try Example.message())],"total":5000}"#).next == nil)
    }

    @Test(arguments: [#""""#, #""end""#, #""END""#, #"" ""#, "null"])
    func `a listing ends where its link does`(link: String) throws {
        #expect(try page(#"{"data":[],"nextPageUrl":\#(link)}"#).next == nil)
    }

    @Test(arguments: ["7", "{}", "[]", "true"])
    func `a broken link is not the end`(link: String) throws {
        let error = #expect(throws: ServiceError.self) { try page(#"{"data":[],"nextPageUrl":\#(link)}"#) }
        #expect(error?.code == .unreadable)
    }

    @Test func `a page knows the server's time and its size`() throws {
        let page = try page(#"{"data":[]}"#, date: "Tue, 02 Jan 2024 03:04:10 GMT")
        #expect(page.serverDate == Timestamp(rfc3339: "2024-01-02T03:04:10Z") && page.bytes == 11)
    }

    @Test func `a cursor of the feed is read as the feed`() throws {
        let deleted = try Example.message(more: #","status":1"#)
        let feed = PageRequest(.messages(in: Example.space), cursor: "/api/users/me/messages?spacelist=x&pageToken=2")
        #expect(try page(#"{"data":[\#(deleted)]}"#, feed).messages.first?.deletedAt != nil)
        let history = PageRequest(
            .messages(in: Example.space), startTime: Example.start, cursor: "/api/spaces/x/messages/query?nextRefObjId=2")
        #expect(try page(#"{"data":[\#(deleted)]}"#, history).messages.first?.deletedAt == nil)
    }

    @Test func `a space has its title, when it was read, and what else it tells`() throws {
        let body = #"""
            {"data":[{"_id":"s-1","title":"Trip","type":"group","status":1,"created":"2020-01-01T00:00:00.000Z",\#
            "unreadMessagesCount":3,"messagesLastReadTime":"2020-08-05T11:54:33.290Z",\#
            "restrict":["deny_guest_access_history_msg"],"cid":"c-1"},{"_id":"s-2","type":"direct"},{"title":"no id"}]}
            """#
        let page = try page(body, PageRequest(.conversations))
        let trip = try #require(page.conversations.first)
        #expect(trip.id == "s-1" && trip.topic == "Trip" && trip.createdAt == Timestamp(rfc3339: "2020-01-01T00:00:00Z"))
        #expect(trip.readUpTo == Timestamp(rfc3339: "2020-08-05T11:54:33.290Z"))
        // An archived space is no deleted one.
        #expect(trip.deletedAt == nil)
        let data = try JSONValue(reading: try #require(trip.serviceData))
        #expect(data["unreadMessagesCount"]?.integer == 3 && data["cid"]?.text == "c-1" && data["status"]?.integer == 1)
        #expect(page.conversations.last?.topic == nil && page.rejects.count == 1)
    }

    @Test func `one space is read bare or under data, and another one is passed over`() throws {
        let request = PageRequest(.conversation("s-1"))
        for body in [
            #"{"_id":"s-1","title":"T"}"#, #"{"data":{"_id":"s-1","title":"T"}}"#, #"{"data":[{"_id":"s-1","title":"T"}]}"#,
        ] {
            #expect(try page(body, request).conversations.first?.topic == "T")
        }
        #expect(try page(#"{"_id":"s-2"}"#, request).conversations.isEmpty)
        #expect(try page(#"{"title":"T"}"#, request).rejects.count == 1)
    }

    @Test func `a deleted space says so by a flag or a stamp`() throws {
        let request = PageRequest(.conversation("s-1"))
        let flagged = try page(#"{"_id":"s-1","deleted":true,"modified":"2020-08-05T11:54:33.290Z"}"#, request)
        #expect(flagged.conversations.first?.deletedAt == Timestamp(rfc3339: "2020-08-05T11:54:33.290Z"))
        let stamped = try page(#"{"_id":"s-1","deletedTime":"2020-08-05T11:54:33.290Z"}"#, request)
        #expect(stamped.conversations.first?.deletedAt != nil)
        #expect(try page(#"{"_id":"s-1"}"#, request).conversations.first?.deletedAt == nil)
    }

    @Test func `members have their names and roles`() throws {
        let body = #"""
            {"data":[{"member":"u-1","memberType":"userId","role":"admin","displayname":"Ann","joinTime":"2020-01-01T00:00:00Z"},\#
            {"member":{"_id":"u-2","displayname":"Bob"},"role":"guest"},{"memberId":"u-3","username":"eve@example.com"},{}]}
            """#
        let page = try page(body, PageRequest(.participants(in: Example.space)))
        #expect(page.participants.map(\.id) == ["u-1", "u-2", "u-3"])
        #expect(page.participants.map(\.displayName) == ["Ann", "Bob", "eve@example.com"])
        #expect(page.participants.map(\.role) == ["admin", "guest", nil] && page.rejects.count == 1)
    }

    /// What a service that lists members by `size` and `page`, with or without links, answers.
    private static func members(_ path: String, of all: [String], links: Bool) -> String {
        let numbers = path.split(separator: "?").last.map { query in
            query.split(separator: "&").compactMap { $0.split(separator: "=").last.flatMap { Int($0) } }
        }
        guard let numbers, numbers.count == 2 else { return "{}" }
        let items = all.dropFirst(numbers[0] * numbers[1]).prefix(numbers[0])
        let more = all.count > numbers[0] * (numbers[1] + 1)
        let link = links && more ? #","nextPageUrl":"/api/spaces/x/members?size=\#(numbers[0])&page=\#(numbers[1] + 1)""# : ""
        return #"{"data":[\#(items.map { #"{"member":"\#($0)"}"# }.joined(separator: ","))]\#(link)}"#
    }

    @Test(arguments: [0, 1, 2, 29, 30, 31, 59, 60, 109, 110, 500], [true, false])
    func `members read by offset overlap and miss nobody`(count: Int, links: Bool) throws {
        let wire = try Example.wire()
        let all = (0..<count).map { "u-\($0)" }
        var read: [String] = []
        var isComplete = false
        for _ in 0..<200 where !isComplete {
            // As the engine reads: each page begins with the last one that is known.
            let request = PageRequest(.participants(in: Example.space), resultsPerPage: 30, skip: max(0, read.count - 1))
            let path = try #require(try wire.request(for: request).head.path)
            let page = try wire.page(of: .json(200, Self.members(path, of: all, links: links)), for: request)
            let ids = page.participants.map(\.id.rawValue)
            if !read.isEmpty { try #require(ids.first == read.last) }
            let new = ids.dropFirst(read.isEmpty ? 0 : 1)
            isComplete = page.next == nil
            if !isComplete, !read.isEmpty { try #require(!new.isEmpty || ids.count == 1) }
            read += new
            if new.isEmpty { isComplete = true }
        }
        #expect(read == all)
    }
}
