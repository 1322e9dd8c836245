#if Crypto
import Foundation
import Synchronization
import Testing
import TidemarkLiveKit
import TidemarkModel
import TidemarkSimulator

/// The client against the simulated server, which was written apart: it checks tokens, reads bodies and drops nonces itself.
@Suite struct SimulatedServerTests {
    /// A server with one listener in its one open room.
    private final class Bench: Sendable {
        static let now = Timestamp(milliseconds: 1_700_000_000_000)
        private let simulator: Mutex<LiveKitSimulator>
        private let listener: String

        init() throws {
            var simulator = LiveKitSimulator(now: Self.now)
            simulator.open("lobby", now: Self.now)
            let sid = simulator.join("lobby", as: "bob", now: Self.now)
            listener = try #require(sid)
            self.simulator = Mutex(simulator)
        }

        var key: (String, String) { simulator.withLock { ($0.apiKey, $0.apiSecret) } }

        func client(secret: String? = nil, clock: Timestamp = now) throws -> LiveKitRoomClient {
            let key = try #require(LiveKitAPIKey(key: key.0, secret: secret ?? key.1))
            return LiveKitRoomClient(
                endpoint: try #require(URL(string: "ws://127.0.0.1:7880")), credential: LiveKitCredential(key, now: { clock }),
                transport: ScriptedTransport { sent in
                    self.simulator.withLock { $0.respond(to: sent.head, body: sent.body, now: Self.now) }
                })
        }

        /// What the listener has by now.
        func heard() -> [LiveKitPacket] {
            simulator.withLock { $0.take(for: listener, now: Self.now + .seconds(60)) }.map {
                LiveKitPacket(topic: $0.topic, payload: $0.payload, identity: $0.identity)
            }
        }
    }

    private func data(_ text: String, nonce: LiveKitNonce, topic: String = LiveKitTopic.chat) throws -> LiveKitSendData {
        let payload = try LiveKitChatWire.payload(LiveKitChatBody(id: "m1", text: text, timestamp: Bench.now))
        return LiveKitSendData(room: "lobby", payload: payload, topic: topic, nonce: nonce)
    }

    @Test func `a message and its edit arrive once each, however often they are sent`() async throws {
        let bench = try Bench()
        let client = try bench.client()
        let token: Token = "00112233-4455-6677-8899-aabbccddeeff"
        let nonces = (0..<3).compactMap { LiveKitNonce(token, packet: $0) }
        try #require(nonces.count == 3)
        for _ in 0..<3 {
            try await client.sendData(data("pear 👋", nonce: nonces[0]))
            try await client.sendData(data("pears", nonce: nonces[1], topic: LiveKitTopic.update))
            try await client.sendData(data("pears", nonce: nonces[2]))
        }
        let heard = bench.heard()
        #expect(heard.count == 3 && heard.allSatisfy { $0.identity == nil })
        var room = LiveKitRoom(name: "lobby")
        for packet in heard { room.receive(packet) }
        #expect(room.messages.map(\.text) == ["pears"] && room.messages.map(\.key) == [LiveKitMessageKey(sender: nil, id: "m1")])
    }

    @Test func `rooms and people are found, and a room that is not open is told apart`() async throws {
        let bench = try Bench()
        let client = try bench.client()
        #expect(try await client.listRooms().map(\.name) == ["lobby"])
        #expect(try await client.listParticipants(in: "lobby").map(\.identity) == ["bob"])
        var away = try data("x", nonce: .random())
        away.room = "studio"
        let closed = await #expect(throws: ServiceError.self) { try await client.sendData(away) }
        #expect(closed?.code == .roomNotOpen && closed?.certainty == .notApplied)
        let opened = try await client.createRoom("studio", emptyTimeout: .seconds(60))
        #expect(opened.name == "studio" && opened.emptyTimeout == .seconds(60))
        try await client.sendData(away)
    }

    @Test func `a wrong secret and a clock that is an hour off are refused`() async throws {
        let bench = try Bench()
        for client in [
            try bench.client(secret: "another"), try bench.client(clock: Bench.now - .seconds(3600)),
            try bench.client(clock: Bench.now + .seconds(3600)),
        ] {
            let refused = await #expect(throws: ServiceError.self) {
                try await client.sendData(data("x", nonce: .random()))
            }
            #expect(refused?.code == .unauthenticated && refused?.certainty == .notApplied && refused?.scope == .account)
        }
        #expect(bench.heard().isEmpty)
    }
}
#endif
