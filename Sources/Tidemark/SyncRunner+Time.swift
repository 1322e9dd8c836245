internal import TidemarkModel
internal import TidemarkStore

extension SyncRunner {
    /// What is due and stands behind a closed gate is looked at again this late, not in a spin.
    private static let shortestWait = Duration.milliseconds(100)

    var leaseDuration: Duration { core.scope.configuration.leaseDuration }

    // MARK: The lease

    /// False: somebody else has it, and this run waits for its turn.
    mutating func takeLease(_ moment: Moment) throws -> Bool {
        guard let taken = try acquire(moment) else {
            guard stays else { throw leaseHeld(by: try core.store.leaseHolder(account: account.id, moment: moment)) }
            return false
        }
        lease = taken
        core.scope.generation = taken.generation
        return true
    }

    mutating func renewLease(_ moment: Moment) throws {
        guard let held = lease else { return }
        // More than a whole one is left where the clock was set back. Nobody would be let in for all that time, or be noticed.
        let rest = held.expiresAt - moment.now
        guard rest < leaseDuration * 2 / 3 || rest > leaseDuration else { return }
        guard let renewed = try acquire(moment) else {
            lease = nil
            throw StoreError(.leaseHeld, "Another process took over the sync of this account; this one stopped.")
        }
        lease = renewed
        // A lease that had run out in between is a new one: what the old one left in transmission is in doubt.
        if renewed.generation != held.generation {
            core.scope.generation = renewed.generation
            try core.begin(moment)
        }
    }

    /// Lets the next one in at once.
    package mutating func releaseLease() throws {
        guard let held = lease else { return }
        lease = nil
        try core.store.release(held)
    }

    private func acquire(_ moment: Moment) throws -> Lease? {
        try core.store.acquireLease(account: account.id, holder: holder, moment: moment, duration: leaseDuration)
    }

    /// Who has it, until when, and what to do.
    private func leaseHeld(by lease: Lease?) -> StoreError {
        guard let lease else {
            return StoreError(.leaseHeld, "Another process has just finished syncing account \(account.name); sync again.")
        }
        let clock = lease.expiresAt.rfc3339.dropFirst("2026-01-01T".count).prefix("00:00:00".count)
        return StoreError(
            .leaseHeld,
            "Account \(account.name) is being synced by \(LeaseHolder.name(of: lease.holder)), which holds it until \(clock) UTC and "
                + "longer while it works. Wait for it or stop it, then sync again.")
    }

    // MARK: Timers

    /// When it has to look again although nothing came.
    func timer(_ round: SyncCore.Round, _ moment: Moment) throws -> Timestamp? {
        let now = moment.now
        let configuration = core.scope.configuration
        var due = now + leaseDuration / 3
        // With every request under way nothing can be begun, whatever falls due. Only the lease must not end before they do.
        guard core.requestsInFlight < configuration.maximumConcurrentRequests else {
            return (lease?.expiresAt ?? now) - now > configuration.requestTimeout ? nil : due
        }
        if let next = round.nextDue { due = min(due, next > now ? next : now + Self.shortestWait) }
        if stays {
            // What another process wrote into the store is noticed by looking.
            if core.store.path != nil { due = min(due, now + configuration.foreignWriteInterval) }
        } else if let deadline {
            if let unsettled = try core.unsettledDue(moment), core.inFlight == 0 {
                due = max(unsettled, now + Self.shortestWait)
            }
            due = min(due, max(deadline, now))
        }
        return due
    }

    /// Whether a sync has nothing left that it should wait for.
    func isDone(_ round: SyncCore.Round, _ moment: Moment) throws -> Bool {
        let now = moment.now
        guard core.stop == nil else { return true }
        guard let deadline, deadline > now else { return true }
        let read = core.awaitsRead ? round.nextDue : nil
        guard let unsettled = [try core.unsettledDue(moment), read].compactMap({ $0 }).min() else {
            return round.nextDue.map { $0 > now } ?? true
        }
        let patience = core.scope.configuration.unreachablePatience
        return unsettled > deadline
            || core.reach.isHopeless(since: (began ?? moment).now, now: now, nextTry: unsettled, patience: patience)
    }
}
