internal import GRDB
internal import TidemarkModel

/// Finding a place by its time.
extension Timeline {
    /// The oldest entry that was created at a time or later; `nil`: there is none.
    ///
    /// Display order is by creation as the service has it, so it is found as in a sorted list: the cost does not grow with the depth.
    static func first(since time: Timestamp, in conversation: ConversationRow, _ db: Database) throws -> MessageID? {
        let id = conversation.id ?? 0
        let floor = try ProvedIntervals(conversation: id, hasBottom: conversation.bottom != nil, db).floor
        func row(from sort: Int64) throws -> MessageRow? {
            try rows(in: id, from: Position(sort: sort, id: .min, side: .fromThere), floor: floor, limit: 1, db).first
        }
        guard let lowest = try row(from: .min), var low = lowest.sort else { return nil }
        guard (lowest.createdAt ?? .min) < time.milliseconds else { return lowest.id.map { MessageID($0) } }
        guard var high = try rows(in: id, from: nil, floor: floor, limit: 1, db).first?.sort else { return nil }
        // Created before it at `low`; above `high` nothing stands.
        while low < high {
            // Their difference may be more than a signed number holds.
            let half = UInt64(bitPattern: high &- low) / 2
            let middle = low &+ Int64(half) &+ 1
            let found = try row(from: middle)
            guard let found, let sort = found.sort else {
                high = middle - 1
                continue
            }
            if (found.createdAt ?? .max) < time.milliseconds { low = sort } else { high = middle - 1 }
        }
        guard low < .max else { return nil }
        // Others may stand at the same place.
        let next = try rows(in: id, from: Position(sort: low, id: .max, side: .behind), floor: floor, limit: 1, db).first
        return next?.id.map { MessageID($0) }
    }

    /// The oldest entry; `nil`: there is none.
    static func oldest(in conversation: ConversationRow, _ db: Database) throws -> MessageID? {
        try first(since: Timestamp(milliseconds: .min), in: conversation, db)
    }
}
