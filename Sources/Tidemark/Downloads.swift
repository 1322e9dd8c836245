internal import Synchronization
internal import TidemarkModel

/// Which files are being fetched, and who waits for them.
final class Downloads: Sendable {
    /// What came of it, for all who wait; `nil`: it was given up.
    typealias Shared = Result<String, any Error>

    private struct State {
        var nextWaiter: UInt64 = 0
        /// By file; a file that nobody fetches is not in it.
        var waiters: [AttachmentID: [UInt64: CheckedContinuation<Shared?, Never>]] = [:]
    }

    private let state = Mutex(State())

    /// False: somebody else fetches it already.
    func begin(_ id: AttachmentID) -> Bool {
        state.withLock { state in
            guard state.waiters[id] == nil else { return false }
            state.waiters[id] = [:]
            return true
        }
    }

    func end(_ id: AttachmentID, _ result: Shared?) {
        let waiters = state.withLock { $0.waiters.removeValue(forKey: id) }
        for waiter in (waiters ?? [:]).values { waiter.resume(returning: result) }
    }

    /// How many wait for it, for tests.
    func waiting(for id: AttachmentID) -> Int { state.withLock { $0.waiters[id]?.count ?? 0 } }

    /// Returns when nobody fetches it any more, or when the task is cancelled.
    func wait(for id: AttachmentID) async -> Shared? {
        let number = state.withLock { state in
            state.nextWaiter &+= 1
            return state.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    guard state.waiters[id] != nil, !Task.isCancelled else { return true }
                    state.waiters[id]?[number] = continuation
                    return false
                }
                if isOver { continuation.resume(returning: nil) }
            }
        } onCancel: {
            let waiter = state.withLock { $0.waiters[id]?.removeValue(forKey: number) }
            waiter?.resume(returning: nil)
        }
    }
}
