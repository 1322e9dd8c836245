internal import GRDB
public import TidemarkModel

/// A stretch of a conversation's history that is not proved.
public struct GapView: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable {
        /// Older history was not read to its beginning.
        case beginning
        /// Between two proved stretches.
        case between
        /// Above the newest proved stretch.
        case end
        /// Nothing of it was ever read.
        case unread
    }

    public var kind: Kind
    public var conversation: ConversationID
    /// The entries on its two sides, where there are any: unsent ones are on no side. A gap at the beginning without any is all that was
    /// written so far, as after a prune of everything.
    public var after: MessageID?
    public var before: MessageID?
    /// No sync fills it by itself, as after a prune: ``SyncEngine/readHistory(of:)`` asks for it, on the command line `backfill`.
    public var needsBackfill = false
}

extension GapView {
    static func list(_ account: AccountKey, _ conversation: ConversationID?, _ db: Database) throws -> [GapView] {
        let rows = try ConversationRow.fetchAll(
            db,
            cached: """
                \(ConversationRow.selection) WHERE account = ? AND remoteID IS NOT NULL AND deletedAt IS NULL
                    AND (?2 IS NULL OR id = ?2) ORDER BY id
                """, arguments: [account.id, conversation?.number])
        // Looked up once for all conversations.
        let coverage = try Coverage.ofAll(account: account.id, db)
        let receiving = try ProvedIntervals.receiving(account: account.id, db)
        let tops = try Timeline.topPlaces(account: account.id, db)
        return try rows.flatMap { row in
            let id = row.id ?? 0
            let proved = ProvedIntervals(
                coverage[id] ?? Coverage(), hasBottom: row.bottom != nil, isReceiving: receiving[id])
            return try gaps(of: row, proved, top: tops[id], db)
        }
    }

    private static func gaps(
        of row: ConversationRow, _ proved: ProvedIntervals, top: Int64?, _ db: Database
    ) throws -> [GapView] {
        let id = row.id ?? 0
        // A sync reads upwards from what it knows, and downwards until it has met the beginning or was told to stop.
        let needsBackfill = row.bottom == nil && row.backfillIsDone
        guard let lowest = proved.intervals.first, let highest = proved.intervals.last else {
            // A conversation that was read and is empty has no interval and no gap.
            guard !row.isRead || row.bottom == nil else { return [] }
            // Something of it was read, and is forgotten or not proved yet; else there was nothing to read so far.
            let wasRead = row.isRead && row.windowLow ?? 0 > 0
            return [
                GapView(kind: wasRead ? .beginning : .unread, conversation: ConversationID(id), needsBackfill: needsBackfill)
            ]
        }
        var gaps: [GapView] = []
        if row.bottom == nil || lowest.lowerBound > 0 {
            let oldest = try edge(id, lowest.lowerBound, isUp: true, db)
            gaps.append(
                GapView(kind: .beginning, conversation: ConversationID(id), before: oldest, needsBackfill: needsBackfill))
        }
        for (lower, upper) in zip(proved.intervals, proved.intervals.dropFirst()) {
            gaps.append(
                GapView(
                    kind: .between, conversation: ConversationID(id), after: try edge(id, lower.upperBound, isUp: false, db),
                    before: try edge(id, upper.lowerBound, isUp: true, db),
                    needsBackfill: needsBackfill))
        }
        if proved.isReceiving == false || top.map({ $0 > highest.upperBound }) == true {
            gaps.append(
                GapView(kind: .end, conversation: ConversationID(id), after: try edge(id, highest.upperBound, isUp: false, db)))
        }
        return gaps
    }

    /// The stored message nearest to a place; none that is unsent.
    private static func edge(_ conversation: Int64, _ place: Int64, isUp: Bool, _ db: Database) throws -> MessageID? {
        let (comparison, order) = isUp ? (">=", "ASC") : ("<=", "DESC")
        let id = try Int64.fetchOne(
            db,
            cached: """
                SELECT id FROM message INDEXED BY messageBySort
                WHERE conversation = ? AND sort < \(MessageRow.tail) AND sort \(comparison) ? ORDER BY sort \(order), id \(order) LIMIT 1
                """, arguments: [conversation, place])
        return id.map { MessageID($0) }
    }
}
