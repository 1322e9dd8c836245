internal import TidemarkModel

/// The limits and times of the engine. Every loop, queue, page and retry reads its bound here.
public struct SyncConfiguration: Sendable {
    /// The longest one request may take, from its first step to its last byte.
    public var requestTimeout: Duration = .seconds(30)
    /// Requests under way at once. With 1, everything goes one after the other, files too.
    public var maximumConcurrentRequests = 4
    /// Files on their way to the service at once. They are not counted among the requests: those go on beside them.
    public var maximumConcurrentUploads = 2
    /// The slowest way that is put up with for a file, in bytes a second: an upload may take ``requestTimeout`` and its size at this
    /// rate.
    public var slowestUploadBytesPerSecond: Int64 = 16 * 1024
    /// How often the progress of an upload is written down at most.
    public var uploadProgressInterval: Duration = .milliseconds(500)
    /// The most bytes of fetched and sent files that are kept beside the store. Beyond that the ones that were not asked for the
    /// longest time go; what is unsent never does.
    public var fileCacheBytes: Int64 = 512 * 1024 * 1024
    /// The others are told that the user is writing at most this often, in each conversation.
    public var typingInterval: Duration = .seconds(8)
    /// How long somebody who was told to be writing counts as writing: longer than the interval of who tells it.
    public var typingLasts: Duration = .seconds(10)
    /// Backoff draws evenly from zero to this, doubled at each failure in a row (full jitter).
    public var firstBackoff: Duration = .seconds(1)
    /// The bound of that doubling.
    public var maximumBackoff: Duration = .seconds(60)
    /// The wait after a 429 that names none, and after each further one in a row.
    public var firstThrottle: Duration = .seconds(10)
    public var furtherThrottle: Duration = .seconds(60)
    /// The longest wait of a call that is refused again and again (429) where less was asked for: others use up the same limit,
    /// and refused calls count against it too.
    public var maximumRefusedWait: Duration = .seconds(600)
    /// The longest wait that a service's `Retry-After` is taken for.
    public var maximumThrottle: Duration = .seconds(24 * 3600)
    /// `syncOnce` gives up before its deadline when nothing has answered by then; `nil`: it tries until the deadline.
    public var unreachablePatience: Duration?
    /// An acknowledged write that nothing has shown by then is read by its id.
    public var confirmAfter: Duration = .seconds(10)
    /// What the service should show by now and does not (a message that stays after its delete, who made a conversation) is
    /// asked for again after this, doubled each time.
    public var firstRecheck: Duration = .seconds(10)
    /// How often it is asked for again before a person is asked.
    public var maximumRechecks = 6
    /// What becomes of a send whose answer was lost, and which was looked for and is not there, where nothing but its author and its
    /// text would tell (``ServiceTraits/LostAnswer/recognisable``). Such a service can't be kept from doing late what it was asked:
    /// sent again, a message may stand there twice.
    public var absentSends: AbsentSends = .ask
    /// How often the list of conversations is read while the engine stays.
    public var listInterval: Duration = .seconds(30)
    /// How often the whole list is walked.
    public var sweepInterval: Duration = .seconds(24 * 3600)
    /// Every conversation's newest page is read at least this often.
    public var topInterval: Duration = .seconds(6 * 3600)
    /// Participants and receipts that something touched are read again no more often than this.
    public var setInterval: Duration = .seconds(60)
    /// How long one holder's lease lasts; it renews at a third of it.
    public var leaseDuration: Duration = .seconds(30)
    /// How often a running engine looks whether another process wrote into the store.
    public var foreignWriteInterval: Duration = .seconds(1)
    /// Items asked for in one page; `nil`: what the service's traits say.
    public var resultsPerPage: Int?
    /// Pages of history read below the newest one when a conversation is first seen; `nil`: all there is.
    public var historyPages: Int?
    /// Pages of one walk after which it begins again from the top, should a service list for ever.
    public var maximumPagesPerWalk = 100_000
    /// Packets remembered of one message, to know them again, where changes are ordered by arrival. Of more than that the oldest
    /// are forgotten; one of those that came again would count as news (rule R21).
    public var packetsPerMessage = 1000
    /// What could not be read or was not its sender's to say, kept of one conversation in which anybody may write; the oldest go
    /// first.
    public var rejectsPerConversation = 1000
    /// Journal rows kept for an account; the oldest go first.
    public var journalLimit = 200_000

    /// Who decides about a send that can't be found.
    public enum AbsentSends: String, Hashable, Sendable {
        /// A person: the intent is in doubt and asks.
        case ask
        /// It is sent again once its absence is proved.
        case resend
    }

    public init() {}

    /// The most that one backoff can take, after `step` failures in a row.
    func backoffCeiling(step: Int) -> Duration {
        let doubled = firstBackoff * (1 << (min(max(step, 1), 21) - 1))
        return min(doubled, maximumBackoff)
    }

    /// How long to wait before the next of the rechecks, after `count` of them.
    func recheck(after count: Int) -> Duration {
        firstRecheck * (1 << min(max(count, 0), 20))
    }

    /// The most that one wait after a 429 can take, its jitter included.
    var throttleCeiling: Duration {
        let wait = max(maximumThrottle, firstThrottle, furtherThrottle, maximumRefusedWait)
        return wait + wait / 4 + .milliseconds(1)
    }

    /// Full jitter: anything from zero up to the ceiling.
    func backoff(step: Int, using generator: inout some RandomNumberGenerator) -> Duration {
        .milliseconds(Int64.random(in: 0...max(1, backoffCeiling(step: step).milliseconds), using: &generator))
    }

    /// The wait after a 429: what the service asked for, else ours, plus up to a quarter of jitter.
    func throttle(step: Int, asked: Duration?, using generator: inout some RandomNumberGenerator) -> Duration {
        // Recorded services say `Retry-After: 0` with a 429; refused calls count, so it is no leave to try at once.
        let named = asked.flatMap { $0 > .zero ? min($0, maximumThrottle) : nil }
        let wait = named ?? (step <= 1 ? firstThrottle : furtherThrottle)
        return wait + .milliseconds(Int64.random(in: 0...max(1, wait.milliseconds / 4), using: &generator))
    }
}
