internal import TidemarkModel

/// What is not known of the real service, as switches (wire page §11 and all that it marks as inferred): a single reading
/// would prove only our guess.
///
/// The defaults are the readings that the wire page leans to, without faults and lags.
public struct AvayaBehavior: Hashable, Sendable, Codable {
    /// What shows that an item of a listing was deleted.
    public enum DeletionMark: String, Hashable, Sendable, Codable, CaseIterable {
        /// `status` is another one (``AvayaBehavior/deletedStatus``).
        case status
        /// `isDeleted: true`.
        case flag
        /// `deleted` is a time.
        case stamp
        /// Nothing but `_id`, `topicId` and `modified` is left of it.
        case bareID
        /// It is not listed at all, whatever was asked for.
        case absent
    }

    /// What stands where a page has no next one.
    public enum EndOfPages: String, Hashable, Sendable, Codable, CaseIterable {
        case absent, empty, end
    }

    /// What a guest reads of a space that denies guests its history.
    public enum GuestHistory: String, Hashable, Sendable, Codable, CaseIterable {
        case empty, refused, sinceJoin
    }

    /// What makes an edit outdated.
    public enum EditCheck: String, Hashable, Sendable, Codable, CaseIterable {
        /// The `modified` that the edit carries is not the message's.
        case modified
        /// The message was changed a moment ago, and the edit doesn't carry that change's `modified`.
        case recent
    }

    /// How one message is answered.
    public enum SingleShape: String, Hashable, Sendable, Codable, CaseIterable {
        case bare, object, list
    }

    /// What a subscriber hears of a deleted chat.
    public enum DeletionEvent: String, Hashable, Sendable, Codable, CaseIterable {
        case none
        /// `MESSAGE_SENT` with the category `app.event.message.removed`.
        case removed
        /// `MESSAGE_SENT` with the message as a listing shows it.
        case marked
    }

    /// What happens to an event that is too large.
    public enum OversizedEvent: String, Hashable, Sendable, Codable, CaseIterable {
        case failed, ignored, closed
    }

    // MARK: Texts

    /// Quotation marks in a body come back as `&#x27;` and `&quot;`.
    public var escapesQuotes = false
    /// A body without a paragraph comes back in one.
    public var wrapsBodies = false
    /// Scripts and handlers are taken out of a body.
    public var sanitises = true
    /// `content.description` of what is sent over the socket is kept.
    public var keepsDescription = true
    /// And of what is posted.
    public var keepsPostedDescription = true
    /// `created` of what is sent over the socket is kept.
    public var keepsCreated = false
    /// The most bytes that a body may have; `nil` where there is no limit.
    public var maximumTextBytes: Int?

    // MARK: Listings

    public var feedIsAscending = true
    /// What was changed at `after` itself is listed too.
    public var afterIsInclusive = false
    public var deletionMark = DeletionMark.status
    public var deletedStatus: Int64 = 2
    /// A deletion changes `modified`, by which the feed is ordered; otherwise it stays where it was.
    public var deletesBumpModified = true
    /// An edit shows another `modified`. The feed lists it by the edit's time in any case (documented).
    public var editsBumpModified = true
    /// A comment changes its parent's `modified`.
    public var commentsBumpParent = false
    /// A chat may name a chat as its `parentMsg`; otherwise only posts and tasks are answered.
    public var repliesToChats = true
    /// A page token says after which item to go on; otherwise after how many.
    public var pagesByKeyset = true
    /// A space in `spacelist` that may not be read is left out; otherwise it fails the whole feed.
    public var feedSkipsForeignSpaces = false
    /// The listing that is asked for *after* a time begins with the newest too.
    public var afterIsNewestFirst = false
    /// A query *after* no time begins now, as documented, and has nothing yet; otherwise at the space's beginning.
    public var queriesAfterNow = true
    /// What direction a query has that names none: documented is *after*, seen was *before*.
    public var queriesAfterByDefault = true
    /// A query without a category lists posts and tasks too.
    public var queriesAllCategories = false
    /// What was made at `refTime` itself is listed too.
    public var refTimeIsInclusive = false
    /// The item that `nextRefObjId` names is listed once more.
    public var refObjectIsInclusive = false
    /// A query shows deleted messages, marked as in the feed.
    public var queriesShowDeleted = false
    /// A deleted message can still be asked for by its id.
    public var deletedCanBeRead = false
    public var endOfPages = EndOfPages.absent
    public var linksAreRelative = false
    /// The reverse link is called `prevPageUrl`, else `previousPageUrl`.
    public var abbreviatesPrevious = false
    /// How long a change is not in the listings yet, in milliseconds.
    public var listLag: Int64 = 0
    /// Each message lags by another part of it.
    public var listsRunOutOfOrder = false
    /// How long after it was made a message may be unknown to a write, in milliseconds: for the fault `early-404`.
    public var visibilityLag: Int64 = 2000
    public var guestHistory = GuestHistory.empty

    // MARK: Answers

    /// `users/me`, a space and a join are answered without `data` around them, as seen.
    public var answersBareObjects = true
    public var singleShape = SingleShape.bare
    public var sendStatus = 200
    public var editCheck = EditCheck.modified
    /// `{"error":{code,message}}` instead of `{code,message}`.
    public var wrapsErrors = false
    public var foreignEditStatus = 403
    public var unknownMessageStatus = 404
    public var oversizedStatus = 413
    /// Whoever reads or writes in an open space is a member of it from then on.
    public var visitingJoins = true
    /// Who is invited by id is a member at once.
    public var invitesJoinAtOnce = true

    // MARK: Identities

    /// A guest that names a username gets the id that it had.
    public var guestsKeepTheirID = false
    public var accessTokenSeconds: Int64 = 3600
    public var accessTokensAreJWT = true
    public var invalidGrantStatus = 400
    public var uploadSeconds: Int64 = 900
    public var downloadSeconds: Int64 = 900

    // MARK: Rates

    public var limitsRates = false
    public var rateStatus = 429
    public var sendsRetryAfter = true

    // MARK: The socket

    public var pingInterval: Int64 = 25_000
    public var pingTimeout: Int64 = 60_000
    public var answersAcks = false
    /// Subscribers are told of a chat's edit.
    public var announcesEdits = true
    public var deletionEvent = DeletionEvent.removed
    /// A connection outlives its token.
    public var socketsOutliveTokens = true
    /// How often `MESSAGE_SENT` comes twice.
    public var duplicates = 0.0
    /// How much later subscribers hear of a message, in milliseconds.
    public var eventLag: Int64 = 0
    /// A send is taken from whoever may write in the space; otherwise only from subscribers.
    public var sendsWithoutSubscription = false
    /// `SEND_MESSAGE_FAILED` holds what was sent, else only what was wrong.
    public var failureReturnsPayload = true
    public var oversizedEvent = OversizedEvent.failed
    /// Confirms a namespace as `40/chat,` instead of `40/chat`.
    public var confirmsWithComma = false
    /// A wrong token is refused when the socket is asked for; otherwise when the namespace is.
    public var checksTokenAtHandshake = false
    /// A user's fourth connection ends the oldest, instead of being refused.
    public var newestConnectionWins = false
    /// Presence and typing come back to who sent them.
    public var presenceComesBack = false
    /// The events of a minute. The documentation says 200 in one place and 600 in another.
    public var eventsPerMinute = 200

    public init() {}

    /// One reading of everything that is open, drawn from a seed.
    public static func random(seed: UInt64) -> AvayaBehavior {
        AvayaBehavior(seed: seed)
    }
}
