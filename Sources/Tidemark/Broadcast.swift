internal import Synchronization

/// Gives each of its listeners the values that come, the newest few of them to one that is slow.
final class Broadcast<Value: Sendable>: Sendable {
    private struct State {
        var next = 0
        var listeners: [Int: AsyncStream<Value>.Continuation] = [:]
        var latest: Value?
    }

    private let state = Mutex(State())
    private let buffer: Int
    private let repeatsLatest: Bool

    init(buffer: Int, repeatsLatest: Bool) {
        self.buffer = buffer
        self.repeatsLatest = repeatsLatest
    }

    func send(_ value: Value) {
        let listeners = state.withLock { state in
            state.latest = value
            return Array(state.listeners.values)
        }
        for listener in listeners { listener.yield(value) }
    }

    func finish() {
        let listeners = state.withLock { state in
            let listeners = Array(state.listeners.values)
            state.listeners = [:]
            return listeners
        }
        for listener in listeners { listener.finish() }
    }

    func stream() -> AsyncStream<Value> {
        let (stream, continuation) = AsyncStream.makeStream(of: Value.self, bufferingPolicy: .bufferingNewest(buffer))
        let (number, latest) = state.withLock { state in
            state.next += 1
            state.listeners[state.next] = continuation
            return (state.next, repeatsLatest ? state.latest : nil)
        }
        if let latest { continuation.yield(latest) }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { state in _ = state.listeners.removeValue(forKey: number) }
        }
        return stream
    }
}
