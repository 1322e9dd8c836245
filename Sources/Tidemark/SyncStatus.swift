public import TidemarkModel
public import TidemarkStore

/// What the engine is doing. More cases may be added.
public enum SyncStatus: Hashable, Sendable {
    /// Everything that is due is done.
    case idle
    /// Requests are under way.
    case syncing(requests: Int)
    /// The service can't be reached; it is tried again then.
    case offline(until: Timestamp)
    /// The service asked for a pause.
    case throttled(until: Timestamp)
    /// Nothing leaves until the account has a new credential.
    case needsCredential
    /// The store was copied or restored: nothing leaves until it is adopted.
    case needsAdoption
    /// `run()` is not running.
    case stopped
}

/// One thing that the engine did: counts, durations and ids, never content. More cases may be added.
public enum SyncActivity: Hashable, Sendable {
    case delivered(Verb, intent: IntentID, attempt: Int, outcome: String, duration: Duration)
    case read(String, items: Int, bytes: Int, duration: Duration)
    case failed(String, error: ServiceError, duration: Duration)
    case merged(received: Int, edited: Int, deleted: Int)
    case stopped(ParkReason)
}
