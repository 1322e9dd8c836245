public import Observation
public import TidemarkModel
public import TidemarkStore

/// A conversation's timeline for a screen: SwiftUI redraws what it reads of it.
///
/// ```swift
/// List(model.items) { item in Row(item) }
///     .task { await model.run() }          // it follows the store while the screen is there
///     .refreshable { await model.loadOlder() }
/// ```
///
/// It shows the newest entries, and more of the older ones at each ``loadOlder()``. Everything it shows is in the store: it holds
/// nothing that is lost with it.
@MainActor @Observable
public final class TimelineModel {
    /// The most entries that one model shows. Older ones are read with `AccountView.timeline(of:limit:before:)`.
    public nonisolated static let maximumEntries = 10_000

    /// One row of the screen.
    public enum Item: Hashable, Sendable, Identifiable {
        case message(TimelineEntry)
        /// Before this message, or at the very end (`nil`), there may be messages that the store does not have.
        case gap(before: MessageID?)

        public enum ID: Hashable, Sendable {
            case message(MessageID)
            case gap(before: MessageID?)
        }

        public var id: ID {
            switch self {
            case .message(let entry): .message(entry.id)
            case .gap(let message): .gap(before: message)
            }
        }
    }

    /// Oldest first.
    public private(set) var items: [Item] = []
    /// Whether ``loadOlder()`` has anything to do: entries of the store that are not shown, or history that was not read.
    public private(set) var hasOlder = false
    /// The first entry is the first there ever was, and that is proved.
    public private(set) var beginsHere = false
    /// There was nothing newer at the service when it was last asked, and that is proved.
    public private(set) var isUpToDate = false
    /// Whether the store was read at all.
    public private(set) var isLoaded = false
    /// Why the last call did nothing, or why ``run()`` ended; its description is a sentence for people.
    public private(set) var failure: StoreError?

    public nonisolated let engine: SyncEngine
    public nonisolated let conversation: ConversationID
    @ObservationIgnored private let pageSize: Int
    @ObservationIgnored private var count: Int
    /// The store has entries before the first one.
    @ObservationIgnored private var storeHasOlder = false
    /// How many entries are wanted.
    @ObservationIgnored private let wanted = Broadcast<Int>(buffer: 1, repeatsLatest: true)

    /// - Parameters:
    ///   - engine: what writes and retries.
    ///   - conversation: what is shown.
    ///   - pageSize: how many entries it begins with, and how many more each ``loadOlder()`` shows.
    public init(_ engine: SyncEngine, _ conversation: ConversationID, pageSize: Int = 50) {
        self.engine = engine
        self.conversation = conversation
        self.pageSize = min(max(pageSize, 1), Self.maximumEntries)
        count = self.pageSize
        wanted.send(count)
    }

    /// Follows the store until its task is cancelled. It also ends, with ``failure`` set, when the store is closed or has no such
    /// conversation. Run it once at a time.
    public func run() async {
        failure = nil
        while !Task.isCancelled, failure == nil {
            let (count, changes) = (count, wanted.stream())
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.follow(count) }
                group.addTask {
                    for await other in changes where other != count { return }
                }
                await group.next()
                group.cancelAll()
            }
        }
    }

    private func follow(_ count: Int) async {
        do {
            for try await timeline in engine.account.longTimeline(of: conversation, newest: count).updates() { show(timeline) }
        } catch let error as StoreError {
            failure = error
        } catch {
            // Cancelled: whoever cancelled knows.
        }
    }

    private func show(_ timeline: Timeline) {
        items = timeline.entries.flatMap { entry -> [Item] in
            entry.gapBefore ? [.gap(before: entry.id), .message(entry)] : [.message(entry)]
        }
        (storeHasOlder, beginsHere, isUpToDate) = (timeline.hasOlder, timeline.beginningIsProved, timeline.endIsProved)
        hasOlder = (storeHasOlder && count < Self.maximumEntries) || (!storeHasOlder && !beginsHere)
        isLoaded = true
    }

    // MARK: What a person does

    /// Shows more of what is older. Where the store has no more and the beginning is not proved, the engine is asked to read the
    /// history; it does so when it runs, and what it brings shows up by itself.
    public func loadOlder() async {
        guard storeHasOlder else {
            guard isLoaded, !beginsHere else { return }
            return await attempt { try self.engine.readHistory(of: self.conversation) }
        }
        count = min(count + pageSize, Self.maximumEntries)
        wanted.send(count)
    }

    /// Writes a message; durable when it returns. False: ``failure`` says why not, and nothing was written.
    @discardableResult
    public func send(_ text: String, replyTo: MessageID? = nil) async -> Bool {
        await attempt { _ = try await self.engine.send(text, to: self.conversation, replyTo: replyTo) }
        return failure == nil
    }

    /// Tries again what of a message stands still, as far as that can be tried again.
    public func retry(_ message: MessageID) async {
        await act(on: message, .retry) { try await self.engine.retry($0) }
    }

    /// Takes back what of a message stands still: a send that never left is gone with it.
    public func discard(_ message: MessageID) async {
        await act(on: message, .discard) { try await self.engine.discard($0) }
    }

    /// Everything shown is read.
    public func markRead() async {
        await attempt { _ = try await self.engine.markRead(self.conversation) }
    }

    private func act(
        on message: MessageID, _ action: ParkReason.Action, _ body: @escaping (IntentID) async throws -> Void
    ) async {
        await attempt {
            let intents = try self.engine.account.message(message).get().entry.intents
            let open = try self.engine.account.outbox(in: self.conversation).get()
            for entry in open where intents.contains(entry.id) && entry.actions.contains(action) { try await body(entry.id) }
        }
    }

    private func attempt(_ body: () async throws -> Void) async {
        failure = nil
        do {
            try await body()
        } catch {
            failure = error as? StoreError
        }
    }
}
