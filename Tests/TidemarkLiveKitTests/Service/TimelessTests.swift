import Foundation
import Testing
import TidemarkLiveKit
import TidemarkModel

/// Messages that came without a time: text streams through a bridge that tells none.
@Suite struct TimelessTests {
    @Test(arguments: [Delivery.Action.edit("s@alice", text: "two", metadata: [:], in: "lobby"), .delete("s@alice", in: "lobby")])
    func `a message without a time can be changed`(action: Delivery.Action) async throws {
        let channel = MemoryChannel()
        let service = LiveKitChatService(room: "lobby", participant: "alice", channel: channel)
        let stream = LiveKitPacket(
            topic: LiveKitTopic.stream, payload: Array("one".utf8), identity: "alice", stream: LiveKitStream(id: "s"))
        let reading = LiveKitRoomAdapter(
            room: "lobby", participant: "alice",
            configuration: LiveKitServiceConfiguration(wire: LiveKitChatWire(readsTextStreams: true)))
        guard case .received(let arrival, _)? = reading.events(for: stream, underWay: [:], at: Timestamp(milliseconds: 1)).first
        else {
            Issue.record("The stream was not read.")
            return
        }
        let wanted = Timestamp(milliseconds: 1_700_000_000_000)
        var delivery = Delivery(intent: IntentID(1), token: "7B1F6C2E-1111-4222-8333-444455556666", action: action)
        (delivery.wantedAt, delivery.baseVersion) = (wanted, arrival.message.version)
        _ = try await service.perform(delivery)
        let sent = try #require(channel.published.first)
        let body = try #require(try JSONSerialization.jsonObject(with: Data(sent.payload)) as? [String: Any])
        #expect(body["timestamp"] as? Int64 == wanted.milliseconds)
        #expect(body["editTimestamp"] as? Int64 == wanted.milliseconds + 1)
    }
}
