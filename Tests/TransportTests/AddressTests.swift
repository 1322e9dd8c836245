#if NIO
import Foundation
import HTTPTypes
import Testing
import TidemarkAsyncHTTPClient
import TidemarkModel

/// Where a transport may go. A refused address opens no connection.
@Suite(.timeLimit(.minutes(1)))
struct AddressTests {
    // 127.0.0.2 is not among the names of this machine, and yet leads to this server: a connection would be seen.
    @Test(arguments: TransportKind.allCases)
    func `plain http to another host is refused before any connection`(_ kind: TransportKind) async throws {
        let server = try await LoopbackServer(host: "0.0.0.0")
        let request = HTTPRequest(.post, "/echo", port: server.port, host: "127.0.0.2")
        let failure = try await kind.with { await $0.failure(of: request, body: [1]) }
        #expect(failure == TransportError(.insecure, requestMayHaveArrived: false))
        #expect(server.seen.connections == 0)
        let allowed = try await kind.with(allowsPlainHTTP: true) { await $0.failure(of: request, body: [1]) }
        #expect(allowed == nil)
        #expect(server.seen.connections == 1)
        try await server.close()
    }

    @Test(arguments: [
        ("http", "localhost:80", "/"), ("http", "LOCALHOST", "/"), ("http", "127.0.0.1:8080", "/a?b=c"),
        ("HTTP", "[::1]:9", "/"), ("https", "contoso.communication.azure.com", "/chat/threads?api-version=1"),
    ])
    func `an address that is safe is taken`(_ scheme: String, _ authority: String, _ path: String) throws {
        let request = HTTPRequest(method: .get, scheme: scheme, authority: authority, path: path)
        let address = try ExchangeAddress(request, allowsPlainHTTP: false)
        #expect(address.url.absoluteString == "\(scheme.lowercased())://\(authority)\(path)")
    }

    @Test(arguments: [
        "example.com", "127.0.0.1.example.com", "localhost.example.com", "10.0.0.1:80", "0.0.0.0", "[::2]",
        "[::ffff:10.0.0.1]",
    ])
    func `plain http to another machine is insecure`(_ authority: String) {
        let request = HTTPRequest(method: .get, scheme: "http", authority: authority, path: "/")
        #expect(throws: TransportError(.insecure, requestMayHaveArrived: false)) {
            try ExchangeAddress(request, allowsPlainHTTP: false)
        }
    }

    @Test(arguments: [
        ("ftp", "localhost", "/"), ("", "localhost", "/"), ("https", "", "/"), ("https", "host", "path"),
        ("http", "localhost", ".example.com/"), ("http", "localhost", "@example.com/"), ("https", "user@host", "/"),
        ("http", "localhost@example.com", "/"), ("https", "host/path", "/"), ("https", "host:99999", "/"),
        ("https", "host:port", "/"), ("https", "host:0", "/"), ("https", "host", "/a b"), ("https", "host", "/a\r\nb"),
        ("https", "host", "/a#b"), ("https", "ho st", "/"), ("https", ":80", "/"),
    ])
    func `what is not one plain address is refused`(_ scheme: String, _ authority: String, _ path: String) {
        let request = HTTPRequest(method: .get, scheme: scheme, authority: authority, path: path)
        #expect(throws: TransportError(.invalidRequest, requestMayHaveArrived: false)) {
            try ExchangeAddress(request, allowsPlainHTTP: true)
        }
    }

    @Test func `a transport that was shut down sends nothing`() async throws {
        let server = try await LoopbackServer()
        let transport = AsyncHTTPClientTransport()
        await transport.shutdown()
        await transport.shutdown()
        let failure = await transport.failure(of: HTTPRequest(.post, "/echo", port: server.port), body: [1])
        #expect(failure == TransportError(.cancelled, requestMayHaveArrived: false))
        #expect(server.seen.connections == 0)
        try await server.close()
    }

    @Test func `a transport that is dropped closes its connections`() async throws {
        let server = try await LoopbackServer()
        let request = HTTPRequest(.get, "/echo", port: server.port)
        _ = try await AsyncHTTPClientTransport().send(request, body: [], limits: HTTPLimits())
        var closed = server.closed.makeAsyncIterator()
        #expect(await closed.next() == 1)
        try await server.close()
    }
}
#endif
