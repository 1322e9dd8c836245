import HTTPTypes
import Testing
import TidemarkAvaya
import TidemarkModel

/// Links of listings: followed as they came, and to nobody else.
struct LinkTests {
    private static let messages = PageRequest(.messages(in: "s-1"))

    private func next(_ link: String, at endpoint: String = "https://spaces.example") throws -> Cursor? {
        try Example.wire(at: endpoint).page(of: .json(200, #"{"data":[],"nextPageUrl":"\#(link)"}"#), for: Self.messages).next
    }

    @Test(arguments: [
        ("https://spaces.example/api/spaces/s-1/messages/query?a=%2F&b", "/api/spaces/s-1/messages/query?a=%2F&b"),
        ("https://SPACES.example:443/api/x?y", "/api/x?y"),
        ("/api/users/me/messages?pageToken=2", "/api/users/me/messages?pageToken=2"),
        ("/users/me/messages?pageToken=2", "/api/users/me/messages?pageToken=2"),
        ("api/users/me/messages?pageToken=2", "/api/users/me/messages?pageToken=2"),
        ("?nextRefObjId=5", "/api/spaces/s-1/messages/query?nextRefObjId=5"),
        ("query?nextRefObjId=5", "/api/spaces/s-1/messages/query?nextRefObjId=5"),
    ])
    func `a link is followed, a relative one from where it stood`(link: String, path: String) throws {
        let cursor = try #require(try next(link))
        let request = try Example.wire().request(for: PageRequest(.messages(in: "s-1"), cursor: cursor))
        #expect(request.line == "GET \(path)" && request.head.authority == "spaces.example")
    }

    @Test func `a service below a path keeps its links there`() throws {
        let cursor = try #require(try next("/users/me/messages?x=1", at: "https://h.example/below/api"))
        let wire = try Example.wire(at: "https://h.example/below/api")
        #expect(
            try wire.request(for: PageRequest(.conversations, cursor: cursor)).head.path == "/below/api/users/me/messages?x=1")
    }

    @Test(arguments: [
        "https://evil.example/api/x", "http://spaces.example/api/x", "//evil.example/api/x",
        "https://spaces.example@evil.example/api/x",
        "https://spaces.example:444/api/x", "https://spaces.example/other/x", "/api/../admin", "/api/%2e%2e/admin",
        "ftp://spaces.example/api/x",
        "https://spaces.example.evil.example/api/x", "/api/x#y",
    ])
    func `a link to somewhere else is not followed`(link: String) throws {
        let wire = try Example.wire()
        let cursor = Cursor(link)
        let error = #expect(throws: ServiceError.self) {
            try wire.request(for: PageRequest(.messages(in: "s-1"), cursor: cursor))
        }
        #expect(error?.code == .untrustedCursor && error?.certainty == .notApplied)
        // Nor is what a page makes of it.
        let made = try #require(try next(link))
        if link.contains("://") || link.hasPrefix("//") {
            #expect(throws: ServiceError.self) { try wire.request(for: PageRequest(.messages(in: "s-1"), cursor: made)) }
        }
    }

    @Test func `no secret stays in a cursor`() throws {
        #expect(try next("/api/x?token=SECRET&size=5&jwt=SECRET") == "/api/x?size=5")
        #expect(try next("https://spaces.example/api/x?access_token=SECRET") == "https://spaces.example/api/x")
        #expect(try next("/api/x?pageToken=5&tokens=1") == "/api/x?pageToken=5&tokens=1")
    }

    @Test func `a link that was under data counts`() throws {
        let body = #"{"data":{"data":[],"nextPageUrl":"/api/x?y"}}"#
        #expect(try Example.wire().page(of: .json(200, body), for: Self.messages).next == "/api/x?y")
    }
}
