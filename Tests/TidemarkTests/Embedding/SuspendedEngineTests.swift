import Synchronization
import Testing
import TidemarkModel
import TidemarkStore

@testable import Tidemark

/// An engine whose store lets go of its file.
@Suite(.timeLimit(.minutes(1))) struct SuspendedEngineTests {
    @Test func `a run waits while the store is suspended, and goes on when it is resumed`() async throws {
        let service = FileService()
        let store = try MessageStore.inMemory()
        var configuration = SyncConfiguration()
        configuration.confirmAfter = .milliseconds(50)
        let engine = try SyncEngine(store: store, service: service, configuration: configuration)
        let trip = try await engine.createConversation(topic: "Trip", with: [Participant(id: "bob")]).conversation
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await engine.run() }
            // Nothing is on its way then: what a suspension cuts off is in doubt, and takes its quarantine.
            for try await outbox in engine.account.outbox().updates() where outbox.isEmpty { break }
            for await status in engine.status where status == .idle { break }
            try store.suspend()
            await #expect(throws: StoreError.self) { try await engine.send("meanwhile", to: trip) }
            // The run finds out by itself, or at this.
            engine.wakeUp()
            for await status in engine.status where status == .stopped { break }
            try store.resume()
            try await engine.send("after", to: trip)
            for try await outbox in engine.account.outbox().updates() where outbox.isEmpty { break }
            group.cancelAll()
        }
        let texts = service.state.withLock { $0.plain.threads[0].messages.map(\.text).filter { !$0.isEmpty } }
        #expect(texts == ["after"])
    }

    @Test func `a single sync says that the store is suspended`() async throws {
        let store = try MessageStore.inMemory()
        let engine = try SyncEngine(store: store, service: FileService())
        try store.suspend()
        let error = await #expect(throws: StoreError.self) { try await engine.syncOnce() }
        #expect(error?.code == .suspended)
        try store.resume()
        #expect(try await engine.syncOnce().ending == .complete)
    }
}
