internal import Synchronization
public import TidemarkModel

/// Somebody who is writing right now.
public struct Typist: Hashable, Sendable {
    public let participant: ParticipantID
    /// As the service told it, if it did.
    public let displayName: String?
    /// When it no longer counts, unless it is told again.
    let until: Timestamp

    public static func == (one: Typist, other: Typist) -> Bool {
        one.participant == other.participant && one.displayName == other.displayName
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(participant)
        hasher.combine(displayName)
    }
}

/// Who is writing where, in memory only.
final class Typists: Sendable {
    /// Of one conversation. A service can tell of any number of people.
    static let limit = 100

    private let known = Mutex<[RemoteConversationID: [Typist]]>([:])
    private let changes = Broadcast<Void>(buffer: 1, repeatsLatest: false)

    /// Takes in what was pushed. True: it was about writing alone, and nobody else has to hear of it.
    func hear(_ event: RemoteEvent, at now: Timestamp, lasting: Duration) -> Bool {
        switch event {
        case .typing(let participant, let name, let conversation):
            known.withLock { known in
                var typists = (known[conversation] ?? []).filter { $0.until > now && $0.participant != participant }
                guard typists.count < Self.limit else { return }
                typists.append(Typist(participant: participant, displayName: name, until: now + lasting))
                known[conversation] = typists
            }
            changes.send(())
            return true
        case .message(let message, let conversation):
            // Who has sent has written.
            let hasEnded = known.withLock { known in
                let count = known[conversation]?.count ?? 0
                known[conversation]?.removeAll { $0.participant == message.sender }
                return known[conversation]?.count ?? 0 != count
            }
            if hasEnded { changes.send(()) }
            return false
        default:
            return false
        }
    }

    /// Those who count at that moment, in the order in which they were told of; a clock that was set back makes nobody write longer.
    func now(in conversation: RemoteConversationID, at now: Timestamp, lasting: Duration) -> [Typist] {
        known.withLock { known in
            let typists = (known[conversation] ?? []).filter { $0.until > now && $0.until <= now + lasting }
            known[conversation] = typists.isEmpty ? nil : typists
            return typists
        }
    }

    /// One element per change from now on.
    func change() -> AsyncStream<Void> { changes.stream() }
}

/// Who is writing in a conversation: now, and again whenever that changes.
public struct TypingUpdates: AsyncSequence, Sendable {
    public typealias Element = [Typist]
    public typealias Failure = Never

    let engine: SyncEngine
    let conversation: RemoteConversationID
    let own: Set<ParticipantID>

    public func makeAsyncIterator() -> Iterator { Iterator(updates: self) }

    public struct Iterator: AsyncIteratorProtocol {
        let updates: TypingUpdates
        private var last: [Typist]?

        init(updates: TypingUpdates) {
            self.updates = updates
        }

        public mutating func next() async -> [Typist]? {
            while !Task.isCancelled {
                // Listened to before it is looked at: nothing in between is missed.
                let change = updates.engine.typists.change()
                let typists = updates.typists
                if typists != last {
                    last = typists
                    return typists
                }
                await updates.wait(for: change, until: typists.map(\.until).min())
            }
            return nil
        }
    }

    private var typists: [Typist] {
        let lasting = engine.configuration.typingLasts
        return engine.typists.now(in: conversation, at: engine.clock.now, lasting: lasting).filter {
            !own.contains($0.participant)
        }
        .sorted { $0.participant < $1.participant }
    }

    private func wait(for change: AsyncStream<Void>, until end: Timestamp?) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in change { return }
            }
            if let end {
                let clock = engine.clock
                group.addTask { try? await clock.sleep(until: end) }
            }
            await group.next()
            group.cancelAll()
        }
    }
}
