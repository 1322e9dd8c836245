#if Tools
import NIOCore
import NIOPosix
import Testing
import TidemarkModel
@testable import TidemarkSimulator

/// A WebSocket by hand, after RFC 6455: it shares nothing with the server's codec.
struct AvayaSocketClient {
    struct Frame: Equatable {
        var isFinal: Bool
        var opcode: UInt8
        var payload: [UInt8]
    }

    struct Ended: Error {}

    private typealias Channel = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private var read: [UInt8] = []
    /// How many fragments the last text came in.
    private(set) var fragments = 0

    /// Opens a TCP connection and lets `body` speak.
    static func connect(_ url: String, _ body: (inout AvayaSocketClient) async throws -> Void) async throws {
        let port = try #require(Int(url.split(separator: ":").last ?? ""))
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture { try Channel(wrappingChannelSynchronously: channel) }
            }
        try await channel.executeThenClose { inbound, outbound in
            var client = AvayaSocketClient(outbound: outbound, inbound: inbound.makeAsyncIterator())
            try await body(&client)
        }
    }

    /// As somebody in the namespace, subscribed to a space.
    static func join(
        _ url: String, _ token: String, _ space: String, _ body: (inout AvayaSocketClient) async throws -> Void
    ) async throws {
        try await connect(url) { client in
            let answer = try await client.upgrade("/socket.io/?token=\(token)&tokenType=jwt&EIO=3&transport=websocket")
            #expect(answer.hasPrefix("HTTP/1.1 101") && answer.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="))
            let first = [try await client.text(), try await client.text()]
            #expect(first[0].hasPrefix("0{") && first[1] == "40")
            try await client.send("40/chat")
            let entered = try await client.text()
            #expect(entered == "40/chat")
            try await client.send(AvayaBench.subscription(space))
            let subscribed = try await client.text()
            #expect(subscribed.hasPrefix(#"42/chat,["CHANNEL_SUBSCRIBED""#))
            try await body(&client)
        }
    }

    private init(
        outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    ) {
        self.outbound = outbound
        self.inbound = inbound
    }

    // MARK: Writing

    /// Asks for a socket, with the sample key of the RFC; gives the answer's head.
    mutating func upgrade(_ target: String) async throws -> String {
        try await request(
            target,
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")
    }

    mutating func request(_ target: String, _ fields: String = "") async throws -> String {
        try await outbound.write(ByteBuffer(string: "GET \(target) HTTP/1.1\r\nHost: 127.0.0.1\r\n\(fields)\r\n"))
        let end = Array("\r\n\r\n".utf8)
        while true {
            if let index = read.indices.dropLast(3).first(where: { Array(read[$0..<$0 + 4]) == end }) {
                let head = String(decoding: read[..<index], as: UTF8.self)
                read.removeFirst(index + 4)
                return head
            }
            try await fill()
        }
    }

    func send(_ text: String) async throws { try await send(Frame(isFinal: true, opcode: 1, payload: Array(text.utf8))) }

    /// A masked frame, as a client's must be.
    func send(_ frame: Frame) async throws {
        var bytes: [UInt8] = [(frame.isFinal ? 0x80 : 0) | frame.opcode]
        let count = frame.payload.count
        if count < 126 {
            bytes.append(0x80 | UInt8(count))
        } else if count < 65_536 {
            bytes += [0x80 | 126, UInt8(count >> 8), UInt8(count & 255)]
        } else {
            bytes.append(0x80 | 127)
            bytes += (0..<8).map { UInt8(truncatingIfNeeded: count >> (56 - 8 * $0)) }
        }
        let mask: [UInt8] = [1, 2, 3, 4]
        bytes += mask
        bytes += frame.payload.enumerated().map { $1 ^ mask[$0 % 4] }
        try await outbound.write(ByteBuffer(bytes: bytes))
    }

    // MARK: Reading

    private mutating func fill() async throws {
        guard let buffer = try await inbound.next() else { throw Ended() }
        read += buffer.readableBytesView
    }

    private mutating func take(_ count: Int) async throws -> [UInt8] {
        while read.count < count { try await fill() }
        defer { read.removeFirst(count) }
        return Array(read.prefix(count))
    }

    mutating func frame() async throws -> Frame {
        let head = try await take(2)
        var count = Int(head[1] & 0x7F)
        if count >= 126 {
            count = try await take(count == 126 ? 2 : 8).reduce(0) { $0 << 8 | Int($1) }
        }
        return Frame(isFinal: head[0] & 0x80 != 0, opcode: head[0] & 0x0F, payload: try await take(count))
    }

    /// The next text, put together from its fragments.
    mutating func text() async throws -> String {
        var payload: [UInt8] = []
        fragments = 0
        while true {
            let next = try await frame()
            fragments += 1
            #expect(next.opcode == (fragments == 1 ? 1 : 0))
            payload += next.payload
            if next.isFinal { return String(decoding: payload, as: UTF8.self) }
        }
    }

    /// What comes until the connection ends.
    mutating func rest() async throws -> [Frame] {
        var frames: [Frame] = []
        while true {
            do {
                frames.append(try await frame())
            } catch {
                // Its end, or a reset: what was sent after it was not read.
                return frames
            }
        }
    }
}
#endif
