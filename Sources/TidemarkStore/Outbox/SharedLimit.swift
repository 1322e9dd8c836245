internal import GRDB
internal import TidemarkModel

/// The limit that a verb's calls share, as far as it is published, and what its refusals (429) come to (R9, P9).
///
/// Refused calls count against a limit too. Two devices of one user that each come back as soon as they may keep it full for each
/// other, and neither ever gets through. So the wait grows with the refusals in a row. It is the call's and not the intent's: ten
/// invitations that each began anew with the shortest wait would be as bad as one that never waits longer. And it is not the
/// lane's or the account's: what has limits of its own goes on.
struct SharedLimit {
    /// The verbs whose calls are taken to be refused by one limit: those of which it is the narrowest that is published.
    private let verbs: [String]
    private let isPerLane: Bool
    /// After this long without a call the limit is as if there had been none; `nil`: none is published.
    private let period: Duration?
    private let scope: Scope
    private let moment: Moment
    private let db: Database

    init(of verb: Verb, _ scope: Scope, _ moment: Moment, _ db: Database) {
        let rates = scope.traits.rates
        func narrowest(_ verb: Verb) -> ServiceTraits.Rate? {
            rates.filter { $0.verbs.contains(verb) }.min { $0.verbs.count < $1.verbs.count }
        }
        let own = narrowest(verb)
        // What has a limit of its own beside one of all calls says nothing of the others.
        verbs = (own?.verbs.filter { narrowest($0) == own } ?? [verb]).map(\.rawValue).sorted()
        isPerLane = own?.scope != .account
        period = rates.filter { $0.verbs == own?.verbs }.map(\.period).max()
        (self.scope, self.moment, self.db) = (scope, moment, db)
    }

    /// An attempt that the service answered.
    struct Answered: Equatable {
        var begunAt: Int64
        var endedAt: Int64
        var isRefused: Bool
    }

    /// How often in a row it was refused, of attempts from the newest to the oldest: what was under way together counts once.
    static func refusals(_ attempts: some Sequence<Answered>) -> Int {
        var count = 0
        var begun = Int64.max
        for attempt in attempts {
            guard attempt.isRefused else { break }
            if attempt.endedAt <= begun { (count, begun) = (count + 1, attempt.begunAt) }
        }
        return count
    }

    /// How long an intent waits whose attempt was just refused, the refusal included.
    func wait(
        in conversation: Int64, asked: Duration?, using generator: inout some RandomNumberGenerator
    ) throws -> Duration {
        let answered = try answered(in: conversation, within: Self.memory, limit: Self.longestRow).map(\.attempt)
        return scope.configuration.refusedWait(
            inARow: Self.refusals(answered), asked: asked, period: period, using: &generator)
    }

    /// Until when no such call begins; `nil`: it may.
    func opening(in conversation: Int64) throws -> Int64? {
        let configuration = scope.configuration
        let longest = configuration.maximumRefusedWait * 2 + configuration.requestTimeout * 2
        guard let last = try answered(in: conversation, within: longest, limit: 1).first, last.attempt.isRefused else {
            return nil
        }
        let until = Gate.service.opening(last.notBefore, scope, moment)
        return until > moment.now.milliseconds ? until : nil
    }

    /// Refusals longer ago than this are no row.
    private static let memory: Duration = .seconds(3 * 3600)
    private static let longestRow = 32

    /// The newest attempts that got past the way there, refused or not. A failure of the service says nothing of a limit.
    private func answered(
        in conversation: Int64, within span: Duration, limit: Int
    ) throws -> [(attempt: Answered, notBefore: Int64)] {
        var sql = """
            SELECT a.begunAt, coalesce(a.endedAt, a.begunAt), coalesce(a.code = ?, 0), i.notBefore
            FROM attempt AS a JOIN intent AS i ON i.id = a.intent
            WHERE a.account = ? AND a.begunAt > ? AND a.begunAt <= ?
                AND a.verb IN (\(verbs.map { "'\($0)'" }.joined(separator: ",")))
                AND (a.outcome = 'accepted' OR a.status < 500 AND a.status <> 408)
            """
        let now = moment.now.milliseconds
        // A clock that was ahead may have written times that are far off yet.
        var arguments: Arguments = [
            ServiceError.Code.throttled.rawValue, scope.account, (moment.now - span).milliseconds,
            now.addingReportingOverflow(scope.configuration.requestTimeout.milliseconds).partialValue,
        ]
        if isPerLane {
            sql += " AND a.conversation = ?"
            arguments.append(conversation)
        }
        sql += " ORDER BY a.begunAt DESC, a.number DESC LIMIT \(limit)"
        return try db.all(SQLText(sql), arguments) { columns in
            try (Answered(begunAt: columns[0], endedAt: columns[1], isRefused: columns[2]), columns[3])
        }
    }
}

extension SyncConfiguration {
    /// The wait after `count` refusals in a row: what the service asked for, else ours, doubled with each further one up to the
    /// limit's own period and ``maximumRefusedWait``, and never below what was asked for; plus up to a quarter of jitter.
    func refusedWait(
        inARow count: Int, asked: Duration?, period: Duration?, using generator: inout some RandomNumberGenerator
    ) -> Duration {
        let named = asked.flatMap { $0 > .zero ? min($0, maximumThrottle) : nil }
        let first = named ?? (count <= 1 ? firstThrottle : furtherThrottle)
        let doublings = min(max(count, 1) - (named == nil ? 2 : 1), 16)
        // A silence of one period is enough for any limit that is known; a minute is never too long.
        let bound = max(first, min(max(period ?? maximumRefusedWait, furtherThrottle), maximumRefusedWait))
        let wait = min(first * (1 << max(doublings, 0)), bound)
        return wait + .milliseconds(Int64.random(in: 0...max(1, wait.milliseconds / 4), using: &generator))
    }
}
