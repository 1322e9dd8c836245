public import TidemarkModel
internal import TidemarkStore

/// What a sync did: counts only, no content.
public struct SyncReport: Hashable, Sendable, Codable {
    /// Own messages that the service accepted.
    public var sent = 0
    /// Messages that were not known before.
    public var received = 0
    public var edited = 0
    public var deleted = 0
    /// Intents that were set aside for a person.
    public var parked = 0
    /// Intents whose outcome is not known yet, those that wait for a person included.
    public var inDoubt = 0
    /// Intents that are still to be sent.
    public var pending = 0
    /// Places where history is not proved.
    public var gaps = 0
    /// Conversations that something changed in.
    public var conversations = 0
    public var requests = 0
    public var bytes = 0
    public var seconds = 0.0

    /// How it ended.
    public enum Ending: String, Hashable, Sendable, Codable {
        /// Nothing is left to do now.
        case complete
        /// Nothing is left that the engine can do alone: a person is needed.
        case needsPerson
        /// The service refused the credential.
        case needsCredential
        /// Something is left, and it falls due after the deadline, or the service can't be reached.
        case temporary
    }

    public var ending = Ending.complete
    /// When the next thing falls due, if something is left.
    public var nextDue: Timestamp?
    /// What stopped the account, or the last failure, as a sentence.
    public var problem: String?

    public init() {}
}
