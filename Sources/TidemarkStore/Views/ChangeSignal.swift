internal import Synchronization
internal import TidemarkModel

/// What a commit changed, as far as views can tell; and what a view looks at.
enum Touched: Hashable, Sendable {
    /// Only what no view shows.
    case nothing
    /// Rows of one conversation, and what no timeline shows.
    case conversation(ConversationID)
    /// As ``conversation(_:)``, of each. Of none: what no timeline shows.
    case conversations(Set<ConversationID>)
    case everything
}

/// Tells those who wait that something was committed. Nothing runs while nobody waits.
final class ChangeSignal: Sendable {
    /// A point in the order of commits.
    struct Mark: Hashable, Sendable {
        var number: UInt64
    }

    private struct Waiter {
        var scope: Touched
        var continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        /// The most conversations that are told apart.
        static let maximumConversations = 10_000

        var number: UInt64 = 0
        var nextWaiter: UInt64 = 0
        var waiters: [UInt64: Waiter] = [:]
        /// The last commits that touched anything, everything, and each conversation.
        var any: UInt64 = 0
        var everything: UInt64 = 0
        var conversations: [ConversationID: UInt64] = [:]

        mutating func note(_ touched: Touched) {
            number &+= 1
            switch touched {
            case .nothing: return
            case .everything: everything = number
            case .conversation(let conversation): note(conversation)
            case .conversations(let touched): touched.forEach { note($0) }
            }
            any = number
        }

        private mutating func note(_ conversation: ConversationID) {
            if conversations.count >= Self.maximumConversations, conversations[conversation] == nil {
                conversations = [:]
                everything = number
            }
            conversations[conversation] = number
        }

        /// The last commit that touched what is looked at.
        func last(_ scope: Touched) -> UInt64 {
            switch scope {
            case .nothing, .everything: any
            case .conversation(let conversation): max(everything, conversations[conversation] ?? 0)
            case .conversations(let looked): max(everything, looked.compactMap { conversations[$0] }.max() ?? 0)
            }
        }
    }

    private let state = Mutex(State())

    var mark: Mark {
        state.withLock { Mark(number: $0.number) }
    }

    /// Whether something was announced after the mark that touches what is looked at.
    func hasChange(after mark: Mark, of scope: Touched) -> Bool {
        state.withLock { $0.last(scope) > mark.number }
    }

    /// How many wait, for tests.
    var waiting: Int {
        state.withLock { $0.waiters.count }
    }

    func announce(_ touched: Touched = .everything) {
        let woken = state.withLock { state in
            state.note(touched)
            let number = state.number
            let woken = state.waiters.filter { state.last($0.value.scope) == number }
            for id in woken.keys { state.waiters[id] = nil }
            return woken.values.map(\.continuation)
        }
        for waiter in woken { waiter.resume() }
    }

    /// Returns when something was announced after the mark that touches what is looked at, or when the task is cancelled.
    func wait(after mark: Mark, of scope: Touched = .everything) async {
        let id = state.withLock { state in
            state.nextWaiter &+= 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    // Cancelled before it got here: the handler below has found nobody to wake.
                    guard state.last(scope) <= mark.number, !Task.isCancelled else { return true }
                    state.waiters[id] = Waiter(scope: scope, continuation: continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { $0.waiters.removeValue(forKey: id) }
            waiter?.continuation.resume()
        }
    }
}
