import Synchronization
import TidemarkModel

/// Who waits to be let into which space.
final class SpaceEntries: Sendable {
    private typealias Waiting = CheckedContinuation<Bool, Never>

    private struct State {
        var number = 0
        var waiting: [RemoteConversationID: [Int: Waiting]] = [:]
    }

    private let state = Mutex(State())

    /// The service has decided.
    func decide(_ space: RemoteConversationID, isIn: Bool) {
        let waiting = state.withLock { $0.waiting.removeValue(forKey: space) }
        for continuation in waiting?.values ?? [:].values { continuation.resume(returning: isIn) }
    }

    /// Whether the service let it in. `ask` is called once the answer would be heard.
    func wait(for space: RemoteConversationID, ask: () -> Void) async -> Bool {
        let number = state.withLock { state in
            state.number += 1
            return state.number
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let waits = state.withLock { state in
                    if !Task.isCancelled { state.waiting[space, default: [:]][number] = continuation }
                    return !Task.isCancelled
                }
                if waits { ask() } else { continuation.resume(returning: false) }
            }
        } onCancel: {
            state.withLock { $0.waiting[space]?.removeValue(forKey: number) }?.resume(returning: false)
        }
    }
}
