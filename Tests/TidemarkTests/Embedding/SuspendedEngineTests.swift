import Synchronization
import Testing
import TidemarkModel
import TidemarkStore

@testable import Tidemark

/// An engine whose store lets go of its file.
@Suite(.timeLimit(.minutes(1))) struct SuspendedEngineTests {
    @Test func `a run waits while the store is suspended, and goes on with what was written before`() async throws {
        let service = FileService()
        let store = try MessageStore.inMemory()
        let engine = try SyncEngine(store: store, service: service)
        let trip = try await engine.createConversation(topic: "Trip", with: [Participant(id: "bob")]).conversation
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await engine.run() }
            for try await view in engine.account.conversation(trip).updates() where view.remoteID != nil { break }
            try await engine.send("before", to: trip)
            try store.suspend()
            await #expect(throws: StoreError.self) { try await engine.send("meanwhile", to: trip) }
            // The run finds out by itself, or at this.
            engine.wakeUp()
            for await status in engine.status where status == .stopped { break }
            try store.resume()
            for try await outbox in engine.account.outbox().updates() where outbox.isEmpty { break }
            group.cancelAll()
        }
        #expect(service.state.withLock { $0.plain.threads[0].messages.filter { $0.text == "before" }.count } == 1)
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
