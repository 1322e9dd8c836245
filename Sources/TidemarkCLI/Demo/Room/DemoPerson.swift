import Foundation
import Tidemark
import TidemarkLiveKit
import TidemarkSimulator

/// Somebody with a store and an engine, who is in the room or not.
struct DemoPerson: Sendable {
    let name: String
    let engine: SyncEngine
    let channel: DemoRoomChannel
    let conversation: ConversationID

    init(_ name: String, in room: DemoRoom, clock: DemoClock, seed: UInt64) async throws {
        self.name = name
        channel = DemoRoomChannel(room, as: name)
        let store = try MessageStore.inMemory()
        try store.addAccount("me", service: "livekit", identity: ParticipantID(name), at: clock.now)
        let service = LiveKitChatService(room: DemoRoom.name, participant: name, channel: channel, now: { clock.now })
        engine = try SyncEngine(
            store: store, service: service, account: "me", clock: clock, generator: SeededGenerator(seed: seed))
        conversation = try await engine.createConversation(topic: DemoRoom.name).conversation
    }

    var entries: [TimelineEntry] {
        get throws { try engine.account.timeline(of: conversation, limit: 200).get().entries }
    }

    /// Waits until the timeline is so.
    func sees(_ isSo: @escaping @Sendable ([TimelineEntry]) -> Bool) async throws {
        for try await timeline in engine.account.timeline(of: conversation, limit: 200).updates() where isSo(timeline.entries) {
            return
        }
    }

    /// Waits until what is queued was tried, and the way was not there.
    func hasTried() async throws {
        for try await outbox in engine.account.outbox().updates()
        where outbox.contains(where: { $0.attempts > 0 && $0.state == .queued }) {
            return
        }
    }

    /// Waits until something was set aside.
    func refuses() async throws {
        for try await rejects in engine.account.rejects().updates() where !rejects.isEmpty { return }
    }

    /// Waits until this text is in the timeline, and sent if it is an own one.
    func sees(_ text: String) async throws {
        try await sees { $0.contains { $0.text == text && [.sent, .confirmed].contains($0.state) } }
    }
}
