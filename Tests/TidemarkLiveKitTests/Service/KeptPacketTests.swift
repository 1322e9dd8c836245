import Testing
import TidemarkLiveKit
import TidemarkModel

/// R24: a packet that can't be read is kept with all that a later version needs.
@Suite struct KeptPacketTests {
    private static let now = Timestamp(milliseconds: 1_700_000_000_000)

    private func adapter(_ wire: LiveKitChatWire) -> LiveKitRoomAdapter {
        LiveKitRoomAdapter(room: "lobby", participant: "alice", configuration: LiveKitServiceConfiguration(wire: wire))
    }

    private func kept(_ packet: LiveKitPacket, by wire: LiveKitChatWire) -> [UInt8]? {
        guard case .rejected(let reject, _) = adapter(wire).events(for: packet, underWay: [:], at: Self.now).first else {
            return nil
        }
        return reject.raw
    }

    @Test(arguments: [
        LiveKitPacket(
            topic: LiveKitTopic.update, payload: Array(#"{"id":"longer","message":"m","timestamp":5}"#.utf8), identity: "bob"),
        LiveKitPacket(topic: LiveKitTopic.chat, payload: Array(#"{"id":"longer","message":"m\nn","timestamp":5}"#.utf8)),
        LiveKitPacket(
            topic: LiveKitTopic.stream, payload: Array("a text\n{}".utf8), identity: "bob",
            stream: LiveKitStream(id: "longer", timestamp: Timestamp(milliseconds: 7))),
    ])
    func `a reader that takes more reads it as if it came now`(packet: LiveKitPacket) throws {
        let narrow = LiveKitChatWire(readsTextStreams: true, maximumIDBytes: 3)
        let wide = LiveKitChatWire(readsTextStreams: true)
        let raw = try #require(kept(packet, by: narrow))
        #expect(adapter(narrow).arrival(ofKept: raw, at: Self.now) == nil)
        let read = adapter(wide).events(for: packet, underWay: [:], at: Self.now)
        #expect(read == [.received(try #require(adapter(wide).arrival(ofKept: raw, at: Self.now)), in: "lobby")])
    }

    @Test func `what was cut, or kept by an older version, is not guessed at`() throws {
        let long = LiveKitPacket(topic: LiveKitTopic.chat, payload: [UInt8](repeating: 0x20, count: 20_000) + Array("{".utf8))
        let cut = try #require(kept(long, by: LiveKitChatWire()))
        #expect(cut.count == Reject.maximumRawBytes)
        for raw in [cut, [], Array("{".utf8), Array(#"{"id":"1","message":"m","timestamp":5}"#.utf8), Array("{}\n".utf8)] {
            #expect(adapter(LiveKitChatWire()).arrival(ofKept: raw, at: Self.now) == nil)
        }
    }
}
