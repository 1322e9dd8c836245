import Observation
import Synchronization
import Testing
import TidemarkModel
import TidemarkStore

@testable import Tidemark

/// What a screen shows of a conversation.
@Suite(.timeLimit(.minutes(1))) @MainActor struct TimelineModelTests {
    private let service = FileService()
    private let store: MessageStore
    private let engine: SyncEngine
    private let trip: ConversationID

    init() async throws {
        store = try MessageStore.inMemory()
        engine = try SyncEngine(store: store, service: service)
        trip = try await engine.createConversation(topic: "Trip", with: [Participant(id: "bob")]).conversation
    }

    private func texts(_ model: TimelineModel) -> [String] {
        model.items.compactMap { item in
            guard case .message(let entry) = item else { return "…" }
            return entry.kind.isUserKind ? entry.text ?? "deleted" : nil
        }
    }

    /// Until the model shows it; the suite's time limit is the only other end.
    private func wait(for isSo: () -> Bool) async {
        while !isSo(), !Task.isCancelled { await Task.yield() }
    }

    private func following(_ model: TimelineModel, _ body: () async throws -> Void) async throws {
        let run = Task { await model.run() }
        defer { run.cancel() }
        try await body()
    }

    @Test func `it shows what is written, and tells who looks of it`() async throws {
        let model = TimelineModel(engine, trip)
        #expect(!model.isLoaded && model.items.isEmpty)
        let (redraws, redraw) = AsyncStream.makeStream(of: Void.self)
        try await following(model) {
            await wait { model.isLoaded }
            withObservationTracking {
                _ = model.items
            } onChange: {
                redraw.yield()
            }
            #expect(await model.send("hello"))
            var iterator = redraws.makeAsyncIterator()
            _ = await iterator.next()
            await wait { texts(model) == ["hello"] }
        }
        #expect(model.failure == nil)
    }

    @Test func `older entries of the store come page by page`() async throws {
        for number in 1...7 { try await engine.send("message \(number)", to: trip) }
        let model = TimelineModel(engine, trip, pageSize: 3)
        try await following(model) {
            await wait { model.isLoaded }
            #expect(texts(model) == (5...7).map { "message \($0)" } && model.hasOlder)
            await model.loadOlder()
            await wait { texts(model).count == 6 }
            await model.loadOlder()
            await wait { texts(model).count == 7 }
            #expect(texts(model) == (1...7).map { "message \($0)" } && model.failure == nil)
        }
    }

    @Test func `where the store ends the service's history is asked for, to its beginning`() async throws {
        service.state.withLock { state in
            _ = state.plain.create("Work", by: "carol", with: ["alice"], token: "x", at: 1_000)
            for number in 1...12 { state.plain.post("message \(number)", by: "carol", in: 0, at: Int64(2_000 + number)) }
        }
        var configuration = SyncConfiguration()
        configuration.historyPages = 1
        let engine = try SyncEngine(store: try .inMemory(), service: service, configuration: configuration)
        _ = try await engine.syncOnce(deadline: .seconds(20))
        let work = try #require(try engine.account.conversations().get().first?.id)
        let model = TimelineModel(engine, work)
        try await following(model) {
            var (rounds, isWhole) = (0, false)
            while !isWhole, rounds < 20 {
                let stored = try engine.account.timeline(of: work).get()
                await wait {
                    model.isLoaded && texts(model).filter { $0 != "…" }.count == stored.entries.filter(\.kind.isUserKind).count
                }
                isWhole = stored.beginningIsProved
                guard !isWhole else { break }
                #expect(model.hasOlder && !model.beginsHere)
                await model.loadOlder()
                _ = try await engine.syncOnce(deadline: .seconds(20))
                rounds += 1
            }
            await wait { model.beginsHere && !model.hasOlder && model.isUpToDate }
            #expect((1...5).contains(rounds))
            #expect(texts(model) == (1...12).map { "message \($0)" } && model.failure == nil)
        }
    }

    @Test func `what stands still is retried or discarded from its row`() async throws {
        service.state.withLock { state in
            _ = state.plain.create("Work", by: "carol", with: ["alice"], token: "x", at: 1_000)
        }
        let sends = ["first", "second"].map {
            ImportedSend(OutgoingMessage($0), token: Token($0), createdAt: Timestamp(milliseconds: 2_000))
        }
        try await engine.importHistory([ImportedConversation(id: "t1", topic: "Work", unsent: sends)])
        let work = try #require(try engine.account.conversations().get().first { $0.remoteID == "t1" }?.id)
        let model = TimelineModel(engine, work)
        try await following(model) {
            await wait { texts(model) == ["first", "second"] }
            let parked = try engine.account.outbox(in: work).get()
            #expect(parked.map(\.reason) == [.restored, .restored])
            await model.retry(try #require(parked[0].message))
            await model.discard(try #require(parked[1].message))
            #expect(model.failure == nil)
            await wait { texts(model) == ["first"] }
            // It is looked for before it goes.
            let left = try engine.account.outbox(in: work).get()
            #expect(left.map(\.message) == [parked[0].message] && left.map(\.state) != [.parked(.restored)])
            await model.discard(MessageID(99))
            #expect(model.failure?.code == .notFound)
        }
    }

    @Test func `a closed store and an unknown conversation end it with a sentence`() async throws {
        let unknown = TimelineModel(engine, ConversationID(99))
        await unknown.run()
        #expect(unknown.failure?.code == .notFound && !unknown.isLoaded)
        #expect(await !unknown.send("to nobody"))
        let model = TimelineModel(engine, trip)
        let run = Task { await model.run() }
        await wait { model.isLoaded }
        try store.close()
        await run.value
        #expect(model.failure?.code == .closed)
    }
}
