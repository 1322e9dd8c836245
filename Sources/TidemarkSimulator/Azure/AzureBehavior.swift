internal import TidemarkModel

/// What is not known of the real service, as switches (wire page §13): a single reading would prove only our guess.
public struct AzureBehavior: Hashable, Sendable, Codable {
    /// `startTime` compares when a message was last changed, instead of when it was made.
    public var startTimeComparesVersion = true
    /// A later page of messages brings again what moved to the top meanwhile, as the list of threads does.
    public var redeliversMovedMessages = false
    /// Edits and deletes of messages move their thread in the list.
    public var editsBumpThread = true
    /// Edits and deletes of messages change `lastMessageReceivedOn`.
    public var editsChangeLastMessage = false
    /// Read receipts move their thread in the list.
    public var receiptsBumpThread = false
    /// Read receipts change `lastMessageReceivedOn`.
    public var receiptsChangeLastMessage = false
    /// A tombstone keeps its metadata.
    public var tombstonesKeepMetadata = true
    public var secondDeleteStatus = 204
    public var secondRemoveStatus = 204
    public var editOfDeletedStatus = 404
    /// Editing or deleting another's message.
    public var foreignMessageStatus = 403
    /// A message larger than the service takes.
    public var oversizedStatus = 413
    /// How many messages a page holds when nothing is asked for.
    public var defaultPageSize = 10
    /// Reading a deleted message by its id gives its tombstone, instead of 404.
    public var deletedMessageCanBeRead = true
    /// How long a change is not in the lists yet, in milliseconds.
    public var listLag: Int64 = 0
    /// Each message lags by another part of it: a later one may be listed before an earlier one.
    public var listsRunOutOfOrder = false
    /// How long after it was made a thread or message may be unknown to a write, in milliseconds. Recorded: within the same
    /// second. It is the fault `early-404` that makes use of it.
    public var visibilityLag: Int64 = 2000
    /// The most participants with which receipts and typing work (documented; what is answered above is not known).
    public var mostForReceipts = 20
    /// How long a repeatability id is remembered, in milliseconds.
    public var repeatabilityLifetime: Int64 = 24 * 3_600_000
    /// How often a page of a list is shorter than asked, or empty, and goes on.
    public var shortPages = 0.0
    /// A 429 carries `Retry-After`.
    public var sendsRetryAfter = true
    /// Whether the published limits are kept at all.
    public var limitsRates = false

    public init() {}

    /// One reading of everything that is open, drawn from a seed.
    public init(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        startTimeComparesVersion = generator.chance(0.5)
        redeliversMovedMessages = generator.chance(0.5)
        editsBumpThread = generator.chance(0.5)
        editsChangeLastMessage = generator.chance(0.5)
        tombstonesKeepMetadata = generator.chance(0.5)
        secondDeleteStatus = generator.chance(0.5) ? 204 : 404
        secondRemoveStatus = generator.chance(0.5) ? 204 : 404
        editOfDeletedStatus = generator.chance(0.5) ? 404 : 400
        deletedMessageCanBeRead = generator.chance(0.5)
        listLag = generator.chance(0.4) ? Int64(generator.pick(3000)) : 0
        listsRunOutOfOrder = generator.chance(0.6)
        repeatabilityLifetime = generator.chance(0.5) ? 600_000 : 24 * 3_600_000
        shortPages = generator.chance(0.5) ? 0.2 : 0
        sendsRetryAfter = generator.chance(0.5)
        receiptsBumpThread = generator.chance(0.5)
        receiptsChangeLastMessage = generator.chance(0.25)
        foreignMessageStatus = generator.chance(0.5) ? 403 : 404
        oversizedStatus = generator.chance(0.5) ? 413 : 400
        defaultPageSize = generator.chance(0.5) ? 10 : 6
    }
}
