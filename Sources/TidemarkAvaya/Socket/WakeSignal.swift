import Synchronization

/// Wakes the one task that waits; given while nobody does, it is kept for the next.
final class WakeSignal: Sendable {
    private struct State {
        var isGiven = false
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func give() {
        state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.isGiven = state.waiting == nil
            defer { state.waiting = nil }
            return state.waiting
        }?.resume()
    }

    /// Returns when the signal is given or the task is cancelled. Another one that waited returns, too.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (isOver, displaced) = state.withLock { state -> (Bool, CheckedContinuation<Void, Never>?) in
                    if state.isGiven || Task.isCancelled {
                        state.isGiven = false
                        return (true, nil)
                    }
                    defer { state.waiting = continuation }
                    return (false, state.waiting)
                }
                displaced?.resume()
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { state in
                defer { state.waiting = nil }
                return state.waiting
            }?.resume()
        }
    }
}
