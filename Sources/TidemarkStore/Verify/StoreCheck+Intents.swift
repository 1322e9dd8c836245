internal import GRDB
internal import TidemarkModel

/// What intents must be. Of those that are open nothing is repaired here: they are somebody's unsent work.
extension StoreCheck {
    private static let unsent = "state IN ('queued', 'transmitting', 'inDoubt', 'parked')"

    private static func contradiction(_ condition: String, _ detail: String, _ advice: String = "sync") -> StoreCheck {
        .told(
            .contradiction,
            "SELECT i.account, i.conversation, i.message, i.id, i.attempts FROM intent AS i WHERE \(condition) ORDER BY i.id",
            { _ in detail },
            {
                advice == "sync"
                    ? "`sync` looks for what became of it" : "`\(advice) \($0.intentName)`, or `outbox discard \($0.intentName)`"
            })
    }

    static let ofIntents: [StoreCheck] = [
        .mended(
            .unlisted,
            """
            SELECT c.account, m.conversation, m.id, NULL, m.id FROM message AS m JOIN conversation AS c ON c.id = m.conversation
            WHERE m.remoteID IS NULL AND m.version IS NULL AND m.isUnreadable = 0 AND m.deletedAt IS NULL AND NOT EXISTS (
                SELECT 1 FROM intent AS i WHERE i.message = m.id AND i.verb = 'send' AND i.state <> 'cancelled')
            """, { _ in "The message was never sent, and nothing in the outbox sends it." },
            by: "lists it as parked, to be sent or discarded", Unlisted.park),
        .told(
            .stuck,
            """
            SELECT i.account, i.conversation, i.message, i.id, i.attempts FROM intent AS i WHERE i.state = 'transmitting'
                AND NOT EXISTS (SELECT 1 FROM lease AS l WHERE l.account = i.account AND l.expiresAt > :now) ORDER BY i.id
            """, { "Attempt \($0.number) is on its way, and nobody syncs this account." },
            { _ in "`sync` looks for what became of it" }),
        .told(
            .unconfirmed,
            """
            SELECT i.account, i.conversation, i.message, i.id, i.acknowledgedAt FROM intent AS i JOIN account AS a ON a.id = i.account
            WHERE i.state = 'sent' AND i.settledAt IS NULL
                AND a.contactAt > i.acknowledgedAt + \(Verification.longestConfirmation.milliseconds) ORDER BY i.id
            """, { _ in "The service took it more than a day ago and has not shown it since." },
            { "`reconcile \($0.conversationName)`" }),
        contradiction(
            "i.state = 'transmitting' AND NOT EXISTS (SELECT 1 FROM attempt AS t WHERE t.intent = i.id AND t.number = i.attempts)",
            "It is on its way, and no attempt was noted."),
        contradiction(
            """
            i.\(unsent) AND i.isFrozen = 1 AND i.mayHaveLanded = 0 AND i.attempts = 0
                AND NOT EXISTS (SELECT 1 FROM attempt AS t WHERE t.intent = i.id)
            """, "Its text is frozen as if it had been tried, and it was never tried."),
        contradiction(
            "i.\(unsent) AND i.attempts < (SELECT max(t.number) FROM attempt AS t WHERE t.intent = i.id)",
            "More attempts were noted than it counts."),
        contradiction(
            "i.state = 'parked' AND i.reason IS NULL", "It is parked, and nobody knows why.", "outbox retry"),
        contradiction(
            "i.asks = 1 AND i.state <> 'inDoubt'", "It asks what became of it, and is not in doubt."),
        contradiction(
            "i.state = 'sent' AND i.acknowledgedAt IS NULL", "It counts as sent, and no answer of the service was noted."),
        contradiction(
            "i.state = 'inDoubt' AND i.doubtStart IS NULL AND i.asks = 0", "It is in doubt, and no look-up is due.",
            "outbox resolve"),
        .told(
            .waitingForNothing,
            """
            SELECT i.account, i.conversation, i.message, i.id, i.message FROM intent AS i
            WHERE i.\(unsent) AND i.verb IN ('send', 'edit', 'delete')
                AND (i.message IS NULL OR NOT EXISTS (SELECT 1 FROM message AS m WHERE m.id = i.message)) ORDER BY i.id
            """, { _ in "Its message is gone." }, { "`outbox discard \($0.intentName)`" }),
        .told(
            .waitingForNothing,
            """
            SELECT i.account, i.conversation, i.message, i.id, 0 FROM intent AS i JOIN message AS m ON m.id = i.message
            WHERE i.state = 'queued' AND i.verb IN ('edit', 'delete') AND m.remoteID IS NULL AND NOT EXISTS (
                SELECT 1 FROM intent AS s WHERE s.message = m.id AND s.verb = 'send' AND s.state <> 'cancelled') ORDER BY i.id
            """, { _ in "It waits for its message to be sent, and nothing sends it." }, { "`outbox discard \($0.intentName)`" }),
        .told(
            .waitingForNothing,
            """
            SELECT i.account, i.conversation, i.message, i.id, 0 FROM intent AS i JOIN conversation AS c ON c.id = i.conversation
            WHERE i.state = 'queued' AND i.verb <> 'createConversation' AND c.remoteID IS NULL AND NOT EXISTS (
                SELECT 1 FROM intent AS s WHERE s.conversation = c.id AND s.verb = 'createConversation'
                    AND s.state NOT IN ('confirmed', 'cancelled')) ORDER BY i.id
            """, { _ in "It waits for its conversation to be made, and nothing makes it." },
            { "`outbox discard \($0.intentName)`" }),
        .told(
            .waitingForNothing,
            """
            SELECT account, conversation, message, id, parent FROM intent
            WHERE \(unsent) AND parent >= id AND parent IN (SELECT id FROM intent) ORDER BY id
            """, { "It waits for \(IntentID($0.number)), which was written after it." },
            { "`outbox discard \($0.intentName)`, and say it again" }),
    ]

    static let ofTokens: [StoreCheck] = [
        .told(
            .boundTwice,
            """
            SELECT i.account, i.conversation, i.message, i.id, o.id FROM intent AS i JOIN intent AS o ON o.message = i.message
                AND o.verb = 'send' AND o.state <> 'cancelled' AND o.id < i.id
            WHERE i.verb = 'send' AND i.\(unsent) ORDER BY i.id
            """, { "It would send the same message as \(IntentID($0.number))." }, { "`outbox discard \($0.intentName)`" }),
        .told(
            .boundTwice,
            """
            SELECT i.account, i.conversation, i.message, i.id, t.intent FROM intent AS i JOIN tokenTombstone AS t
                ON t.account = i.account AND t.token = i.token WHERE i.\(unsent) ORDER BY i.id
            """, { _ in "Its token was taken back: what it makes would be deleted as soon as it is seen." },
            { "`outbox discard \($0.intentName)`, and say it again" }),
        .mended(
            .boundTwice,
            """
            SELECT u.account, i.conversation, i.message, i.id, 0 FROM tokenUse AS u JOIN intent AS i ON i.id = u.intent
            WHERE u.account <> i.account
               OR EXISTS (SELECT 1 FROM intent AS o WHERE o.account = u.account AND o.token = u.token AND o.id <> u.intent)
            """, { _ in "A token stands for this intent and for another one." }, by: "lets it stand for the intent that bears it"
        ) { hit, db in
            try db.execute(
                cached: """
                    UPDATE tokenUse SET intent = coalesce((SELECT o.id FROM intent AS o
                        WHERE o.account = tokenUse.account AND o.token = tokenUse.token), intent) WHERE intent = ? AND account = ?
                    """, arguments: [hit.intent, hit.account])
            try db.execute(
                cached: """
                    DELETE FROM tokenUse WHERE intent = ?1 AND account = ?2 AND account <> (SELECT account FROM intent WHERE id = ?1)
                    """, arguments: [hit.intent, hit.account])
        },
    ]
}
