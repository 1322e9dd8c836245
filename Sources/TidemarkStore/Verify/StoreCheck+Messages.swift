internal import GRDB

/// What messages, their order and their counters must be.
extension StoreCheck {
    static let ofStore: [StoreCheck] = [
        .mended(
            .counter,
            """
            SELECT NULL, NULL, NULL, NULL, most FROM store, (
                SELECT max(coalesce((SELECT max(startNumber) FROM attempt), 0), coalesce((SELECT max(closedStart) FROM conversation), 0),
                    coalesce((SELECT max(seenStart) FROM message), 0)) AS most) WHERE store.startNumber < most
            """, { "Request number \($0.number) was given and the store would give it again." }, by: "counts on from there"
        ) { hit, db in try db.execute(cached: "UPDATE store SET startNumber = ?", arguments: [hit.number]) },
        .mended(
            .counter,
            """
            SELECT NULL, NULL, NULL, NULL, most FROM store, (
                SELECT max(coalesce((SELECT max(number) FROM packet), 0),
                    coalesce((SELECT max(max(firstArrival, coalesce(lastArrival, 0))) FROM receivingSession), 0)) AS most)
            WHERE store.arrival < most
            """, { "Arrival number \($0.number) was given and the store would give it again." }, by: "counts on from there"
        ) { hit, db in try db.execute(cached: "UPDATE store SET arrival = ?", arguments: [hit.number]) },
        .told(
            .wrongAccount,
            """
            SELECT i.account, i.conversation, i.message, i.id, c.account FROM intent AS i
            JOIN conversation AS c ON c.id = i.conversation JOIN account AS a ON a.id = i.account WHERE i.account <> c.account
            """, { _ in "An intent of this account stands in a conversation of another account." },
            { "`outbox discard \($0.intentName)`, and say it again in its own conversation" }),
    ]

    static let ofMessages: [StoreCheck] = [
        .mended(
            .tombstoneWithText,
            """
            SELECT c.account, m.conversation, m.id, NULL, m.deletedAt FROM message AS m JOIN conversation AS c ON c.id = m.conversation
            WHERE m.deletedAt IS NOT NULL AND (m.text <> '' OR m.metadata IS NOT NULL)
            """, { _ in "The message is deleted and its content is still stored." }, by: "erases the content"
        ) { hit, db in
            try db.execute(
                cached: "UPDATE message SET text = '', metadata = NULL WHERE id = ? AND deletedAt IS NOT NULL",
                arguments: [hit.message])
        },
        .mended(
            .tombstoneWithText,
            """
            SELECT c.account, m.conversation, m.id, NULL, count(*) FROM revision AS r JOIN message AS m ON m.id = r.message
            JOIN conversation AS c ON c.id = m.conversation WHERE m.deletedAt IS NOT NULL GROUP BY m.id
            """, { _ in "The message is deleted and what it said before is still stored." }, by: "erases it"
        ) { hit, db in try db.execute(cached: "DELETE FROM revision WHERE message = ?", arguments: [hit.message]) },
        .mended(
            .order,
            """
            SELECT c.account, m.conversation, m.id, NULL, m.place FROM message AS m JOIN conversation AS c ON c.id = m.conversation
            WHERE m.place IS NOT NULL AND m.version IS NOT NULL AND m.sort IS NOT m.place AND (m.sort IS NOT NULL OR NOT EXISTS (
                SELECT 1 FROM packet AS p WHERE p.conversation = m.conversation AND p.remoteID = m.remoteID))
            """, { _ in "The message is not shown where the service put it." }, by: "puts it in its place"
        ) { hit, db in try db.execute(cached: "UPDATE message SET sort = place WHERE id = ?", arguments: [hit.message]) },
        .mended(
            .ownership,
            """
            SELECT c.account, m.conversation, m.id, NULL, 0 FROM message AS m JOIN conversation AS c ON c.id = m.conversation
            JOIN identity AS i ON i.account = c.account AND i.participant = m.sender WHERE m.isOwn = 0
            """, { _ in "The account's own message counts as somebody else's." }, by: "counts it as own"
        ) { hit, db in try db.execute(cached: "UPDATE message SET isOwn = 1 WHERE id = ?", arguments: [hit.message]) },
    ]

    static let unread = StoreCheck.mended(
        .unread,
        """
        SELECT k.account, k.id, NULL, NULL, counted FROM (
            SELECT k.account, k.id, k.unread, (\(Unread.count(of: "k.id"))) AS counted FROM conversation AS k) AS k
        WHERE k.unread <> counted
        """, { "Counting gives \($0.number) unread, and the counter tells something else." }, by: "counts anew"
    ) { hit, db in
        if let conversation = hit.conversation { try Unread.recount(conversation, db) }
    }
}
