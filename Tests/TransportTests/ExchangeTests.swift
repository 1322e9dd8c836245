#if NIO
import HTTPTypes
import NIOHTTP1
import Testing
import TidemarkModel

/// What a transport carries when everything works.
@Suite(.timeLimit(.minutes(1)))
struct ExchangeTests {
    @Test(arguments: TransportKind.allCases, [HTTPRequest.Method.post, .put, .patch, .delete])
    func `a method, its fields and its body arrive, and the answer's come back`(
        _ kind: TransportKind, _ method: HTTPRequest.Method
    ) async throws {
        let server = try await LoopbackServer()
        let body = [UInt8](0...255)
        var request = HTTPRequest(method, "/echo", port: server.port)
        request.headerFields[.contentType] = "application/merge-patch+json"
        request.headerFields[.authorization] = "Bearer abc"
        let response = try await kind.with { try await $0.send(request, body: body, limits: HTTPLimits()) }
        #expect(response.head.status.code == 200)
        #expect(response.body == body)
        #expect(response.head.headerFields.first { $0.name.canonicalName == "x-answer" }?.value == "yes")
        let arrival = try #require(server.seen.arrivals.first)
        #expect(arrival.method == method.rawValue)
        #expect(arrival.body == body)
        #expect(arrival.headers["authorization"] == ["Bearer abc"])
        #expect(arrival.headers["content-type"] == ["application/merge-patch+json"])
        #expect(arrival.headers["content-length"] == ["256"])
        try await server.close()
    }

    @Test(arguments: TransportKind.allCases, [HTTPRequest.Method.get, .post, .delete, .patch, .head])
    func `a request without a body arrives without one`(_ kind: TransportKind, _ method: HTTPRequest.Method) async throws {
        let server = try await LoopbackServer()
        let request = HTTPRequest(method, "/echo", port: server.port)
        let response = try await kind.with { try await $0.send(request, body: [], limits: HTTPLimits()) }
        #expect(response.head.status.code == 200)
        #expect(response.body.isEmpty)
        let arrival = try #require(server.seen.arrivals.first)
        #expect(arrival.method == method.rawValue)
        #expect(arrival.body.isEmpty)
        try await server.close()
    }

    @Test(
        arguments: TransportKind.allCases,
        [
            "/chat/threads/19%3AxX_-%40thread.v2/messages?maxPageSize=20&startTime=2026-01-02T03%3A04%3A05Z&api-version=1",
            "/a//b/c;d=e?x=%2F%3F&y=%E2%82%AC&z=a+b&w=;,:@$!'()*", "/?", "/?q=%25",
        ])
    func `an address arrives as it was given`(_ kind: TransportKind, _ target: String) async throws {
        let server = try await LoopbackServer()
        let request = HTTPRequest(.get, target, port: server.port)
        _ = try await kind.with { try await $0.send(request, body: [], limits: HTTPLimits()) }
        #expect(server.seen.arrivals.map(\.target) == [target])
        try await server.close()
    }

    @Test(arguments: TransportKind.allCases, [204, 304])
    func `an answer without a body is empty`(_ kind: TransportKind, _ status: Int) async throws {
        let server = try await LoopbackServer()
        let request = HTTPRequest(.get, "/\(status)", port: server.port)
        let response = try await kind.with { try await $0.send(request, body: [], limits: HTTPLimits()) }
        #expect(response.head.status.code == status)
        #expect(response.body.isEmpty)
        try await server.close()
    }

    @Test(arguments: TransportKind.allCases)
    func `a refusal is an answer with its fields and its body`(_ kind: TransportKind) async throws {
        let server = try await LoopbackServer()
        let request = HTTPRequest(.post, "/503", port: server.port)
        let response = try await kind.with { try await $0.send(request, body: [1], limits: HTTPLimits()) }
        #expect(response.head.status.code == 503)
        #expect(response.head.headerFields[.retryAfter] == "7")
        #expect(response.body == Array("busy".utf8))
        #expect(server.seen.arrivals.count == 1)
        try await server.close()
    }

    @Test(arguments: TransportKind.allCases)
    func `an answer that a server would compress can be read`(_ kind: TransportKind) async throws {
        let server = try await LoopbackServer()
        let request = HTTPRequest(.get, "/gzip", port: server.port)
        let response = try await kind.with { try await $0.send(request, body: [], limits: HTTPLimits()) }
        #expect(response.body == Array("compressed".utf8))
        try await server.close()
    }

    @Test(arguments: TransportKind.allCases)
    func `a large body goes and comes whole`(_ kind: TransportKind) async throws {
        let server = try await LoopbackServer()
        let body = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let request = HTTPRequest(.post, "/echo", port: server.port)
        let response = try await kind.with { try await $0.send(request, body: body, limits: HTTPLimits()) }
        #expect(response.body == body)
        #expect(server.seen.arrivals.count == 1)
        try await server.close()
    }

    @Test(arguments: TransportKind.allCases)
    func `fifty requests at once each get their own answer`(_ kind: TransportKind) async throws {
        let server = try await LoopbackServer()
        let answers = try await kind.with { transport in
            try await withThrowingTaskGroup(of: (Int, [UInt8]).self) { group in
                for number in 0..<50 {
                    group.addTask {
                        let request = HTTPRequest(.post, "/echo?\(number)", port: server.port)
                        let response = try await transport.send(request, body: Array("\(number)".utf8), limits: HTTPLimits())
                        return (number, response.body)
                    }
                }
                return try await group.reduce(into: [Int: [UInt8]]()) { $0[$1.0] = $1.1 }
            }
        }
        #expect(answers == Dictionary(uniqueKeysWithValues: (0..<50).map { ($0, Array("\($0)".utf8)) }))
        #expect(server.seen.arrivals.count == 50)
        try await server.close()
    }

    @Test(arguments: TransportKind.allCases)
    func `a connection is used again where that repeats nothing`(_ kind: TransportKind) async throws {
        let server = try await LoopbackServer()
        try await kind.with { transport in
            for _ in 0..<3 {
                _ = try await transport.send(HTTPRequest(.post, "/echo", port: server.port), body: [1], limits: HTTPLimits())
            }
        }
        #expect(server.seen.connections == (kind.keepsConnections ? 1 : 3))
        try await server.close()
    }
}
#endif
