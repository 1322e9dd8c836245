public import TidemarkModel
internal import TidemarkStore

/// Which part of an account a sync is about. What lies outside is not lost: it waits for a sync that includes it.
///
/// ```swift
/// let report = try await engine.syncOnce(.conversations([trip]), deadline: .seconds(30))
/// let recent = try await engine.syncOnce(.since(yesterday))
/// ```
public struct SyncScope: Hashable, Sendable {
    /// The most conversations that can be named; where there are more, everything is the better scope.
    public static let maximumConversations = 1000

    /// Everything that is unsent and everything that is new.
    public static let everything = SyncScope()

    /// Only what is unsent in these conversations is sent, in its order, and only they are read. `nil`: all of the account.
    ///
    /// They are read whether or not the service lists them as changed; the list itself is read only where it decides about an
    /// intent of theirs.
    public var conversations: Set<ConversationID>?

    /// Reads what was created since then (`start_time`), and not what is older: neither the way down to what is known already nor
    /// history below. `nil`: all that is new.
    ///
    /// What is unsent goes out whenever it was written. The walk proves its stretch of history; what is between it and older
    /// stretches stays a gap that a later sync without `since` closes.
    public var since: Timestamp?

    public init(conversations: Set<ConversationID>? = nil, since: Timestamp? = nil) {
        self.conversations = conversations
        self.since = since
    }

    public static func conversations(_ conversations: Set<ConversationID>) -> SyncScope {
        SyncScope(conversations: conversations)
    }

    public static func since(_ since: Timestamp) -> SyncScope {
        SyncScope(since: since)
    }

    /// `stays`: who stays has to notice what is new, too.
    func extent(stays: Bool) -> Extent {
        var extent = Extent()
        extent.conversations = conversations
        extent.readsList = conversations == nil || stays
        extent.catchesUp = since == nil || stays
        extent.fillsBack = since == nil
        return extent
    }
}
