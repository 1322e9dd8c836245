internal import Synchronization

/// Tells those who wait that something was committed. Nothing runs while nobody waits.
final class ChangeSignal: Sendable {
    /// A point in the order of commits.
    struct Mark: Hashable, Sendable {
        var number: UInt64
    }

    private struct State {
        var number: UInt64 = 0
        var nextWaiter: UInt64 = 0
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    var mark: Mark {
        state.withLock { Mark(number: $0.number) }
    }

    /// How many wait, for tests.
    var waiting: Int {
        state.withLock { $0.waiters.count }
    }

    func announce() {
        let waiters = state.withLock { state in
            state.number &+= 1
            defer { state.waiters = [:] }
            return state.waiters
        }
        for waiter in waiters.values { waiter.resume() }
    }

    /// Returns when something was announced after the mark, or when the task is cancelled.
    func wait(after mark: Mark) async {
        let id = state.withLock { state in
            state.nextWaiter &+= 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    // Cancelled before it got here: the handler below has found nobody to wake.
                    guard state.number == mark.number, !Task.isCancelled else { return true }
                    state.waiters[id] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { $0.waiters.removeValue(forKey: id) }
            waiter?.resume()
        }
    }
}
