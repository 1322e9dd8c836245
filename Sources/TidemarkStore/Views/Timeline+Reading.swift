internal import GRDB
internal import TidemarkModel

/// Where a timeline is read, relative to an entry.
struct TimelineAnchor: Sendable {
    enum Side: Sendable {
        case before(MessageID)
        case after(MessageID)
        /// The entry itself and those behind it.
        case from(MessageID)
        /// The entry itself in the middle, as far as there are others on both sides.
        case around(MessageID)
        /// The oldest entries.
        case beginning
        /// The newest entries.
        case end

        var message: MessageID? {
            switch self {
            case .before(let message), .after(let message), .from(let message), .around(let message): message
            case .beginning, .end: nil
            }
        }
    }

    var side: Side
    var limit: Int
}

extension Timeline {
    /// Rows of a page, oldest first, with what stands before them.
    private struct Page {
        var rows: [MessageRow]
        var previous: MessageRow?
        var hasNewer: Bool
    }

    static func checked(
        _ conversation: ConversationRow, _ account: AccountKey, _ anchor: TimelineAnchor, _ db: Database
    ) throws -> Timeline {
        guard (1...maximumLimit).contains(anchor.limit) else {
            throw StoreError(.invalidArgument, "A timeline is read with a limit from 1 to \(maximumLimit).")
        }
        return try read(conversation, account: account.name, anchor, db)
    }

    static func read(_ conversation: ConversationRow, account: AccountName, _ anchor: TimelineAnchor, _ db: Database) throws
        -> Timeline
    {
        let id = conversation.id ?? 0
        let proved = try ProvedIntervals(conversation: id, hasBottom: conversation.bottom != nil, db)
        let page = try page(anchor, in: id, floor: proved.floor, db)
        let reader = try EntryReader(page.rows, account: account, db)
        return try assemble(
            page.rows, previous: page.previous, hasOlder: page.previous != nil, hasNewer: page.hasNewer, conversation, reader,
            proved, db)
    }

    private static func page(
        _ anchor: TimelineAnchor, in conversation: Int64, floor: Int64?, _ db: Database
    ) throws -> Page {
        let position = try anchor.side.message.map { try Self.position(of: $0, in: conversation, floor: floor, db) }
        switch anchor.side {
        case .before, .end:
            return try descending(from: position?.exclusive, in: conversation, floor: floor, limit: anchor.limit, db)
        case .after: return try ascending(from: position?.behind, in: conversation, floor: floor, limit: anchor.limit, db)
        case .from, .beginning:
            return try ascending(from: position?.itself, in: conversation, floor: floor, limit: anchor.limit, db)
        case .around:
            var older = try descending(
                from: position?.exclusive, in: conversation, floor: floor, limit: max(1, anchor.limit / 2), db)
            let newer = try ascending(
                from: position?.itself, in: conversation, floor: floor,
                limit: anchor.limit - min(older.rows.count, anchor.limit / 2),
                db)
            if anchor.limit == 1 { return newer }
            if !newer.hasNewer {
                // Near the end there is more room for what is older.
                let room = anchor.limit - newer.rows.count
                older = try descending(from: position?.exclusive, in: conversation, floor: floor, limit: max(1, room), db)
            }
            return Page(rows: older.rows + newer.rows, previous: older.previous, hasNewer: newer.hasNewer)
        }
    }

    /// One more than asked for is read: it tells whether there is more, and what stands before the first one.
    private static func descending(
        from position: Position?, in conversation: Int64, floor: Int64?, limit: Int, _ db: Database
    ) throws -> Page {
        let rows = try rows(in: conversation, from: position, floor: floor, limit: limit + 1, db)
        let previous = rows.count > limit ? rows.last : nil
        return Page(rows: rows.prefix(limit).reversed(), previous: previous, hasNewer: position != nil)
    }

    private static func ascending(
        from position: Position?, in conversation: Int64, floor: Int64?, limit: Int, _ db: Database
    ) throws -> Page {
        let start = position ?? Position(sort: .min, id: .min, side: .fromThere)
        let rows = try rows(in: conversation, from: start, floor: floor, limit: limit + 1, db)
        let page = Array(rows.prefix(limit))
        let previous = try page.first.flatMap { try row(before: $0, in: conversation, floor: floor, db) }
        return Page(rows: page, previous: previous, hasNewer: rows.count > limit)
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
                    || (proved.isReceiving ?? conversation.topIsProved) && (newest.map(proved.isInTopmost) ?? proved.hasNoOther)),
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
        enum Side {
            case before
            case behind
            case fromThere
        }

        var sort: Int64
        var id: Int64
        var side: Side

        var exclusive: Position { Position(sort: sort, id: id, side: .before) }
        var behind: Position { Position(sort: sort, id: id, side: .behind) }
        var itself: Position { Position(sort: sort, id: id, side: .fromThere) }
    }

    private static func position(
        of id: MessageID, in conversation: Int64, floor: Int64?, _ db: Database
    ) throws -> Position {
        let shown = try Fold.shown(for: id.number, from: floor, db)
        let position = try db.first(
            "SELECT sort, id FROM message WHERE id = ? AND conversation = ? AND sort IS NOT NULL", [shown, conversation]
        ) { Position(sort: try $0[0], id: try $0[1], side: .before) }
        guard let position else {
            throw StoreError(.notFound, "There is no message \(id) in conversation \(ConversationID(conversation)).")
        }
        return position
    }

    /// The statement of one page: a search in one index, in its order, however deep.
    static func pageSQL(_ side: Position.Side, hasPosition: Bool) -> SQLText {
        switch side {
        case .before: hasPosition ? pageBefore : newestPage
        case .behind: hasPosition ? pageBehind : SQLText(makePageSQL(.behind, hasPosition: false))
        case .fromThere: hasPosition ? pageFromThere : SQLText(makePageSQL(.fromThere, hasPosition: false))
        }
    }

    private static let newestPage = SQLText(once: makePageSQL(.before, hasPosition: false))
    private static let pageBefore = SQLText(once: makePageSQL(.before, hasPosition: true))
    private static let pageBehind = SQLText(once: makePageSQL(.behind, hasPosition: true))
    private static let pageFromThere = SQLText(once: makePageSQL(.fromThere, hasPosition: true))

    private static func makePageSQL(_ side: Position.Side, hasPosition: Bool) -> String {
        let comparison =
            switch side {
            case .before: "<"
            case .behind: ">"
            case .fromThere: ">="
            }
        let bound = hasPosition ? "AND (m.sort, m.id) \(comparison) (:sort, :id)" : ""
        let order = side == .before ? "DESC" : "ASC"
        // Upwards a search has one lower bound, and that is the position: with the floor it would pass by all that stands between.
        let floor = hasPosition && side != .before ? "+m.sort" : "m.sort"
        return """
            SELECT \(MessageRow.columnsOfM) FROM message m INDEXED BY messageBySort
            WHERE m.conversation = :conversation AND m.sort IS NOT NULL AND \(floor) >= :floor \(bound) AND \(Fold.isShown)
            ORDER BY m.sort \(order), m.id \(order) LIMIT :limit
            """
    }

    static func rows(
        in conversation: Int64, from position: Position?, floor: Int64?, limit: Int, _ db: Database
    ) throws -> [MessageRow] {
        var arguments: [(String, (any Bindable)?)] = [("conversation", conversation), ("floor", floor ?? .min), ("limit", limit)]
        var position = position
        if let floor, let start = position, start.side != .before, start.sort < floor {
            position = Position(sort: floor, id: .min, side: .fromThere)
        }
        if let position {
            arguments += [("sort", position.sort), ("id", position.id)]
        }
        let sql = pageSQL(position?.side ?? .before, hasPosition: position != nil)
        return try MessageRow.fetchAll(db, cached: sql, arguments: Arguments(named: arguments))
    }

    private static func row(before row: MessageRow, in conversation: Int64, floor: Int64?, _ db: Database) throws
        -> MessageRow?
    {
        guard let sort = row.sort, let id = row.id else { return nil }
        let position = Position(sort: sort, id: id, side: .before)
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

    /// The last walk showed all that was there. Of several pages, messages may have moved up past the one that was read next: until the
    /// top was read once more, one of them may be missing (R18).
    var topIsProved: Bool { isRead && !closingIsDue }

    var asOf: Timestamp? {
        closedAt > 0 ? Timestamp(milliseconds: closedAt) : nil
    }
}
