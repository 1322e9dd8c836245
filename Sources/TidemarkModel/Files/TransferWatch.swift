internal import Synchronization

/// Ends a transfer in which nothing moves.
package final class TransferWatch: Sendable {
    private let patience: Duration
    private let lastMove = Mutex(ContinuousClock.now)

    /// - Parameter patience: how long nothing may move.
    package init(patience: Duration) {
        // A longer one than a day is a mistake, and an instant has an end.
        self.patience = min(patience, .seconds(24 * 60 * 60))
    }

    /// Something has moved.
    package func move() {
        lastMove.withLock { $0 = .now }
    }

    /// Returns true when nothing has moved for too long, and false when its task is cancelled.
    package func waitForStandstill() async -> Bool {
        while true {
            let end = lastMove.withLock { $0 } + patience
            guard end > .now else { return true }
            guard (try? await Task.sleep(until: end, clock: .continuous)) != nil else { return false }
        }
    }
}
