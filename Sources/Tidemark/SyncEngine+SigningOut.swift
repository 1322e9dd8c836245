internal import Synchronization
internal import TidemarkModel
public import TidemarkStore

extension SyncEngine {
    /// Signs the account out: ends this engine's run, and removes the account with all that the store holds of it.
    ///
    /// While something is unsent it throws `notAllowed` with the count and changes nothing, unless told to discard that. Returns what
    /// was discarded. What had left may still land, and what the service has stays there; nothing more leaves. It is durable when it
    /// returns, whether its task is cancelled or not. A `run()` under way returns, a `syncOnce` throws `CancellationError`, views of the
    /// account show nothing, and every later call of this engine throws `notFound`. Signing in again is a new engine: it begins with
    /// what the service has.
    @discardableResult
    public func signOut(discardingUnsent: Bool = false) async throws -> [OutboxEntry] {
        try checkSignedIn()
        if !discardingUnsent { try store.checkRemovable(account.name) }
        state.withLock { $0.isSignedOut = true }
        await endRun()
        do {
            let unsent = try account.outbox().get()
            try store.removeAccount(account.name, discardingUnsent: discardingUnsent)
            return unsent
        } catch {
            // Something was written in between, or the disk refused: all is as it was, only at rest.
            state.withLock { $0.isSignedOut = false }
            throw error
        }
    }

    func checkSignedIn() throws {
        guard state.withLock({ $0.isSignedOut }) else { return }
        throw StoreError(.notFound, "Account \(account.name) was signed out; sign in again with a new engine.")
    }

    /// Returns when no run is under way. What is cut off by it is written down.
    private func endRun() async {
        await withCheckedContinuation { continuation in
            let isRunning = state.withLock { state in
                if state.isRunning { state.awaitingEnd.append(continuation) }
                return state.isRunning
            }
            if isRunning { mailbox.post(.stop) } else { continuation.resume() }
        }
    }
}
