#if Tools
import NIOCore
import NIOPosix
import Testing
import TidemarkModel
import TidemarkSimulatorServer
@testable import TidemarkSimulator

/// A participant at the hub: a socket and its lines.
struct HubClient {
    private typealias Channel = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private var lines = LiveKitHubLines(limit: 1 << 20)
    private var ready: [LiveKitHubLines.Line] = []

    /// Connects, lets `body` speak, and hangs up.
    static func connect(_ hub: String, _ body: (inout HubClient) async throws -> Void) async throws {
        let port = try #require(Int(hub.split(separator: ":").last ?? ""))
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture { try Channel(wrappingChannelSynchronously: channel) }
            }
        try await channel.executeThenClose { inbound, outbound in
            var client = HubClient(outbound: outbound, inbound: inbound.makeAsyncIterator())
            try await body(&client)
        }
    }

    /// As somebody who has joined.
    static func join(
        _ hub: String, _ identity: String, room: String = "lobby", _ body: (inout HubClient) async throws -> Void
    ) async throws {
        try await connect(hub) { client in
            try await client.send(#"{"room":"\#(room)","identity":"\#(identity)"}"#)
            let answer = try await client.next()
            #expect(answer["event"]?.text == "connected" && answer["identity"]?.text == identity)
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

    func send(_ line: String) async throws { try await send(Array((line + "\n").utf8)) }

    func send(_ bytes: [UInt8]) async throws { try await outbound.write(ByteBuffer(bytes: bytes)) }

    func publish(_ text: String, more: String = "") async throws {
        let payload = WireText.base64(Array(text.utf8))
        try await send(#"{"topic":"lk-chat-topic","payload_base64":"\#(payload)","identity":null\#(more)}"#)
    }

    /// The next line, waited for; throws at the end.
    mutating func next() async throws -> JSON {
        guard let json = try await nextUnlessEnded() else { throw Ended() }
        return json
    }

    mutating func nextUnlessEnded() async throws -> JSON? {
        while ready.isEmpty {
            guard let buffer = try await inbound.next() else { return nil }
            ready += lines.feed(buffer.readableBytesView)
        }
        guard case .whole(let bytes) = ready.removeFirst(), let json = JSON(bytes) else { throw Ended() }
        return json
    }

    /// The text of the next packet, and whose it is.
    mutating func text() async throws -> (text: String, identity: String?) {
        let json = try await next()
        let payload = json["payload_base64"]?.text.flatMap { WireText.bytes(base64: $0) } ?? []
        return (String(decoding: payload, as: UTF8.self), json["identity"]?.text)
    }

    struct Ended: Error {}
}
#endif
