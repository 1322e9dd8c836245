extension MessageStore {
    /// How often a live view that waits looks for changes of other processes.
    public static let foreignChangeInterval: Duration = .milliseconds(500)

    /// From here on changes of others are told. Called before the first read, so that none between it and the waiting is
    /// missed.
    func beginWatching() throws {
        guard path != nil else { return }
        if try connection.hasForeignChange() { changes.announce() }
    }

    /// Waits for a commit after the mark that touches what is looked at, of this process or another. False when the task was cancelled.
    func change(after mark: ChangeSignal.Mark, of scope: Touched = .everything) async -> Bool {
        guard path != nil else {
            await changes.wait(after: mark, of: scope)
            return !Task.isCancelled
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.changes.wait(after: mark, of: scope) }
            group.addTask { await self.foreignChange() }
            await group.next()
            group.cancelAll()
        }
        return !Task.isCancelled
    }

    /// Returns when another connection has changed the file, when the store is closed, or when the task is cancelled.
    private func foreignChange() async {
        while !Task.isCancelled {
            do {
                if try connection.hasForeignChange() { return changes.announce() }
                try await Task.sleep(for: Self.foreignChangeInterval)
            } catch {
                // The read that follows says what is wrong.
                return
            }
        }
    }
}
