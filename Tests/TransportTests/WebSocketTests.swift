#if NIO
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOWebSocket
import Testing
import TidemarkModel

@testable import TidemarkAsyncHTTPClient

/// One open WebSocket, and how it ends.
@Suite(.timeLimit(.minutes(1)))
struct WebSocketTests {
    private let transport = NIOWebSocketTransport()

    private func connect(
        _ server: WebSocketServer, _ path: String, _ limits: WebSocketLimits = WebSocketLimits()
    ) async throws -> any WebSocketConnection {
        try await transport.connect(HTTPRequest(.get, path, port: server.port), limits: limits)
    }

    @Test func `text goes both ways, masked anew in each frame`() async throws {
        let server = try await WebSocketServer()
        let connection = try await connect(server, "/echo?token=a%2Bb&x=1")
        var frames = server.frames.makeAsyncIterator()
        var masks: Set<[UInt8]> = []
        for text in ["hello", "", "žluťoučký kůň 👋", "four"] {
            try await connection.send(text)
            #expect(try await connection.receive() == text)
            let frame = try #require(await frames.next())
            #expect(frame.text == text)
            #expect(frame.mask.count == 4)
            masks.insert(frame.mask)
        }
        #expect(masks.count > 1)
        #expect(server.heads.map(\.uri) == ["/echo?token=a%2Bb&x=1"])
        #expect(server.heads.first?.headers["host"] == ["127.0.0.1:\(server.port)"])
        await connection.close()
        try await server.close()
    }

    @Test func `a request's own fields go along`() async throws {
        let server = try await WebSocketServer()
        var request = HTTPRequest(.get, "/echo", port: server.port)
        request.headerFields[.userAgent] = "tidemark"
        request.headerFields[try #require(HTTPField.Name("Host"))] = "elsewhere"
        let connection = try await transport.connect(request, limits: WebSocketLimits())
        #expect(server.heads.first?.headers["user-agent"] == ["tidemark"])
        #expect(server.heads.first?.headers["host"] == ["127.0.0.1:\(server.port)"])
        await connection.close()
        try await server.close()
    }

    @Test(arguments: [16_385, 70_000, 300_000])
    func `a large message goes both ways`(_ size: Int) async throws {
        let server = try await WebSocketServer()
        let connection = try await connect(server, "/echo")
        let text = String(repeating: "é", count: size / 2)
        try await connection.send(text)
        #expect(try await connection.receive() == text)
        await connection.close()
        try await server.close()
    }

    @Test func `fragments are put together, and a ping between them is answered`() async throws {
        let server = try await WebSocketServer()
        let connection = try await connect(server, "/fragments")
        #expect(try await connection.receive() == String(repeating: "f", count: 300_000))
        var frames = server.frames.makeAsyncIterator()
        let pong = try #require(await frames.next())
        #expect(pong.opcode == .pong && pong.text == "between" && pong.mask.count == 4)
        await connection.close()
        try await server.close()
    }

    @Test func `a frame above NIO's own limit is received`() async throws {
        let server = try await WebSocketServer()
        let connection = try await connect(server, "/large")
        #expect(try await connection.receive()?.utf8.count == 100_000)
        await connection.close()
        try await server.close()
    }

    @Test func `a ping is answered while nobody receives`() async throws {
        let server = try await WebSocketServer()
        let connection = try await connect(server, "/ping")
        var frames = server.frames.makeAsyncIterator()
        let pong = try #require(await frames.next())
        #expect(pong.opcode == .pong && pong.text == "are you there")
        await connection.close()
        try await server.close()
    }

    @Test func `binary messages are passed over`() async throws {
        let server = try await WebSocketServer()
        let connection = try await connect(server, "/binary")
        #expect(try await connection.receive() == "text")
        await connection.close()
        try await server.close()
    }

    @Test func `the other side's goodbye comes after its messages and is answered`() async throws {
        let server = try await WebSocketServer()
        let connection = try await connect(server, "/goodbye")
        #expect(try await connection.receive() == "last")
        #expect(try await connection.receive() == nil)
        #expect(try await connection.receive() == nil)
        var frames = server.frames.makeAsyncIterator()
        let answer = try #require(await frames.next())
        #expect(answer.opcode == .connectionClose)
        #expect(answer.bytes == [0x03, 0xE9])
        try await server.close()
    }

    @Test func `our goodbye is told, and nothing is sent or received after it`() async throws {
        let server = try await WebSocketServer()
        let connection = try await connect(server, "/large")
        await connection.close()
        await connection.close()
        #expect(try await connection.receive() == nil)
        await #expect(throws: TransportError(.connectionLost, requestMayHaveArrived: false)) {
            try await connection.send("late")
        }
        var frames = server.frames.makeAsyncIterator()
        let goodbye = try #require(await frames.next())
        #expect(goodbye.opcode == .connectionClose)
        #expect(goodbye.bytes == [0x03, 0xE8])
        var closed = server.closed.makeAsyncIterator()
        #expect(await closed.next() == 1)
        try await server.close()
    }

    @Test func `a connection that is cut without a word is lost, after its messages`() async throws {
        let server = try await WebSocketServer()
        let connection = try await connect(server, "/echo")
        try await connection.send("cut")
        #expect(try await connection.receive() == "cut")
        for _ in 0..<2 {
            await #expect(throws: TransportError(.connectionLost, requestMayHaveArrived: true)) {
                try await connection.receive()
            }
        }
        try await server.close()
    }

    @Test func `a connection that is dropped is cut`() async throws {
        let server = try await WebSocketServer()
        _ = try await connect(server, "/echo")
        var closed = server.closed.makeAsyncIterator()
        #expect(await closed.next() == 1)
        try await server.close()
    }

    @Test(arguments: ["/beyond", "/beyond-at-once"])
    func `a message above the limit ends the connection, after those before it`(_ path: String) async throws {
        let server = try await WebSocketServer()
        let connection = try await connect(server, path, WebSocketLimits(maximumMessageBytes: 4_999))
        #expect(try await connection.receive() == "first")
        await #expect(throws: TransportError(.responseTooLarge, requestMayHaveArrived: true)) {
            try await connection.receive()
        }
        var closed = server.closed.makeAsyncIterator()
        #expect(await closed.next() == 1)
        try await server.close()
    }

    @Test(arguments: ["/beyond", "/beyond-at-once"])
    func `a message at the limit is received`(_ path: String) async throws {
        let server = try await WebSocketServer()
        let connection = try await connect(server, path, WebSocketLimits(maximumMessageBytes: 5_000))
        #expect(try await connection.receive() == "first")
        #expect(try await connection.receive()?.utf8.count == 5_000)
        await connection.close()
        try await server.close()
    }

    @Test(arguments: [
        ("81ff7fffffffffffffff", "responseTooLarge"),  // a frame of 2^63 bytes
        ("81ffffffffffffffffff", "responseTooLarge"), ("c10161", "connectionLost"),  // a reserved bit
        ("8181000000006161", "connectionLost"),  // masked
        ("800161", "connectionLost"),  // goes on with nothing
        ("01016181016200", "connectionLost"),  // begins again in the middle
        ("8102c328", "connectionLost"),  // no UTF-8
        ("0900", "connectionLost"), ("89fe0080", "connectionLost"),  // control frames in pieces, and too long
        ("8300", "connectionLost"), ("8f00", "connectionLost"),  // opcodes that nobody knows
    ])
    func `what breaks the protocol ends the connection`(_ bytes: String, _ code: String) async throws {
        let server = try await WebSocketServer()
        let connection = try await connect(server, "/raw/\(bytes)")
        await #expect(throws: TransportError(.init(rawValue: code), requestMayHaveArrived: true)) {
            try await connection.receive()
        }
        var closed = server.closed.makeAsyncIterator()
        #expect(await closed.next() == 1)
        try await server.close()
    }

    @Test func `a slow consumer of thousands of messages gets all of them, and few wait for it`() async throws {
        let server = try await WebSocketServer()
        let connection = try await connect(server, "/flood", WebSocketLimits(maximumWaitingMessages: 16))
        let inbox = try #require(connection as? NIOWebSocketConnection).inbox
        var most = 0
        for number in 0..<WebSocketBehaviour.floodCount {
            // Each of them gives the loop time to read on.
            if number % 4 == 0 { try await connection.send("slow") }
            most = max(most, inbox.count)
            let text = try #require(try await connection.receive())
            #expect(text == "\(number) \(WebSocketBehaviour.pad)")
        }
        // The limit, and what the reads brought that were under way when it was reached.
        #expect(most >= 16 && most < 16 + 4 * 66)
        await connection.close()
        try await server.close()
    }
}
#endif
