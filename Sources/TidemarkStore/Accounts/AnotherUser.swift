internal import GRDB
internal import TidemarkModel

extension Database {
    /// Ends what was proved to the users that an account has been so far, as one more is added (R13): the new one may be shown less, or more.
    ///
    /// What was proved stays. From here on a window has no low end until something is shown to the new user, and reaches down to
    /// that: it joins what was known only where a listing shows a part of it again. Walks go on for nobody else, so each open one
    /// ends; nothing is known of a beginning any more, as that was where the old user's sight ended.
    func cutForAnotherUser(_ account: AccountKey, at now: Timestamp) throws {
        let known =
            try Int.fetchOne(
                self, cached: "SELECT count(*) FROM identity WHERE account = ?", arguments: [account.id]) ?? 0
        guard known > 1 else { return }
        try forgetBeginnings(account)
        try execute(
            cached: """
                UPDATE conversation SET windowLow = NULL, windowLowTime = NULL, bottom = NULL,
                    walkCursor = NULL, walkHigh = NULL, walkHighTime = NULL, walkLow = NULL, walkLowTime = NULL,
                    walkBegunStart = NULL, walkBegunAt = NULL, walkBegunServer = NULL, walkIsUnbroken = 1, walkPages = 0,
                    backfillCursor = NULL, backfillIsDone = 0, backfillPages = 0, closingIsDue = 0,
                    walkDueAt = min(walkDueAt, ?1), detailsAreStale = 1
                WHERE account = ?2 AND remoteID IS NOT NULL
                """, arguments: [now.milliseconds, account.id])
        // The list and the sets are read anew as well: their cursors are the old user's.
        try execute(
            cached: """
                UPDATE account SET listCursor = NULL, listBegunStart = NULL, listBegunServer = NULL, listIsSweep = 1,
                    listDueAt = min(listDueAt, ?) WHERE id = ?
                """, arguments: [now.milliseconds, account.id])
        try execute(
            cached: """
                UPDATE setRead SET isStale = 1, cursor = NULL, skip = NULL, members = NULL, begunStart = NULL,
                    lastMembers = NULL, lastStart = NULL
                WHERE conversation IN (SELECT id FROM conversation WHERE account = ?)
                """, arguments: [account.id])
        try endReceiving(account, at: now)
    }

    /// Below the end of what the old user was shown there may be more for the new one (R25).
    private func forgetBeginnings(_ account: AccountKey) throws {
        let ends: [(conversation: Int64, low: Int64)] = try all(
            """
            SELECT id, windowLowTime FROM conversation
            WHERE account = ? AND bottom IS NOT NULL AND windowLowTime IS NOT NULL ORDER BY id
            """, [account.id]
        ) { try ($0[0], $0[1]) }
        for end in ends where end.low > Int64.min {
            let old = try Coverage.of(end.conversation, self)
            var coverage = old
            coverage.remove(Int64.min...(end.low - 1))
            try coverage.write(end.conversation, over: old, self)
        }
    }

    /// What is received from here on is received by somebody else.
    private func endReceiving(_ account: AccountKey, at now: Timestamp) throws {
        let scope = Scope(account: account.id, traits: ServiceTraits(service: "", lostAnswers: [:]))
        try Reading.endReceiving(.begunAgain, scope, Moment(now: now, monotonic: 0), self)
    }
}
