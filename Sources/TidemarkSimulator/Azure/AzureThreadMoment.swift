/// How the list of threads showed a thread from a time on: what a list that lags still shows.
struct AzureThreadMoment: Hashable, Sendable, Codable {
    /// Unix milliseconds.
    var since: Int64
    var topic: String
    var members: [AzureMember]
    var deletedAt: Int64?
    var lastMessageAt: Int64?
    var activity: Int64

    init(of thread: AzureThread, since: Int64) {
        self.since = since
        topic = thread.topic
        members = thread.members
        deletedAt = thread.deletedAt
        lastMessageAt = thread.lastMessageAt
        activity = thread.activity
    }
}

extension AzureThread {
    /// Keeps how the list shows it since `time`, and forgets what no list can show any more.
    mutating func keepMoment(since time: Int64, forgettingBefore past: Int64) {
        moments.append(AzureThreadMoment(of: self, since: time))
        let kept = moments.lastIndex { $0.since <= past } ?? 0
        moments.removeFirst(kept)
    }

    /// As the list shows it that knows nothing later than `time`; `nil` before it was there.
    func moment(at time: Int64) -> AzureThreadMoment? {
        moments.last { $0.since <= time }
    }
}
