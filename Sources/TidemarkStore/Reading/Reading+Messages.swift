internal import Foundation
internal import GRDB
internal import TidemarkModel

/// Merging single messages into their rows.
extension Reading {
    /// Merges one copy. `startNumber` is the number of the request that showed it, `nil` for a push.
    mutating func merge(_ remote: RemoteMessage, _ source: Merge.Source, in conversation: Int64, startNumber: Int64?) throws {
        guard !remote.id.rawValue.isEmpty else { return }
        let known = try MessageRow.find(remote.id.rawValue, in: conversation, db)
        let old = try known ?? echo(of: remote, in: conversation)
        var row = Merge.merge(old, remote, source, conversation: conversation, identities: identities)
        row.seenStart = max(row.seenStart, startNumber ?? 0)
        try row.write(over: old, db)
        try Revisions.keep(remote, rank: Int64(source.rawValue), in: row, over: old, db)
        if row.attachments != old?.attachments { try AttachmentList.apply(row, db) }
        count(row, over: old)
        if row.version != old?.version { earliestChange = min(earliestChange, Merge.effectiveVersion(of: remote)) }
        if row.version != old?.version || old == nil { try applySystemMessage(remote, in: conversation) }
        if changesUnread(row, over: old) { recount(conversation) }
        if hasIntents { try Outbox.observed(row, startNumber: startNumber, isListed: !isOfOne, scope, moment, db) }
    }

    func changesUnread(_ row: MessageRow, over old: MessageRow?) -> Bool {
        guard let old, old.countsAsUnread == row.countsAsUnread else { return row.countsAsUnread || old != nil }
        // A token learnt late folds two copies into one.
        return row.countsAsUnread && (row.sort, row.token, row.sender) != (old.sort, old.token, old.sender)
    }

    func echo(of remote: RemoteMessage, in conversation: Int64) throws -> MessageRow? {
        guard hasIntents, remote.token != nil else { return nil }
        return try Outbox.echo(of: remote, in: conversation, scope, db).flatMap { try MessageRow.find(id: $0, db) }
    }

    mutating func count(_ row: MessageRow, over old: MessageRow?) {
        if row.deletedAt != nil, old?.deletedAt == nil {
            report.deleted += 1
        } else if old?.version == nil {
            // The first sight of an own message is its confirmation, not news.
            if old?.token == nil || old?.isUnreadable == true { report.received += 1 }
        } else if row.version != old?.version {
            report.edited += 1
        } else {
            report.unchanged += 1
        }
    }

    /// Keeps what could not be decoded, and its place (R24).
    mutating func keep(_ rejects: [Reject], subject: String, in conversation: Int64?, hole: ClosedRange<Int64>?) throws {
        for reject in rejects {
            report.rejects += 1
            let place = reject.id.flatMap(Int64.init)
            try insert(reject, subject, conversation, hole: place == nil ? hole : nil)
            if let conversation, let id = reject.id, !id.isEmpty, subject == "messages" {
                try holdPlace(of: id, place, in: conversation)
            }
        }
    }

    func insert(_ reject: Reject, _ subject: String, _ conversation: Int64?, hole: ClosedRange<Int64>?) throws {
        try db.execute(
            cached: """
                INSERT INTO reject (account, conversation, subject, remoteID, reason, raw, decoder, firstSeenAt, lastSeenAt,
                    holeLow, holeHigh) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9, ?10)
                ON CONFLICT DO UPDATE SET lastSeenAt = excluded.lastSeenAt, reason = excluded.reason,
                    decoder = excluded.decoder,
                    holeLow = coalesce(max(holeLow, excluded.holeLow), holeLow, excluded.holeLow),
                    holeHigh = coalesce(min(holeHigh, excluded.holeHigh), holeHigh, excluded.holeHigh)
                """,
            arguments: [
                scope.account, conversation, subject, reject.id, reject.reason, Data(reject.raw),
                String(scope.traits.decoderVersion), now, hole?.lowerBound, hole?.upperBound,
            ])
    }

    private func holdPlace(of id: String, _ place: Int64?, in conversation: Int64) throws {
        try db.execute(
            cached: """
                INSERT OR IGNORE INTO message (conversation, remoteID, sort, place, isUnreadable) VALUES (?, ?, ?, ?, 1)
                """, arguments: [conversation, id, place, place])
    }
}

extension MessageRow {
    /// Whether the counter of unread messages would see it, were it above the horizon.
    var countsAsUnread: Bool {
        deletedAt == nil && !isOwn && !isUnreadable && version != nil
            && kind.map { MessageKind(rawValue: $0).isUserKind } ?? false
    }
}
