internal import GRDB
internal import TidemarkModel

/// Where a timeline is read, relative to an entry.
struct TimelineAnchor: Sendable {
    enum Side: Sendable {
        case before(MessageID)
        case after(MessageID)
        /// The newest entries.
        case end
    }

    var side: Side
    var limit: Int
}

extension Timeline {
    static func read(_ conversation: ConversationRow, account: AccountName, _ anchor: TimelineAnchor, _ db: Database) throws
        -> Timeline
    {
        let id = conversation.id ?? 0
        let proved = try ProvedIntervals(conversation: id, hasBottom: conversation.bottom != nil, db)
        let position = try position(of: anchor, in: id, floor: proved.floor, db)
        let ascending = position.map { !$0.isBefore } ?? false
        // One more than asked for: it tells whether there is more, and what stands before the first one.
        var rows = try rows(in: id, from: position, floor: proved.floor, limit: anchor.limit + 1, db)
        let hasMore = rows.count > anchor.limit
        var previous: MessageRow?
        if ascending {
            rows = Array(rows.prefix(anchor.limit))
            previous = try rows.first.flatMap { try row(before: $0, in: id, floor: proved.floor, db) }
        } else {
            previous = hasMore ? rows.last : nil
            rows = rows.prefix(anchor.limit).reversed()
        }
        let isAtEnd = ascending ? !hasMore : position == nil
        let mayBeginHere = !ascending && !hasMore || ascending && previous == nil
        let reader = try EntryReader(rows, account: account, db)
        return try assemble(
            rows, previous: previous, hasOlder: !mayBeginHere, hasNewer: !isAtEnd, conversation, reader, proved, db)
    }

    /// The last entry of a conversation, before anything is laid over it.
    static func newest(
        in conversation: Int64, _ proved: ProvedIntervals, _ db: Database
    ) throws -> (row: MessageRow, gapBefore: Bool)? {
        let rows = try rows(in: conversation, from: nil, floor: proved.floor, limit: 2, db)
        guard let newest = rows.first else { return nil }
        return (newest, hasGap(between: rows.count > 1 ? rows[1] : nil, and: newest, proved))
    }

    private static func assemble(
        _ rows: [MessageRow], previous: MessageRow?, hasOlder: Bool, hasNewer: Bool, _ conversation: ConversationRow,
        _ reader: EntryReader, _ proved: ProvedIntervals, _ db: Database
    ) throws -> Timeline {
        var before = previous
        var entries: [TimelineEntry] = []
        for row in rows {
            entries.append(reader.entry(row, gapBefore: hasGap(between: before, and: row, proved)))
            before = row
        }
        let isOnlyHere = conversation.remoteID == nil
        let newest = try hasNewer ? nil : rows.last(where: { $0.place != nil })?.place ?? topPlace(conversation.id ?? 0, db)
        return Timeline(
            conversation: ConversationID(conversation.id ?? 0), entries: entries, hasOlder: hasOlder, hasNewer: hasNewer,
            beginningIsProved: !hasOlder && (isOnlyHere || beginningIsProved(rows, conversation, proved)),
            endIsProved: !hasNewer
                && (isOnlyHere
                    || (proved.isReceiving ?? conversation.isRead) && (newest.map(proved.isInTopmost) ?? proved.hasNoOther)),
            asOf: conversation.asOf)
    }

    private static func beginningIsProved(
        _ rows: [MessageRow], _ conversation: ConversationRow, _ proved: ProvedIntervals
    ) -> Bool {
        guard let first = rows.lazy.compactMap(\.place).first else { return conversation.bottom != nil }
        return proved.hasNothing(below: first)
    }

    /// Whether something may be missing before a row. The unsent stand at the tail and are never behind a gap (R28).
    private static func hasGap(between earlier: MessageRow?, and later: MessageRow, _ proved: ProvedIntervals) -> Bool {
        guard let place = later.place else { return false }
        guard let earlier else { return !proved.hasNothing(below: place) }
        guard let before = earlier.place else { return false }
        return !proved.covers(before, place)
    }
}

// MARK: - Rows

extension Timeline {
    struct Position {
        var sort: Int64
        var id: Int64
        var isBefore: Bool
    }

    private static func position(
        of anchor: TimelineAnchor, in conversation: Int64, floor: Int64?, _ db: Database
    ) throws -> Position? {
        let (id, isBefore): (MessageID, Bool)
        switch anchor.side {
        case .end: return nil
        case .before(let message): (id, isBefore) = (message, true)
        case .after(let message): (id, isBefore) = (message, false)
        }
        let shown = try Fold.shown(for: id.number, from: floor, db)
        let row = try Row.fetchOne(
            db, cached: "SELECT sort, id FROM message WHERE id = ? AND conversation = ? AND sort IS NOT NULL",
            arguments: [shown, conversation])
        guard let row else {
            throw StoreError(.notFound, "There is no message \(id) in conversation \(ConversationID(conversation)).")
        }
        return Position(sort: row[0], id: row[1], isBefore: isBefore)
    }

    /// The statement of one page: a search in one index, in its order, however deep.
    static func pageSQL(isBefore: Bool, hasPosition: Bool) -> String {
        let bound = hasPosition ? "AND (m.sort, m.id) \(isBefore ? "<" : ">") (:sort, :id)" : ""
        let order = isBefore ? "DESC" : "ASC"
        return """
            SELECT \(MessageRow.columnsOfM) FROM message m INDEXED BY messageBySort
            WHERE m.conversation = :conversation AND m.sort IS NOT NULL AND m.sort >= :floor \(bound) AND \(Fold.isShown)
            ORDER BY m.sort \(order), m.id \(order) LIMIT :limit
            """
    }

    private static func rows(
        in conversation: Int64, from position: Position?, floor: Int64?, limit: Int, _ db: Database
    ) throws -> [MessageRow] {
        var arguments: [(String, (any Bindable)?)] = [("conversation", conversation), ("floor", floor ?? .min), ("limit", limit)]
        if let position {
            arguments += [("sort", position.sort), ("id", position.id)]
        }
        let sql = pageSQL(isBefore: position?.isBefore ?? true, hasPosition: position != nil)
        return try MessageRow.fetchAll(db, cached: sql, arguments: Arguments(named: arguments))
    }

    private static func row(before row: MessageRow, in conversation: Int64, floor: Int64?, _ db: Database) throws
        -> MessageRow?
    {
        guard let sort = row.sort, let id = row.id else { return nil }
        let position = Position(sort: sort, id: id, isBefore: true)
        return try rows(in: conversation, from: position, floor: floor, limit: 1, db).first
    }

    /// The newest places of an account's conversations.
    static func topPlaces(account: Int64, _ db: Database) throws -> [Int64: Int64] {
        let places: [(id: Int64, top: Int64?)] = try db.all(
            """
            SELECT id, (
                SELECT sort FROM message INDEXED BY messageBySort
                WHERE conversation = c.id AND sort IS NOT NULL AND sort < ?2 ORDER BY sort DESC LIMIT 1)
            FROM conversation AS c WHERE account = ?1
            """, [account, MessageRow.tail]
        ) { try ($0[0], $0[1]) }
        return Dictionary(places.compactMap { place in place.top.map { (place.id, $0) } }, uniquingKeysWith: max)
    }

    static func topPlace(_ conversation: Int64, _ db: Database) throws -> Int64? {
        try Int64.fetchOne(
            db,
            cached: """
                SELECT sort FROM message INDEXED BY messageBySort
                WHERE conversation = ? AND sort IS NOT NULL AND sort < ? ORDER BY sort DESC LIMIT 1
                """, arguments: [conversation, MessageRow.tail])
    }
}

extension ConversationRow {
    /// A walk has reached its window at least once.
    var isRead: Bool { closedStart >= 0 }

    var asOf: Timestamp? {
        closedAt > 0 ? Timestamp(milliseconds: closedAt) : nil
    }
}
