internal import GRDB

extension MessageStore {
    /// Lets go of the file: when it returns, this process holds no lock on it and has it open no more. For iOS, which ends an app
    /// that is put to sleep while it holds a lock in a folder shared with its extensions.
    ///
    /// Transactions under way end first; later calls throw `suspended` until ``resume()``. Live views wait, and go on where they
    /// are; `SyncEngine.run()` stops as if the program had been killed, with which it is at ease, and begins anew after
    /// ``resume()``, while `syncOnce` throws `suspended`. What was committed stays. Suspending twice is fine. Throws ``StoreError``:
    /// `closed`, and `readOnly` for a store that was opened for reading, which is closed and opened again instead. A store in memory
    /// only refuses calls.
    public func suspend() throws {
        guard !isReadOnly else {
            throw StoreError(
                .readOnly, "A store that was opened for reading can't be suspended; close it, and open it again later.")
        }
        _ = try connection.suspend(keepingConnection: path == nil)
        // Who waits for a change of the file waits for its resumption from here on.
        changes.announce()
    }

    /// Takes the file up again, as it is now: another process may have written meanwhile.
    ///
    /// Without a suspension it does nothing. It waits for no network and migrates nothing. Throws ``StoreError``: `closed`, and what
    /// ``open(_:mode:)`` throws for a file that was taken away, replaced, or migrated by a later version meanwhile; the store stays
    /// suspended then.
    public func resume() throws {
        let isResumed = try connection.resume {
            guard let path else { throw StoreError.closed }
            return try Self.reopened(path)
        }
        guard isResumed else { return }
        try bindToFile()
        changes.announce()
    }

    /// Returns when the store is not suspended any more, at once if it is not, or when the task is cancelled.
    package func waitForResumption() async {
        while !Task.isCancelled {
            let mark = changes.mark
            guard connection.isSuspended else { return }
            await changes.wait(after: mark)
        }
    }
}
