import Foundation
import Testing
import TidemarkLiveKit
import TidemarkModel

@Suite struct TextStreamTests {
    private let now = Timestamp(milliseconds: 1_700_000_000_123)

    @Test func `a message goes out as a stream and then as its legacy copy, under one id; its edits are legacy`() async throws {
        let channel = StreamingMemoryChannel()
        let chat = LiveKitChat(
            channel: channel, configuration: LiveKitChatConfiguration(sendsTextStreams: true), now: { [now] in now })
        var message = try await chat.send("hi", to: ["bob"])
        let sent = channel.memory.published
        #expect(sent.map(\.topic) == [LiveKitTopic.stream, LiveKitTopic.chat] && sent.allSatisfy { $0.destinations == ["bob"] })
        #expect(
            sent.map(\.text) == [
                "\(message.id): hi", #"{"id":"\#(message.id)","message":"hi","timestamp":1700000000123,"ignoreLegacy":true}"#,
            ])
        message.text = "ho"
        try await chat.update(message)
        #expect(
            channel.memory.published.dropFirst(2).allSatisfy {
                !$0.text.contains("ignoreLegacy") && $0.topic != LiveKitTopic.stream
            })
    }

    @Test func `what is too large for the copy leaves no stream either, and a channel without streams gets plain packets`()
        async throws
    {
        let channel = StreamingMemoryChannel()
        let configuration = LiveKitChatConfiguration(sendsTextStreams: true)
        let chat = LiveKitChat(channel: channel, configuration: configuration)
        await #expect(throws: LiveKitUnsendable.self) { try await chat.send(String(repeating: "a", count: 16_000)) }
        #expect(channel.memory.published.isEmpty)
        let plain = MemoryChannel()
        try await LiveKitChat(channel: plain, configuration: configuration).send("hi")
        #expect(plain.published.map(\.topic) == [LiveKitTopic.chat] && !plain.published[0].text.contains("ignoreLegacy"))
    }

    @Test(.enabled(if: Recording.isExpected)) func `recorded streams are read as messages whose id is the stream's`() throws {
        for item in try Recording.list("text_streams.json", "streams") {
            let name = try item.text("name")
            guard let text = item.present("text") as? String else { continue }
            let time = Timestamp(milliseconds: try item.integer("timestamp_ms"))
            let stream = LiveKitStream(id: try item.text("stream_id"), timestamp: time)
            #expect(Array(text.utf8).count == Int(try item.integer("total_length")), "\(name)")
            let packet = LiveKitPacket(topic: LiveKitTopic.stream, payload: Array(text.utf8), identity: "alice", stream: stream)
            #expect(
                LiveKitChatWire(readsTextStreams: true).read(packet)
                    == .observation(
                        LiveKitObservation(
                            change: .create, carrier: .textStream, id: stream.id, sender: "alice", text: text, timestamp: time)),
                "\(name)")
            #expect(LiveKitChatWire().read(packet) == .ignored, "\(name)")
        }
    }

    @Test func `a stream and its copy make one message, with both read or with one`() throws {
        let stream = LiveKitPacket(
            topic: LiveKitTopic.stream, payload: Array("hi".utf8), identity: "a", stream: LiveKitStream(id: "s", timestamp: now))
        let copy = LiveKitPacket(
            topic: LiveKitTopic.chat,
            payload: Array(#"{"id":"s","timestamp":1700000000123,"message":"hi","ignoreLegacy":true}"#.utf8), identity: "a")
        // Android gives its copy another id, so that only the mark tells that it is one.
        let android = LiveKitPacket(
            topic: LiveKitTopic.chat,
            payload: Array(#"{"id":"other","timestamp":1700000000123,"message":"hi","ignoreLegacy":true}"#.utf8), identity: "a")
        for packets in permutations([stream, copy, android]) {
            var room = LiveKitRoom(name: "lobby")
            for packet in packets { room.receive(packet, as: LiveKitChatWire(readsTextStreams: true)) }
            #expect(room.messages.map(\.key.id) == ["s"])
        }
        for packets in permutations([stream, copy]) {
            var room = LiveKitRoom(name: "lobby")
            for packet in packets { room.receive(packet) }
            #expect(room.messages.map(\.key.id) == ["s"] && room.messages.map(\.isEdited) == [false])
        }
    }

    @Test func `a stream with a bad id, bad text or too much of it is a reject`() {
        let wire = LiveKitChatWire(readsTextStreams: true, maximumStreamBytes: 10)
        for (id, bytes, reason) in [
            ("", Array("a".utf8), LiveKitReject.Reason.badID), (String(repeating: "i", count: 2_000), [], .badID),
            ("i", [0xFF], .notText), ("i", [UInt8](repeating: 0x61, count: 11), .tooLarge),
        ] {
            let packet = LiveKitPacket(topic: LiveKitTopic.stream, payload: bytes, stream: LiveKitStream(id: id))
            guard case .reject(let reject) = wire.read(packet) else {
                Issue.record("it was read")
                continue
            }
            #expect(reject.reason == reason)
        }
    }
}
