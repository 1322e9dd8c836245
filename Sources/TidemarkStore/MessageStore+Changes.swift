internal import Synchronization

extension MessageStore {
    /// How soon a live view that waits sees a change of another process: within this and the time that reading takes.
    ///
    /// On Linux the kernel tells of writing, and nothing runs while nobody writes. Elsewhere, and where the system has no more
    /// watches to give, who waits looks this often.
    public static let foreignChangeInterval: Duration = .milliseconds(500)

    /// How often, and with which pauses, is looked after a write before only the kernel is listened to: a commit can be seen a little
    /// later than its bytes, and no event comes of that. Three seconds.
    private static let pauses: [Duration] =
        [10, 20, 40, 80, 160, 320].map { .milliseconds($0) }
        + Array(repeating: foreignChangeInterval, count: 5)

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
        let events = fileEvents()
        var looks = 0
        while !Task.isCancelled {
            do {
                // Taken before the look: what is written during it is looked at once more.
                let mark = events?.mark
                if try connection.hasForeignChange() { return changes.announce() }
                if let events, let mark, looks >= Self.pauses.count {
                    await events.wait(after: mark)
                    looks = 0
                } else {
                    let pause = events == nil ? Self.foreignChangeInterval : Self.pauses[looks]
                    try await Task.sleep(for: pause)
                    looks += 1
                }
            } catch {
                // The read that follows says what is wrong.
                return
            }
        }
    }

    /// One for all that wait, and none while nobody does.
    private func fileEvents() -> FileEvents? {
        guard let path else { return nil }
        return events.withLock { known in
            if let events = known.events { return events }
            let fresh = FileEvents(path)
            known.events = fresh
            return fresh
        }
    }
}

/// What tells of writing, as long as somebody waits for it.
struct WeakFileEvents {
    weak var events: FileEvents?
}
