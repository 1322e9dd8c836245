internal import GRDB
internal import TidemarkModel

/// The published limits, kept by counting the attempts that are stored (R9).
enum Pacing {
    /// When the next attempt of a verb may begin; `nil`: now.
    ///
    /// The service counts when a request arrives, which is some time between its beginning and its end. So an attempt
    /// counts until its period after its end has passed, and for as long as it is under way.
    static func next(_ verb: Verb, conversation: Int64, _ scope: Scope, _ moment: Moment, _ db: Database) throws -> Int64? {
        var next: Int64?
        for rate in scope.traits.rates where rate.verbs.contains(verb) {
            let now = moment.now.milliseconds
            let since = (moment.now - rate.period).milliseconds
            // A clock that was ahead may have written times that are far off yet: they are as old as now.
            var sql = """
                SELECT min(coalesce(endedAt, ?1), ?1) AS ended FROM attempt
                WHERE account = ? AND begunAt > ? AND begunAt <= ? AND verb IN (\(rate.verbs.map { "'\($0.rawValue)'" }.sorted().joined(separator: ",")))
                  AND ended > ?
                """
            // No attempt lasts longer than this before its end: the index need not look further back.
            let horizon = (moment.now - (rate.period + scope.configuration.requestTimeout * 2)).milliseconds
            let latest = (moment.now + rate.period).milliseconds
            var arguments: Arguments = [now, scope.account, horizon, latest, since]
            if rate.scope == .lane {
                sql += " AND conversation = ?"
                arguments.append(conversation)
            }
            sql += " ORDER BY ended DESC LIMIT 1 OFFSET \(rate.count - 1)"
            if let oldest = try Int64.fetchOne(db, cached: SQLText(sql), arguments: arguments) {
                next = max(next ?? 0, (Timestamp(milliseconds: oldest) + rate.period).milliseconds + 1)
            }
        }
        return next
    }
}
