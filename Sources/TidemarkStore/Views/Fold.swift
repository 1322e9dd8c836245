internal import GRDB
internal import TidemarkModel

/// Copies of one send, folded when they are read (R5): same conversation, sender and token. Shown is the live copy with the
/// lowest place, and a deleted one only when all are. The rows stay as they are.
enum Fold {
    /// `o` is another copy of the send that made `m`.
    private static let isCopy = """
        o.conversation = m.conversation AND o.token = m.token AND o.id <> m.id AND o.sort IS NOT NULL
        AND (o.sender IS m.sender OR (o.isOwn = 1 AND m.isOwn = 1))
        """

    /// `o` is shown before `m`.
    private static let goesFirst = """
        ((o.deletedAt IS NULL AND m.deletedAt IS NOT NULL)
            OR ((o.deletedAt IS NULL) = (m.deletedAt IS NULL) AND (o.sort, o.id) < (m.sort, m.id)))
        """

    /// A condition on `message m`: it is not hidden behind another copy. What lies below `:floor` is not in the timeline and hides
    /// nothing there (R18).
    static let isShown = """
        (m.token IS NULL OR NOT EXISTS (
            SELECT 1 FROM message o INDEXED BY messageByToken WHERE \(isCopy) AND o.sort >= :floor AND \(goesFirst)))
        """

    /// The row that is shown for this one, of those from a place on.
    static func shown(for message: Int64, from floor: Int64? = nil, _ db: Database) throws -> Int64 {
        let other = try Int64.fetchOne(
            db,
            cached: """
                SELECT o.id FROM message m CROSS JOIN message o INDEXED BY messageByToken ON \(isCopy)
                WHERE m.id = ? AND m.token IS NOT NULL AND o.sort >= ? AND \(goesFirst)
                ORDER BY o.deletedAt IS NOT NULL, o.sort, o.id LIMIT 1
                """, arguments: [message, floor ?? .min])
        return other ?? message
    }

    private static let copiesOfOne = SQLText(once: copies(of: "message m", where: "m.id = ? AND m.token IS NOT NULL"))
    private static let copiesOfMany = SQLText(
        once: copies(
            of: "json_each(?) AS wanted CROSS JOIN message m ON m.id = wanted.value", where: "m.token IS NOT NULL"))

    private static func copies(of shown: String, where condition: String) -> String {
        """
        SELECT m.id, o.id FROM \(shown)
            CROSS JOIN message o INDEXED BY messageByToken ON \(isCopy)
        WHERE \(condition)
        ORDER BY m.id, o.sort, o.id
        """
    }

    /// The other copies, by the shown one.
    static func copies(of shown: [Int64], _ db: Database) throws -> [Int64: [Int64]] {
        guard let first = shown.first else { return [:] }
        // One alone needs no list.
        let isOne = shown.count == 1
        let pairs: [(shown: Int64, other: Int64)] = try db.all(
            isOne ? copiesOfOne : copiesOfMany, isOne ? [first] : [shown.jsonArray]
        ) { try ($0[0], $0[1]) }
        return Dictionary(grouping: pairs, by: \.shown).mapValues { $0.map(\.other) }
    }
}
