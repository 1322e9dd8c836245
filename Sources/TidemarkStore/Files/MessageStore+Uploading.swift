internal import GRDB
package import TidemarkModel

/// What an upload under way and the store tell each other.
extension MessageStore {
    /// Writes down how many bytes have left, for every view of every process. What it was told before a newer attempt began counts for
    /// nothing.
    package func noteProgress(_ bytes: Int64, of delivery: Delivery) throws {
        _ = try write(.normal, touching: { $0 }) { db in
            let written = db.totalChangesCount
            try db.execute(
                cached: """
                    UPDATE attachment SET sentBytes = min(?1, coalesce(size, ?1)) WHERE intent = ?2 AND remoteID IS NULL
                        AND EXISTS (SELECT 1 FROM intent WHERE id = ?2 AND state = 'transmitting' AND attempts = ?3)
                    """, arguments: [max(0, bytes), delivery.intent.number, delivery.attempt])
            let conversation = try Int64.fetchOne(
                db, cached: "SELECT conversation FROM intent WHERE id = ?", arguments: [delivery.intent.number])
            guard let conversation, db.totalChangesCount != written else { return Touched.nothing }
            return .conversation(ConversationID(conversation))
        }
    }

    /// Whether an attempt is still the intent's: not once its message was discarded or its account removed. A store that can't be read
    /// says nothing.
    package func isWanted(_ delivery: Delivery) -> Bool {
        let found = try? read { db in
            try Bool.fetchOne(
                db,
                cached: "SELECT EXISTS (SELECT 1 FROM intent WHERE id = ? AND state = 'transmitting' AND attempts = ?)",
                arguments: [delivery.intent.number, delivery.attempt])
        }
        return found ?? true
    }

    /// Returns when an attempt is wanted no more, here or in another process, or when the task is cancelled.
    package func waitUntilUnwanted(_ delivery: Delivery) async {
        do {
            try beginWatching()
            while !Task.isCancelled {
                // The mark is taken before the look: a change in between is looked at once more.
                let mark = changes.mark
                guard isWanted(delivery), await change(after: mark) else { return }
            }
        } catch {
            // The store was closed: the run that this belongs to ends, and this with it.
            return
        }
    }
}
