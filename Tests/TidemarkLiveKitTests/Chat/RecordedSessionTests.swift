import Foundation
import Synchronization
import Testing
import TidemarkLiveKit
import TidemarkModel

@Suite struct RecordedSessionTests {
    /// What A of the recorded exchange did, done by this chat: the same packets must leave, but for the ids and times, which
    /// the recording gives; and what B sent must give A's events.
    @Test(.enabled(if: Recording.isExpected)) func `a recorded exchange of two Python peers comes out the same`() async throws {
        for (me, other) in [("A", "B"), ("B", "A")] {
            let session = try Recording.file("session_two_peers.json")
            let packets = try #require(session["packets"] as? [[String: Any]])
            let events = try #require(try session.object("events")[me] as? [[String: Any]])
            let identity = try session.object("identities").text(me)
            let channel = MemoryChannel()
            let clock = Mutex(Timestamp(milliseconds: 0))
            let chat = LiveKitChat(
                channel: channel, identity: identity,
                configuration: LiveKitChatConfiguration(form: .python, editPolicy: .python),
                now: { clock.withLock { $0 } })
            for packet in packets where packet["from"] as? String == other {
                let packet = try packet.object("packet")
                channel.arrive(
                    .packet(
                        LiveKitPacket(
                            topic: try packet.text("topic"), payload: try Recording.bytes(packet["payload_base64"]),
                            identity: try packet.text("identity"))))
            }
            channel.end()
            try await compare(chat, events.filter { $0["event"] as? String == "message_received" })
            try await repeatSending(chat, channel, packets.filter { $0["from"] as? String == me }, identity, clock)
        }
    }

    private func compare(_ chat: LiveKitChat, _ events: [[String: Any]]) async throws {
        var seen: [LiveKitChatMessage] = []
        for await message in chat.messages { seen.append(message) }
        try #require(seen.count == events.count && !seen.isEmpty)
        for (message, event) in zip(seen, events) {
            #expect(message.id == (try event.text("id")))
            #expect(message.text == (try event.text("message")))
            #expect(message.timestamp.milliseconds == (try event.integer("timestamp_ms")))
            #expect(message.isDeleted == (event["deleted"] as? Bool))
            #expect(message.participant == (try event.text("identity")))
            #expect(message.isLocal == (event["is_local"] as? Bool))
        }
    }

    private func repeatSending(
        _ chat: LiveKitChat, _ channel: MemoryChannel, _ packets: [[String: Any]], _ identity: String,
        _ clock: borrowing Mutex<Timestamp>
    ) async throws {
        var sent: [String: LiveKitChatMessage] = [:]
        for packet in packets {
            let recorded = try packet.object("packet")
            let payload = try packet.object("payload")
            let time = Timestamp(milliseconds: try payload.integer("timestamp"))
            clock.withLock { $0 = time }
            let id = try payload.text("id")
            let before = channel.published.count
            if try recorded.text("topic") == LiveKitTopic.chat {
                // The ids of the recording are Python's; the packet is compared with the own one put in.
                sent[id] = try await chat.send(try payload.text("message"))
            } else {
                guard var message = sent[id] else {
                    // B changes A's message, which nothing forbids there; here it is refused, and nothing leaves.
                    let foreign = LiveKitChatMessage(id: id, text: "x", timestamp: time, participant: "alice")
                    await #expect(throws: LiveKitUnsendable.self) { try await chat.update(foreign) }
                    #expect(channel.published.count == before)
                    continue
                }
                message.text = try payload.text("message")
                message.isDeleted = payload["deleted"] as? Bool == true
                try await chat.update(message)
            }
            try #require(channel.published.count == before + 1)
            let own = channel.published[before]
            #expect(own.topic == (try recorded.text("topic")))
            #expect(own.reliable == (recorded["reliable"] as? Bool))
            #expect(own.destinations == (recorded["destination_identities"] as? [String]))
            let expected = String(decoding: try Recording.bytes(recorded["payload_base64"]), as: UTF8.self)
            #expect(own.text == expected.replacing(id, with: try #require(sent[id]).id))
        }
    }
}
