internal import Synchronization

extension MessageStore {
    /// How soon a live view that waits sees a change of another process: within this and the time that reading takes.
    ///
    /// On Linux the kernel tells of writing, and nothing runs while nobody writes. Elsewhere, and where the system has no more
    /// watches to give, who waits looks this often.
    public static let foreignChangeInterval: Duration = .milliseconds(500)

    /// With which pauses is looked after a write before only the kernel is listened to. A commit can be seen a little later than its
    /// bytes, and no event comes of that: a busy disk may take many seconds to sync them.
    private static let pauses: [Duration] =
        [10, 20, 40, 80, 160, 320].map { .milliseconds($0) }
        + Array(repeating: foreignChangeInterval, count: 5)
        + [1, 2, 4, 8, 16, 32, 64].map { .seconds($0) }

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
                guard let events, let mark else {
                    try await Task.sleep(for: Self.foreignChangeInterval)
                    continue
                }
                let pause = looks < Self.pauses.count ? Self.pauses[looks] : nil
                if let pause, pause <= Self.foreignChangeInterval {
                    try await Task.sleep(for: pause)
                    looks += 1
                } else {
                    looks = await Self.isWritten(after: mark, events, within: pause) ? 0 : looks + 1
                }
            } catch {
                // The read that follows says what is wrong.
                return
            }
        }
    }

    /// Whether somebody wrote after the mark, before the time was over; `nil`: however long it takes.
    private static func isWritten(
        after mark: ChangeSignal.Mark, _ events: FileEvents, within limit: Duration?
    ) async -> Bool {
        guard let limit else {
            await events.wait(after: mark)
            return true
        }
        return await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await events.wait(after: mark)
                return !Task.isCancelled
            }
            group.addTask {
                try? await Task.sleep(for: limit)
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
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
