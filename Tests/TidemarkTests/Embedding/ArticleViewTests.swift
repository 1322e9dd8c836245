import Testing
import TidemarkModel
import TidemarkStore

@testable import Tidemark

/// What the articles “Embedding in ten minutes” and “Servers and bots” show. SwiftUI is on Apple's systems only: what its list asks of
/// the rows is asked here too, so that the article's view is type-checked against the model.
@Suite(.timeLimit(.minutes(1))) @MainActor struct ArticleViewTests {
    private enum Row: Sendable {
        case message(TimelineEntry, retry: @MainActor @Sendable () async -> Void)
        case note(String)
    }

    /// As SwiftUI's `List` takes them.
    private static func list<Rows: RandomAccessCollection>(_ rows: Rows, row: (Rows.Element) -> Row) -> [Row]
    where Rows.Element: Identifiable {
        rows.map(row)
    }

    @MainActor private struct ChatView {
        let model: TimelineModel
        init(_ engine: SyncEngine, _ conversation: ConversationID) { model = TimelineModel(engine, conversation) }

        var body: [Row] {
            ArticleViewTests.list(model.items) { item in
                switch item {
                case .message(let entry): .message(entry) { await model.retry(entry.id) }
                case .gap: .note("There may be more here")
                }
            }
        }

        func refreshable() async { await model.loadOlder() }
        func task() async { await model.run() }
    }

    private let store: MessageStore
    private let engine: SyncEngine

    init() throws {
        store = try .inMemory()
        engine = try SyncEngine(store: store, service: FileService())
    }

    @Test func `the view of the article shows what was written, each row under an id of its own`() async throws {
        let trip = try await engine.createConversation(topic: "Trip").conversation
        for text in ["On the train", "no network"] { try await engine.send(text, to: trip) }
        let view = ChatView(engine, trip)
        let running = Task { await view.task() }
        defer { running.cancel() }
        while !view.model.isLoaded, !Task.isCancelled { await Task.yield() }
        await view.refreshable()
        let texts = view.body.compactMap { row -> String? in
            guard case .message(let entry, _) = row else { return nil }
            return entry.text
        }
        #expect(texts == ["On the train", "no network"])
        #expect(Set(view.model.items.map(\.id)).count == view.model.items.count)
    }

    @Test func `a bot that is asked twice answers once`() async throws {
        let room = try await engine.createConversation(topic: "Help").conversation
        try await engine.send("When does it leave?", to: room)
        for _ in 0..<2 {
            for entry in try engine.account.timeline(of: room).get().entries where entry.text?.hasSuffix("?") == true {
                try await engine.send("At nine", to: room, token: Token("answer-to-\(entry.id)"))
            }
        }
        let texts = try engine.account.timeline(of: room).get().entries.compactMap(\.text)
        #expect(texts == ["When does it leave?", "At nine"])
    }
}
