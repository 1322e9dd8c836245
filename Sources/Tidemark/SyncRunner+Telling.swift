internal import TidemarkModel
internal import TidemarkStore

extension SyncRunner {
    func status(_ round: SyncCore.Round) throws -> SyncStatus {
        if core.inFlight > 0 { return .syncing(requests: core.inFlight) }
        if core.stop == .needsCredential || core.stop == .wrongIdentity { return .needsCredential }
        if try !core.store.isAdopted { return .needsAdoption }
        if let error = core.lastError, let due = round.nextDue {
            if error.code == .throttled { return .throttled(until: due) }
            if error.scope == .host { return .offline(until: due) }
        }
        return .idle
    }

    /// What the run did, and what it leaves.
    package func report(_ moment: Moment) throws -> SyncReport {
        var report = core.report
        let extent = core.scope.extent
        let unsent = try account.outbox().get().filter { extent.contains($0.conversation) }
        let summary = OutboxSummary(of: unsent)
        report.inDoubt = unsent.count { $0.state == .inDoubt }
        report.pending = summary.queued
        report.gaps = try account.gaps().get().count { extent.contains($0.conversation) }
        report.seconds = Double(moment.monotonic - (began ?? moment).monotonic) / 1000
        report.nextDue = try core.unsettledDue(moment)
        report.problem = core.stop.map(Self.sentence) ?? core.lastError?.description
        report.ending =
            if core.stop != nil {
                .needsCredential
            } else if core.lastError != nil || report.nextDue != nil {
                .temporary
            } else if summary.needingPerson > 0 {
                .needsPerson
            } else if summary.queued > 0 {
                .temporary
            } else {
                .complete
            }
        return report
    }

    private static func sentence(_ reason: ParkReason) -> String {
        reason == .wrongIdentity
            ? "The credential belongs to another user than this account; nothing was sent. Give it a credential of its own user."
            : "The service refused the credential; give the account a new one."
    }
}
