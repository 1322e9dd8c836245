#if NIO
import NIOCore
import Synchronization
import TidemarkModel

/// What came and was not received yet. The channel's loop fills it, one task empties it.
final class WebSocketInbox: Sendable {
    typealias Received = Result<String?, TransportError>

    private struct State {
        var waiting = CircularBuffer<String>()
        var bytes = 0
        var reader: CheckedContinuation<Received, Never>?
        /// What comes behind the last message; `nil` while the connection is open.
        var end: Received?
        /// The channel wanted to read and was kept from it.
        var isReadingHeld = false
    }

    private let limits: WebSocketLimits
    private let state = Mutex(State())

    init(_ limits: WebSocketLimits) {
        self.limits = limits
    }

    /// How many messages wait; for tests.
    var count: Int { state.withLock { $0.waiting.count } }

    func push(_ text: String) {
        state.withLock { state -> CheckedContinuation<Received, Never>? in
            guard state.end == nil else { return nil }
            if let reader = state.reader {
                state.reader = nil
                return reader
            }
            state.waiting.append(text)
            state.bytes += text.utf8.count
            return nil
        }?.resume(returning: .success(text))
    }

    /// No message comes any more. Those that wait are received first, unless they are dropped. Only the first end counts.
    func end(_ end: Received, droppingWhatWaits: Bool = false) {
        state.withLock { state -> CheckedContinuation<Received, Never>? in
            if droppingWhatWaits { state.waiting.removeAll() }
            guard state.end == nil else { return nil }
            state.end = end
            defer { state.reader = nil }
            return state.reader
        }?.resume(returning: end)
    }

    /// Whether more may be read from the network now. If not, a later ``receive()`` says when it may.
    func mayRead() -> Bool {
        state.withLock { state in
            state.isReadingHeld = isFull(state)
            return !state.isReadingHeld
        }
    }

    private func isFull(_ state: State) -> Bool {
        state.end == nil && (state.waiting.count >= max(1, limits.maximumWaitingMessages) || state.bytes > byteLimit)
    }

    private var byteLimit: Int { max(64 * 1024, limits.maximumMessageBytes) }

    /// The next message and whether reading has to go on; waits for it.
    func receive() async -> (received: Received, mayReadAgain: Bool) {
        let cancelled = Received.failure(TransportError(.cancelled, requestMayHaveArrived: true))
        let mayReadAgain = Mutex(false)
        let received = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (received, displaced) = state.withLock { state -> (Received?, CheckedContinuation<Received, Never>?) in
                    if Task.isCancelled { return (cancelled, nil) }
                    if let text = state.waiting.popFirst() {
                        state.bytes -= text.utf8.count
                        let wasHeld = state.isReadingHeld
                        if wasHeld { state.isReadingHeld = isFull(state) }
                        mayReadAgain.withLock { $0 = wasHeld && !state.isReadingHeld }
                        return (.success(text), nil)
                    }
                    if let end = state.end { return (end, nil) }
                    defer { state.reader = continuation }
                    return (nil, state.reader)
                }
                displaced?.resume(returning: cancelled)
                if let received { continuation.resume(returning: received) }
            }
        } onCancel: {
            state.withLock { state in
                defer { state.reader = nil }
                return state.reader
            }?.resume(returning: cancelled)
        }
        return (received, mayReadAgain.withLock { $0 })
    }
}
#endif
