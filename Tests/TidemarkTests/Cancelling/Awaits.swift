import Synchronization

/// Counts where an engine stands still and waits, and cancels its task at one of these places.
final class Awaits: Sendable {
    private struct State {
        var passed: [String] = []
        var open = 0
        var cancel: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())
    private let last: Int?

    /// `cancelAt`: at which of the awaits, counted from 1; 0: before the first; `nil`: never.
    init(cancelAt: Int? = nil) {
        last = cancelAt
    }

    var passed: [String] { state.withLock { $0.passed } }
    /// What was begun and has not ended.
    var open: Int { state.withLock { $0.open } }

    func begin() { state.withLock { $0.open += 1 } }

    func end() { state.withLock { $0.open -= 1 } }

    /// How the task under test is cancelled. It may have got anywhere by now.
    func arm(_ cancel: @escaping @Sendable () -> Void) {
        let isDue = state.withLock { state in
            state.cancel = cancel
            return last.map { $0 <= state.passed.count } ?? false
        }
        if isDue { cancel() }
    }

    /// What it waits for has come, as far as the day is concerned.
    func cancel() {
        state.withLock { $0.cancel }?()
    }

    func pass(_ place: String) async {
        let cancel = state.withLock { state in
            state.passed.append(place)
            return state.passed.count == last ? state.cancel : nil
        }
        cancel?()
        await Task.yield()
    }
}
