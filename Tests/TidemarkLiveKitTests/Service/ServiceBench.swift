import Foundation
import HTTPTypes
import Synchronization
import Testing
import Tidemark
import TidemarkLiveKit
import TidemarkModel
import TidemarkStore

/// The engine in a room: real loop, real store in memory, a channel in memory, and a server's API that is a script.
struct ServiceBench {
    let channel = MemoryChannel()
    let store: MessageStore
    let engine: SyncEngine
    let transport: ScriptedTransport

    /// Answers of the server's API: which room has the name, and what becomes of data.
    final class Server: Sendable {
        struct State: Sendable {
            var sid: String? = "RM_1"
            var lost = 0
        }

        let state = Mutex(State())

        func answer(_ sent: ScriptedTransport.Sent) throws(TransportError) -> TransportResponse {
            let sid = state.withLock { $0.sid }
            if sent.head.path?.hasSuffix("ListRooms") == true {
                return .answer(200, sid.map { #"{"rooms":[{"name":"lobby","sid":"\#($0)"}]}"# } ?? #"{"rooms":[]}"#)
            }
            guard sid != nil else { return .answer(503, #"{"code":"unavailable","msg":"no response from servers"}"#) }
            let isLost = state.withLock { state in
                defer { state.lost = max(0, state.lost - 1) }
                return state.lost > 0
            }
            if isLost { throw TransportError(.timeout, requestMayHaveArrived: true) }
            return .answer(200, "{}")
        }
    }

    let server = Server()

    init(
        hasChannel: Bool = true, hasServer: Bool = false, store: MessageStore? = nil,
        configuration: LiveKitServiceConfiguration = LiveKitServiceConfiguration()
    ) throws {
        self.store = try store ?? .inMemory()
        let server = server
        transport = ScriptedTransport { sent throws(TransportError) in try server.answer(sent) }
        let client = LiveKitRoomClient(
            endpoint: try #require(URL(string: "https://lk.example")), credential: LiveKitCredential { _ in "tok" },
            transport: transport)
        let service = LiveKitChatService(
            room: "lobby", participant: "alice", channel: hasChannel ? channel : nil, server: hasServer ? client : nil,
            configuration: configuration)
        var engine = SyncConfiguration()
        engine.firstBackoff = .milliseconds(1)
        engine.maximumBackoff = .milliseconds(5)
        self.engine = try SyncEngine(store: self.store, service: service, account: "room", configuration: engine)
    }

    /// The lobby, made as the user would.
    func lobby() async throws -> ConversationID {
        try await engine.createConversation(topic: "lobby").conversation
    }

    /// Waits until the timeline is so.
    @discardableResult
    func entries(of conversation: ConversationID, until isSo: ([TimelineEntry]) -> Bool) async throws -> [TimelineEntry] {
        for try await timeline in engine.account.timeline(of: conversation).updates() where isSo(timeline.entries) {
            return timeline.entries
        }
        return []
    }

    /// Runs the engine while the body does.
    func running(_ body: () async throws -> Void) async throws {
        let engine = engine
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await engine.run() }
            try await body()
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    var sentData: [ScriptedTransport.Sent] { transport.sent.filter { $0.head.path?.hasSuffix("SendData") == true } }
}

extension [TimelineEntry] {
    /// Each entry in a word: `~` a gap before it, `*` edited, `-` deleted.
    var lines: [String] {
        map { ($0.gapBefore ? "~" : "") + ($0.deletedAt != nil ? "-" : $0.text ?? "") + ($0.editedAt != nil ? "*" : "") }
    }
}
