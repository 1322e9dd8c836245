public import TidemarkModel

/// How conversations leave a store.
public enum ExportFormat: Sendable {
    /// A line of JSON for each thing: what ``MessageStore/importConversations(from:into:at:)`` reads.
    case jsonLines
    /// One page for people: nothing in it is loaded from elsewhere, and nothing runs.
    case html(ExportClock)
}

/// Times as the reader of a page knows them.
public struct ExportClock: Sendable {
    /// The zone, as the page names it.
    public var zone: String
    /// `Saturday 2026-11-21`
    public var day: @Sendable (Timestamp) -> String
    /// `14:02`
    public var time: @Sendable (Timestamp) -> String

    public init(
        zone: String, day: @escaping @Sendable (Timestamp) -> String, time: @escaping @Sendable (Timestamp) -> String
    ) {
        self.zone = zone
        self.day = day
        self.time = time
    }

    public static let utc = ExportClock(
        zone: "UTC", day: { String($0.rfc3339.prefix(10)) }, time: { String($0.rfc3339.dropFirst(11).prefix(5)) })
}

/// What an export holds.
public struct ExportReport: Hashable, Sendable {
    public var conversations = 0
    public var messages = 0
    public var unsent = 0
}

/// What an import brought.
public struct ImportReport: Hashable, Sendable {
    public var account: AccountName
    public var conversations = 0
    /// Messages that the store did not have, and those that are different now.
    public var added = 0
    public var changed = 0
    /// Messages that the store had.
    public var known = 0
    /// Intents that are parked now, for a person to try again or discard.
    public var unsent = 0
}
