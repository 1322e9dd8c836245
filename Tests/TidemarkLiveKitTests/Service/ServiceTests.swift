import Foundation
import Synchronization
import Testing
import Tidemark
import TidemarkLiveKit
import TidemarkModel
import TidemarkStore

/// A LiveKit room under the engine (R21).
@Suite struct ServiceTests {
    private func json(_ id: String, _ text: String, _ time: Int64, _ more: String = "") -> String {
        #"{"id":"\#(id)","message":"\#(text)","timestamp":\#(time)\#(more)}"#
    }

    @Test func `what others say is stored in the order in which it came, and what was missed is a gap`() async throws {
        let bench = try ServiceBench()
        let lobby = try await bench.lobby()
        bench.channel.arrive(.gap(.started))
        bench.channel.arrive(json("a", "one", 5000), from: "bob")
        bench.channel.arrive(json("b", "two", 1000), from: "carol")
        bench.channel.arrive(json("a", "one, edited", 5000), on: LiveKitTopic.update, from: "bob")
        bench.channel.arrive(json("b", "", 1000, #","deleted":true"#), on: LiveKitTopic.update, from: "mallory")
        bench.channel.arrive(.gap(.overflow))
        bench.channel.arrive(json("c", "three", 9000), from: "bob")
        try await bench.running {
            let entries = try await bench.entries(of: lobby) { $0.lines.count == 3 }
            #expect(entries.lines == ["~one, edited*", "two", "~three"])
            #expect(entries.map(\.sender) == ["bob", "carol", "bob"])
            #expect(try bench.engine.account.gaps().get().map(\.kind) == [.beginning, .between])
        }
        // Stopped: nobody receives any more.
        #expect(try bench.engine.account.gaps().get().map(\.kind) == [.beginning, .between, .end])
        #expect(try bench.engine.account.rejects().get().map(\.remoteID) == ["b@mallory"])
    }

    @Test func `what is sent by the channel is there once, and its edits and deletes go after it`() async throws {
        let bench = try ServiceBench()
        let lobby = try await bench.lobby()
        let sent = try await bench.engine.send("hello", to: lobby)
        try await bench.running {
            try await bench.entries(of: lobby) { $0.first?.state == .sent }
            let message = try #require(sent.message)
            _ = try await bench.engine.edit(message, to: "hello, all")
            try await bench.entries(of: lobby) { $0.first?.state == .sent && $0.lines == ["~hello, all*"] }
            _ = try await bench.engine.delete(message)
            try await bench.entries(of: lobby) { $0.first?.state == .sent && $0.lines == ["~-"] }
        }
        #expect(try bench.engine.account.outbox().get().isEmpty)
        let published = bench.channel.published
        #expect(
            published.map(\.topic) == [LiveKitTopic.chat] + [LiveKitTopic.update, LiveKitTopic.chat] + [
                LiveKitTopic.update, LiveKitTopic.chat,
            ])
        let bodies = try published.map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.payload)) as? [String: Any])
        }
        #expect(Set(bodies.map { $0["id"] as? String }).count == 1)
        #expect((bodies[0]["id"] as? String)?.count == 12)
        #expect(Set(bodies.map { $0["timestamp"] as? Int64 }).count == 1)
        let times = bodies.map { $0["editTimestamp"] as? Int64 ?? $0["timestamp"] as? Int64 ?? 0 }
        #expect(times[0] < times[1] && times[1] == times[2] && times[2] < times[3])
        #expect(bodies.map { $0["deleted"] as? Bool ?? false } == [false, false, false, true, true])
    }

    @Test func `what is sent by the server keeps its nonce over lost answers`() async throws {
        let bench = try ServiceBench(hasChannel: false, hasServer: true)
        bench.server.state.withLock { $0.lost = 2 }
        let lobby = try await bench.lobby()
        try await bench.engine.send("once", to: lobby)
        try await bench.running { try await bench.entries(of: lobby) { $0.first?.state == .sent } }
        let bodies = bench.sentData.map(\.json)
        #expect(bodies.count == 3)
        #expect(Set(bodies).count == 1)
        #expect((bodies.first?["nonce"] as? String).flatMap { Data(base64Encoded: $0) }?.count == 16)
        #expect(try bench.engine.account.outbox().get().isEmpty)
    }

    @Test func `the own packet that the server sends back is the own message`() async throws {
        let bench = try ServiceBench(hasServer: true, configuration: LiveKitServiceConfiguration(carrier: .server))
        let lobby = try await bench.lobby()
        bench.channel.arrive(.gap(.started))
        try await bench.engine.send("mine", to: lobby)
        try await bench.running {
            try await bench.entries(of: lobby) { $0.first?.state == .sent }
            let sent = try #require(bench.sentData.first?.json["data"] as? String)
            let payload = Array(try #require(Data(base64Encoded: sent)))
            bench.channel.arrive(.packet(LiveKitPacket(topic: LiveKitTopic.chat, payload: payload)))
            bench.channel.arrive(json("b", "hi", 1), from: "bob")
            let entries = try await bench.entries(of: lobby) { $0.count > 1 }
            #expect(entries.map(\.text) == ["mine", "hi"])
            #expect(entries.map(\.isOwn) == [true, false])
        }
    }

    @Test func `a closed room is waited for, and what was written for one is not said in the next`() async throws {
        let bench = try ServiceBench(hasServer: true)
        let lobby = try await bench.lobby()
        bench.channel.arrive(.gap(.started))
        bench.channel.arrive(json("a", "hi", 1), from: "bob")
        try await bench.running {
            try await bench.entries(of: lobby) { !$0.isEmpty }
            bench.server.state.withLock { $0.sid = nil }
            let sent = try await bench.engine.send("for bob", to: lobby)
            for try await outbox in bench.engine.account.outbox().updates() where outbox.first?.reason == .roomClosed { break }
            #expect(try bench.engine.account.intent(sent.intent).get().state == .waiting)
            bench.server.state.withLock { $0.sid = "RM_2" }
            bench.channel.arrive(.gap(.reconnected))
            for try await outbox in bench.engine.account.outbox().updates() where outbox.first?.reason == .roomChanged { break }
            #expect(bench.channel.published.isEmpty)
            try await bench.engine.retry(sent.intent)
            try await bench.entries(of: lobby) { $0.last?.state == .sent }
            #expect(bench.channel.published.count == 1)
        }
    }

    @Test func `what went out without a name is changed without one, or not at all`() async throws {
        let store = try MessageStore.inMemory()
        let api = try ServiceBench(hasChannel: false, hasServer: true, store: store)
        let lobby = try await api.lobby()
        let sent = try await api.engine.send("by the server", to: lobby)
        try await api.running { try await api.entries(of: lobby) { $0.first?.state == .sent } }
        let message = try #require(sent.message)
        let channelOnly = try ServiceBench(store: store)
        let edit = try await channelOnly.engine.edit(message, to: "edited")
        try await channelOnly.running {
            for try await outbox in channelOnly.engine.account.outbox().updates() where outbox.first?.reason == .otherSender {
                break
            }
        }
        #expect(channelOnly.channel.published.isEmpty)
        let both = try ServiceBench(hasServer: true, store: store)
        try await both.engine.retry(edit.intent)
        try await both.running { try await both.entries(of: lobby) { $0.first?.state == .sent } }
        #expect(both.channel.published.isEmpty)
        #expect(both.sentData.count == 2)
        // Two topics, two nonces: the room would drop the second.
        #expect(Set(both.sentData.map { $0.json["nonce"] as? String }).count == 2)
    }

    @Test func `what is too large for a room is refused before anything leaves`() async throws {
        let bench = try ServiceBench()
        let lobby = try await bench.lobby()
        await #expect(throws: StoreError.self) {
            try await bench.engine.send(String(repeating: "x", count: 16_000), to: lobby)
        }
        // JSON writes these with six bytes each.
        let sent = try await bench.engine.send("x" + String(repeating: "\u{1}", count: 4000), to: lobby)
        try await bench.running {
            for try await outbox in bench.engine.account.outbox().updates() where outbox.first?.reason == .tooLarge { break }
        }
        #expect(try bench.engine.account.intent(sent.intent).get().state == .parked(.tooLarge))
        #expect(bench.channel.published.isEmpty)
    }

    @Test func `rubbish is listed and stops nothing`() async throws {
        let bench = try ServiceBench()
        let lobby = try await bench.lobby()
        bench.channel.arrive(.gap(.started))
        bench.channel.arrive(json("a", "one", 1), from: "bob")
        bench.channel.arrive("{", from: "bob")
        bench.channel.arrive(#"{"id":"x","message":"m","timestamp":"soon"}"#, from: "bob")
        bench.channel.arrive(json("b", "two", 2), from: "bob")
        bench.channel.arrive("anything", on: "other-topic", from: "bob")
        bench.channel.arrive(json("c", "three", 3), from: "bob")
        try await bench.running {
            let entries = try await bench.entries(of: lobby) { $0.last?.text == "three" }
            #expect(entries.map(\.kind) == [.text, .unreadable, .text, .text])
            #expect(entries.map(\.gapBefore) == [true, true, false, false])
        }
        #expect(try bench.engine.account.rejects().get().count == 2)
    }

    @Test func `a NUL cuts nothing off, neither of a text nor of an id`() async throws {
        let bench = try ServiceBench()
        let lobby = try await bench.lobby()
        bench.channel.arrive(.gap(.started))
        bench.channel.arrive(json(#"a\u0000b"#, #"one\u0000 and more"#, 1), from: "bob")
        bench.channel.arrive(json(#"a\u0000c"#, "two", 2), from: "bob")
        try await bench.running {
            let entries = try await bench.entries(of: lobby) { $0.count == 2 }
            #expect(entries.map(\.text) == ["one\0 and more", "two"])
        }
    }

    @Test func `a flood is written down packet by packet`() async throws {
        let bench = try ServiceBench()
        let lobby = try await bench.lobby()
        bench.channel.arrive(.gap(.started))
        for number in 0..<3000 { bench.channel.arrive(json("id\(number)", "\(number)", 1), from: "bob") }
        try await bench.running {
            try await bench.entries(of: lobby) { $0.last?.text == "2999" }
            let all = try bench.engine.account.timeline(of: lobby, limit: 1000).get().entries
            #expect(all.map(\.text) == (2000..<3000).map { "\($0)" })
            #expect(try bench.engine.account.conversation(lobby).get().unread == 3000)
            #expect(all.dropFirst().allSatisfy { !$0.gapBefore })
        }
    }

    @Test func `keys and their texts are one to one`() {
        let keys = [
            LiveKitMessageKey(sender: nil, id: "a"), LiveKitMessageKey(sender: "", id: "a"),
            LiveKitMessageKey(sender: "b", id: "a"),
            LiveKitMessageKey(sender: "c", id: "a@b"), LiveKitMessageKey(sender: "b@c", id: "a"),
            LiveKitMessageKey(sender: nil, id: "a@b"),
            LiveKitMessageKey(sender: "s", id: "%40"), LiveKitMessageKey(sender: "s", id: "%2540"),
            LiveKitMessageKey(sender: "s", id: "@"),
            LiveKitMessageKey(sender: "s", id: "a\0"), LiveKitMessageKey(sender: "s", id: "a%00"),
            LiveKitMessageKey(sender: "s", id: "%"), LiveKitMessageKey(sender: "s%40", id: "é"),
            LiveKitMessageKey(sender: "s", id: "e\u{301}"),
        ]
        let texts = keys.map(LiveKitRemoteID.text)
        for (key, text) in zip(keys, texts) { #expect(LiveKitRemoteID.key(text) == key) }
        #expect(Set(texts.map { Array($0.rawValue.utf8) }).count == keys.count)
        #expect(LiveKitRemoteID.key("") == nil)
        #expect(LiveKitRemoteID.key("@bob") == nil)
    }
}
