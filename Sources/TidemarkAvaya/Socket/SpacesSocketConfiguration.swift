/// The limits and times of a socket to Avaya Spaces.
public struct SpacesSocketConfiguration: Hashable, Sendable {
    /// The wait before the first new connection after a loss; it doubles with each further one (socket.io's own client: 1 s).
    public var firstDelay: Duration = .seconds(1)
    /// The longest such wait (socket.io's own client: 5 s).
    public var longestDelay: Duration = .seconds(5)
    /// How far a wait is drawn to either side, as a share of it.
    public var jitter: Double = 0.5
    /// The wait after the service refused twice in a row; it doubles with each further refusal.
    public var firstRefusalDelay: Duration = .seconds(30)
    public var longestRefusalDelay: Duration = .seconds(600)
    /// A connection that was ready for so long counts as one that works: waits begin anew after it.
    public var stableAfter: Duration = .seconds(10)
    /// From the open connection to the open namespace.
    public var handshakeTimeout: Duration = .seconds(20)
    /// How long a subscription may stay unanswered. It is asked for ``subscribeAttempts`` times, and then again after
    /// ``refusedSubscriptionDelay``, like one that was refused.
    public var subscribeTimeout: Duration = .seconds(10)
    public var subscribeAttempts = 3
    public var refusedSubscriptionDelay: Duration = .seconds(300)
    /// Subscriptions that wait for their answer at the same time.
    public var maximumOpenSubscriptions = 4
    /// Spaces beyond these are left to polling.
    public var maximumSpaces = 1_000
    /// How often the list of spaces is asked for while the connection holds.
    public var listInterval: Duration = .seconds(180)
    /// How long a list that failed waits for the next try.
    public var listRetryDelay: Duration = .seconds(20)
    /// From the call to the end of a send, whatever it is.
    public var sendTimeout: Duration = .seconds(20)
    public var maximumPendingSends = 100
    /// Events that may leave in a minute (wire page §8: 200 in the developer pages' prose, 600 in their sample).
    public var eventsPerMinute = 200
    /// What an event's frame may be long (wire page §8: 16 KB).
    public var maximumEventBytes = 16 * 1024
    /// How many messages are remembered to know a second delivery of one.
    public var rememberedMessages = 1_024

    public init() {}
}
