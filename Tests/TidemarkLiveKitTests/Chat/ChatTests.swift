import Foundation
import Synchronization
import Testing
import TidemarkLiveKit
import TidemarkModel

@Suite struct ChatTests {
    private static let start = Timestamp(milliseconds: 1_700_000_000_123)

    private func chat(
        _ channel: MemoryChannel, policy: LiveKitEditPolicy = LiveKitEditPolicy(), now: Timestamp = start,
        notice: @escaping @Sendable (LiveKitChatNotice) -> Void = { _ in }
    ) -> LiveKitChat {
        LiveKitChat(
            channel: channel, identity: "me", configuration: LiveKitChatConfiguration(editPolicy: policy),
            generator: SeededGenerator(seed: 1), now: { now }, notice: notice)
    }

    @Test func `a message goes to everybody over the chat topic, reliably`() async throws {
        let channel = MemoryChannel()
        let message = try await chat(channel).send("Grüße 👋")
        #expect(message.isLocal && message.participant == "me" && message.timestamp == Self.start)
        let expected = #"{"id":"\#(message.id)","message":"Grüße 👋","timestamp":1700000000123}"#
        #expect(
            channel.published == [
                .init(payload: Array(expected.utf8), topic: LiveKitTopic.chat, reliable: true, destinations: [])
            ])
    }

    @Test(arguments: [
        (LiveKitEditPolicy.Topics.update, [LiveKitTopic.update]), (.chat, [LiveKitTopic.chat]),
        (.both, [LiveKitTopic.update, LiveKitTopic.chat]),
    ]) func `edits and deletes go where the policy says`(topics: LiveKitEditPolicy.Topics, names: [String]) async throws {
        let channel = MemoryChannel()
        let chat = chat(channel, policy: LiveKitEditPolicy(edits: topics, deletes: topics))
        var message = try await chat.send("tpyo")
        message.text = "typo"
        message = try await chat.update(message, to: ["bob"])
        _ = try await chat.delete(message)
        #expect(channel.published.dropFirst().map(\.topic) == names + names)
        #expect(channel.published.dropFirst().prefix(names.count).allSatisfy { $0.destinations == ["bob"] })
        // The clock stands still, and yet each has a greater time than what it replaces.
        let edit = #"{"id":"\#(message.id)","message":"typo","timestamp":1700000000123,"editTimestamp":1700000000124}"#
        let delete =
            #"{"id":"\#(message.id)","message":"","timestamp":1700000000123,"deleted":true,"editTimestamp":1700000000125}"#
        #expect(Set(channel.published.dropFirst().map(\.text)) == [edit, delete])
    }

    @Test func `readers that merge show a default edit and delete once, whichever topics reach them`() async throws {
        let channel = MemoryChannel()
        let chat = chat(channel)
        var message = try await chat.send("one")
        message.text = "two"
        message = try await chat.update(message)
        let packets = channel.published.map { LiveKitPacket(topic: $0.topic, payload: $0.payload, identity: "me") }
        for heard in permutations(packets) {
            var room = LiveKitRoom(name: "lobby")
            for packet in heard { room.receive(packet) }
            #expect(room.messages.map(\.text) == ["two"])
        }
        _ = try await chat.delete(message)
        var room = LiveKitRoom(name: "lobby")
        for sent in channel.published.reversed() {
            room.receive(LiveKitPacket(topic: sent.topic, payload: sent.payload, identity: "me"))
        }
        #expect(room.messages.map(\.isDeleted) == [true])
    }

    @Test func `nothing malformed, too large or of somebody else leaves`() async throws {
        let channel = MemoryChannel()
        let chat = chat(channel)
        func refused(_ code: LiveKitUnsendable.Code, _ body: () async throws -> Void) async {
            let error = await #expect(throws: LiveKitUnsendable.self) { try await body() }
            #expect(error?.code == code)
        }
        await refused(.tooLarge) { try await chat.send(String(repeating: "a", count: 15 * 1024)) }
        await refused(.notTheAuthor) {
            try await chat.update(LiveKitChatMessage(id: "1", text: "x", timestamp: Self.start, participant: "bob"))
        }
        await refused(.emptyID) {
            try await chat.update(LiveKitChatMessage(id: "", text: "x", timestamp: Self.start, isLocal: true))
        }
        await refused(.noText) {
            try await chat.update(LiveKitChatMessage(id: "1", text: nil, timestamp: Self.start, isLocal: true))
        }
        #expect(channel.published.isEmpty)
        // 15 KiB exactly still goes.
        let frame = #"{"id":"123456789012","message":"","timestamp":1700000000123}"#.utf8.count
        try await chat.send(String(repeating: "a", count: 15 * 1024 - frame))
        #expect(channel.published.map(\.payload.count) == [15 * 1024])
    }

    @Test func `an error of the channel is the caller's, and the edit can be sent again`() async throws {
        let channel = MemoryChannel(capacity: 2)
        let chat = chat(channel)
        var message = try await chat.send("x")
        message.text = "y"
        await #expect(throws: MemoryChannel.Broken.self) { try await chat.update(message) }
        #expect(channel.published.map(\.topic) == [LiveKitTopic.chat, LiveKitTopic.update])
    }

    @Test func `new and changed messages come as one kind of event, in order, and bad ones are told and passed over`() async {
        let channel = MemoryChannel()
        let (notices, told) = AsyncStream<LiveKitChatNotice>.makeStream()
        let chat = chat(channel) { told.yield($0) }
        channel.arrive(#"{"id":"1","message":"x","timestamp":5}"#)
        channel.arrive("{")
        channel.arrive(#"{"id":"1"}"#, on: "other")
        channel.arrive(.gap(.reconnected))
        channel.arrive(#"{"id":"1","message":"y","timestamp":5}"#, on: LiveKitTopic.update)
        channel.arrive(#"{"id":"1","message":"y","timestamp":5,"deleted":true}"#, on: LiveKitTopic.update, from: nil)
        channel.arrive(#"{"message":"no time"}"#)
        channel.end()
        var seen: [LiveKitChatMessage] = []
        for await message in chat.messages { seen.append(message) }
        #expect(seen.map(\.text) == ["x", "y", "y", "no time"])
        #expect(seen.map(\.isDeleted) == [false, false, true, false])
        #expect(seen.map(\.participant) == ["alice", "alice", nil, "alice"])
        #expect(seen.allSatisfy { !$0.isLocal })
        #expect(seen.last?.timestamp == Self.start)
        told.finish()
        var kinds: [String] = []
        for await notice in notices {
            switch notice {
            case .reject(let reject): kinds.append(reject.reason.rawValue)
            case .gap(let gap): kinds.append(gap.rawValue)
            }
        }
        #expect(kinds == ["notJSON", "reconnected"])
    }

    @Test func `close ends the reading of one who waits, and refuses to send`() async throws {
        let channel = MemoryChannel()
        let chat = chat(channel)
        channel.arrive(#"{"id":"1","message":"x","timestamp":5}"#)
        await withTaskGroup(of: Int.self) { group in
            group.addTask {
                var count = 0
                for await _ in chat.messages {
                    count += 1
                    chat.close()
                }
                return count
            }
            for await count in group { #expect(count == 1) }
        }
        let waiting = self.chat(MemoryChannel())
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in waiting.messages {} }
            group.addTask { waiting.close() }
        }
        await #expect(throws: DataChannelError.self) { try await chat.send("late") }
        #expect(channel.published.isEmpty)
    }

    @Test func `a message survives its JSON`() throws {
        let message = LiveKitChatMessage(
            id: "a\u{0}😀", text: "\"\\\n\u{2028}é", timestamp: Self.start, isDeleted: true, editedAt: Self.start,
            participant: "bob")
        for form in [LiveKitPayloadForm.python, .compact] {
            #expect(
                try LiveKitChatMessage(json: message.json(form), participant: "bob", now: Timestamp(milliseconds: 1)) == message)
        }
        #expect(throws: LiveKitReject.self) { try LiveKitChatMessage(json: [1], now: Self.start) }
    }

    @Test func `a message takes over text and delete of another packet of it, and nothing else`() throws {
        var message = LiveKitChatMessage(id: "a", text: "x", timestamp: Self.start, participant: "bob", isLocal: true)
        try message.update(json: Array(#"{"id":"b","message":"y","timestamp":5,"editTimestamp":9}"#.utf8))
        var expected = LiveKitChatMessage(
            id: "a", text: "y", timestamp: Self.start, editedAt: Timestamp(milliseconds: 9), participant: "bob", isLocal: true)
        #expect(message == expected)
        try message.update(json: Array(#"{"deleted":true}"#.utf8))
        (expected.text, expected.isDeleted) = (nil, true)
        #expect(message == expected)
        #expect(throws: LiveKitReject.self) { try message.update(json: [1]) }
        #expect(message == expected)
    }
}
