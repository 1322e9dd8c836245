import HTTPTypes
import Testing
import TidemarkAzure
import TidemarkModel

struct NextLinkTests {
    private static let page = PageRequest(.conversations, resultsPerPage: 7)

    @Test(arguments: [
        "https://contoso.communication.azure.com/chat/threads?syncState=W3s%3D&maxPageSize=2&api-version=2021-09-07",
        "https://CONTOSO.communication.azure.com:443/chat/threads/19:a@thread.v2/messages?startTime=1%2F1%2F1970%2012%3A00%3A00%20AM",
        "/chat/threads?skip=2",
    ])
    func `a link to the endpoint is followed as it came`(link: String) throws {
        var page = Self.page
        page.cursor = Cursor(link)
        let request = try Example.wire().request(for: page)
        #expect(link.hasSuffix(request.head.path ?? "-"))
        #expect(request.head.authority == "contoso.communication.azure.com" && request.head.scheme == "https")
    }

    @Test(arguments: [
        "https://evil.example/chat/threads?x=1",
        "https://contoso.communication.azure.com.evil.example/chat/threads",
        "https://contoso.communication.azure.com@evil.example/chat/threads",
        "https://evil.example#@contoso.communication.azure.com/chat/threads",
        "https://evil.example\\@contoso.communication.azure.com/chat/threads",
        "http://contoso.communication.azure.com/chat/threads",
        "https://contoso.communication.azure.com:8443/chat/threads",
        "https://contoso.communication.azure.com:x/chat/threads",
        "//evil.example/chat/threads",
        "https://contoso.communication.azure.com/identities",
        "https://contoso.communication.azure.com/chat/threads/../../identities",
        "https://contoso.communication.azure.com/chat/threads/%2E%2e/x",
        "https://contoso.communication.azure.com/chat/threads?a=b c",
        "https://contoso.communication.azure.com/chat/threads?a=\r\nHost: evil.example",
        "javascript:alert(1)", "sanitized",
    ])
    func `a link to anywhere else is not followed`(link: String) throws {
        var page = Self.page
        page.cursor = Cursor(link)
        let error = #expect(throws: ServiceError.self) { try Example.wire().request(for: page) }
        #expect(error?.code == .untrustedCursor && error?.certainty == .notApplied)
    }

    @Test func `plain http is followed only where the endpoint is plain http`() throws {
        let link = Cursor("http://127.0.0.1:8080/chat/threads?skip=1")
        #expect(try Example.wire(at: "http://127.0.0.1:8080").request(following: link).head.scheme == "http")
        #expect(throws: ServiceError.self) { try Example.wire(at: "https://127.0.0.1:8080").request(following: link) }
    }

    @Test func `the service never sends a request to a strange link`() async throws {
        let transport = ScriptedTransport(.json(200, #"{"value":[]}"#))
        let service = AzureChatService(
            endpoint: try Example.endpoint(), credential: .token("opaque"), transport: transport)
        var page = Self.page
        page.cursor = "https://evil.example/chat/threads"
        await #expect(throws: ServiceError.self) { try await service.page(page) }
        #expect(transport.sent.isEmpty)
    }
}
