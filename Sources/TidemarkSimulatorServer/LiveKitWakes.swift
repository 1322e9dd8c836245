internal import Synchronization

/// Tells every connection of the hub that something may have arrived. A connection that is still busy is told once.
final class LiveKitWakes: Sendable {
    private struct State {
        var last = 0
        var listeners: [Int: AsyncStream<Void>.Continuation] = [:]
    }

    private let state = Mutex(State())

    /// `nil` if there are as many as there may be.
    func listen(most: Int) -> (key: Int, changes: AsyncStream<Void>)? {
        let (changes, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        return state.withLock { state in
            guard state.listeners.count < most else { return nil }
            state.last += 1
            state.listeners[state.last] = continuation
            return (state.last, changes)
        }
    }

    func forget(_ key: Int) {
        state.withLock { $0.listeners.removeValue(forKey: key) }?.finish()
    }

    func wakeAll() {
        for listener in state.withLock({ Array($0.listeners.values) }) { listener.yield() }
    }
}
