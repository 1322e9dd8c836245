import Synchronization
import Tidemark

/// Tells a page what of its views has changed, as server-sent events. The page asks for what it shows then.
///
/// An event carries no content: however many changes come while a page is slow, it reads the newest state once.
struct InspectFollower: Sendable {
    enum Part: String, Hashable, Sendable, CaseIterable {
        case overview
        case timeline
        case message
        /// One of the views can't be read any more.
        case problem
        /// Nothing; it keeps the connection from being taken for a dead one.
        case beat
    }

    static let beatInterval: Duration = .seconds(15)

    let account: AccountView
    let conversation: ConversationID?
    let message: MessageID?
    /// When it is time for a beat.
    var clock: any EngineClock = SystemClock()

    /// Until the task is cancelled or sending fails. The first events come at once, so that nothing is missed between a reading
    /// and the first change.
    func follow(_ send: (String) async throws -> Void) async throws {
        let notices = InspectNotices()
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask { await told(.overview, account.conversations(includingDeleted: true), notices) }
            group.addTask { await told(.overview, account.outbox(), notices) }
            group.addTask { await told(.overview, account.gaps(), notices) }
            if let conversation {
                group.addTask { await told(.timeline, account.timeline(of: conversation, limit: 200), notices) }
            }
            if let message {
                group.addTask { await told(.message, account.message(message), notices) }
                group.addTask { await told(.message, account.journal(.message(message)), notices) }
            }
            group.addTask {
                while true {
                    try await clock.sleep(until: clock.now + Self.beatInterval)
                    notices.note(.beat)
                }
            }
            for await _ in notices.signals {
                for part in notices.take() {
                    try await send(part == .beat ? ": beat\n\n" : "event: \(part.rawValue)\ndata: {}\n\n")
                }
            }
        }
    }

    private func told<Value>(_ part: Part, _ view: LiveView<Value>, _ notices: InspectNotices) async {
        do {
            for try await _ in view.updates() { notices.note(part) }
        } catch {
            notices.note(.problem)
        }
    }
}

/// What is to be told next: each part once, however often it changed.
private final class InspectNotices: Sendable {
    let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation
    private let parts = Mutex(Set<InspectFollower.Part>())

    init() {
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func note(_ part: InspectFollower.Part) {
        parts.withLock { _ = $0.insert(part) }
        signal.yield()
    }

    func take() -> [InspectFollower.Part] {
        let taken = parts.withLock { parts in
            defer { parts = [] }
            return parts
        }
        return InspectFollower.Part.allCases.filter(taken.contains)
    }
}
