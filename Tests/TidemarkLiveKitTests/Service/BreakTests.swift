import Foundation
import HTTPTypes
import Synchronization
import Testing
import TidemarkLiveKit
import TidemarkModel

/// A break in what is heard (R21).
@Suite struct BreakTests {
    @Test(arguments: [DataChannelGap.started, .reconnected, .overflow])
    func `a break is told before anybody is asked which room is open`(gap: DataChannelGap) async throws {
        let channel = MemoryChannel()
        let transport = ScriptedTransport { _ throws(TransportError) in
            .answer(200, #"{"rooms":[{"name":"lobby","sid":"RM_1"}]}"#)
        }
        let client = LiveKitRoomClient(
            endpoint: try #require(URL(string: "https://lk.example")), credential: LiveKitCredential { _ in "tok" },
            transport: transport)
        let service = LiveKitChatService(room: "lobby", participant: "alice", channel: channel, server: client)
        channel.arrive(.gap(gap))
        var asked: [Int] = []
        var told: [RemoteEvent] = []
        for try await event in service.events() {
            told.append(event)
            asked.append(transport.sent.count)
            if told.count == 2 { break }
        }
        let end: ReceivingEnd = gap == .overflow ? .overflow : .disconnected
        #expect(told == [.receivingEnded(end, in: "lobby"), .receiving(in: "lobby", room: gap == .overflow ? nil : "RM_1")])
        #expect(asked == [0, gap == .overflow ? 0 : 1])
    }
}
