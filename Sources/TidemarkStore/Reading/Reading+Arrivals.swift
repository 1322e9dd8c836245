internal import Foundation
internal import GRDB
internal import TidemarkModel

/// Packets of a service that only pushes and has no history (R21).
extension Reading {
    /// Numbers a packet and merges it, unless the same bytes were applied before.
    ///
    /// - Parameter isBelated: it came long ago and could not be read then. It takes the place that was held for it, or one of its
    ///   own, and proves nothing about what came when.
    mutating func receive(
        _ arrival: RemoteArrival, _ source: Merge.Source = .push, in conversation: Int64, isBelated: Bool = false
    ) throws {
        let id = arrival.message.id.rawValue
        guard !id.isEmpty, try !isKnown(arrival, in: conversation) else {
            report.unchanged += 1
            return
        }
        let known = try MessageRow.find(id, in: conversation, db)
        let held = isBelated ? known?.place : nil
        let number = try held ?? db.nextArrival()
        if source == .push, !isBelated {
            try extendReceiving(to: number, in: conversation)
        } else if held == nil {
            try addOwnPlace(number, in: conversation)
        }
        try note(arrival, number, in: conversation)
        let old = try known ?? echo(of: arrival.message, in: conversation)
        var row = Merge.arrive(old, arrival, number: number, source, conversation: conversation, identities: identities)
        let authorship = try Authorship(of: arrival.wireID, in: conversation, judge: scope.traits.authority, db)
        try settle(&row, authorship)
        try row.write(over: old, db)
        try Revisions.keep(arrival.message, rank: number, in: row, over: old, db)
        countArrival(row, over: old, isForeign: authorship.isForeign(id))
        if changesUnread(row, over: old) { recount(conversation) }
        if authorship.isForeign(id) { try refuse(row, arrival) } else { try acceptAgain(row) }
        // Who made a message makes others' changes of it somebody else's.
        if arrival.change == .create, authorship.said.count > 1 { try settleOthers(than: id, authorship, in: conversation) }
        if hasIntents { try Outbox.observed(row, startNumber: nil, scope, moment, db) }
    }

    private func isKnown(_ arrival: RemoteArrival, in conversation: Int64) throws -> Bool {
        try Bool.fetchOne(
            db, cached: "SELECT EXISTS (SELECT 1 FROM packet WHERE conversation = ? AND remoteID = ? AND digest = ?)",
            arguments: [conversation, arrival.message.id.rawValue, arrival.digest]) ?? false
    }

    private func note(_ arrival: RemoteArrival, _ number: Int64, in conversation: Int64) throws {
        let remote = arrival.message
        try db.execute(
            cached: """
                INSERT INTO packet (conversation, remoteID, digest, number, wireID, change, version, content, toldAt)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                conversation, remote.id.rawValue, arrival.digest, number, arrival.wireID, arrival.change.rawValue,
                Merge.effectiveVersion(of: remote), remote.text.map(Self.digest),
                (remote.editedAt ?? remote.createdAt)?.milliseconds,
            ])
        try db.execute(
            cached: """
                DELETE FROM packet WHERE conversation = ?1 AND remoteID = ?2 AND number <= (
                    SELECT number FROM packet WHERE conversation = ?1 AND remoteID = ?2 ORDER BY number DESC LIMIT 1 OFFSET ?3)
                    AND number <> (SELECT coalesce(min(number), -1) FROM packet
                        WHERE conversation = ?1 AND remoteID = ?2 AND change = 'create')
                """, arguments: [conversation, remote.id.rawValue, max(1, scope.configuration.packetsPerMessage)])
    }

    private static func digest(_ text: String) -> String {
        var hash = ContentHash()
        hash.add(text)
        return String(hash.value, radix: 16)
    }

    /// What depends on all that is known of a message: whether it is shown, and whether it counts as edited.
    private func settle(_ row: inout MessageRow, _ authorship: Authorship) throws {
        let id = row.remoteID ?? ""
        // A delete that came before its message is held, and so is what somebody else sends under a message's id.
        let isHeld = authorship.isForeign(id) || row.deletedAt != nil && !authorship.hasText(id)
        row.sort = isHeld ? nil : row.place
        row.editedAt = row.deletedAt == nil ? try editTime(of: row) : nil
    }

    /// The time of the newest packet, if it says something else than the oldest.
    private func editTime(of row: MessageRow) throws -> Int64? {
        let packets: [(content: String?, toldAt: Int64?)] = try db.all(
            """
            SELECT content, toldAt FROM packet WHERE conversation = ?1 AND remoteID = ?2 AND change <> 'delete'
            ORDER BY version, number
            """, [row.conversation, row.remoteID]
        ) { try ($0[0], $0[1]) }
        guard let first = packets.first, let last = packets.last, first.content != last.content else { return nil }
        return last.toldAt ?? row.createdAt
    }

    private mutating func settleOthers(than id: String, _ authorship: Authorship, in conversation: Int64) throws {
        for other in authorship.said where !other.isOf(id) {
            guard let old = try MessageRow.find(other.key, in: conversation, db) else { continue }
            var row = old
            try settle(&row, authorship)
            if row != old {
                try row.write(over: old, db)
                recount(conversation)
            }
            if authorship.isForeign(other.key) { try refuse(row, nil) }
        }
    }

    private mutating func countArrival(_ row: MessageRow, over old: MessageRow?, isForeign: Bool) {
        if isForeign {
            report.rejects += 1
        } else {
            count(row, over: old)
        }
    }
}

// MARK: - Rejects

extension Reading {
    /// The subject under which attempts to change others' messages are kept: nothing that a later decoder could read better.
    static let authorshipSubject = "authorship"

    /// Somebody edits or deletes what is not theirs: it is listed, and never applied.
    private mutating func refuse(_ row: MessageRow, _ arrival: RemoteArrival?) throws {
        let what = row.deletedAt != nil ? "delete" : "edit"
        let reason = "It would \(what) a message of another sender; only who wrote a message may change it."
        try acceptAgain(row)
        try db.execute(
            cached: """
                INSERT INTO reject (account, conversation, subject, remoteID, reason, raw, decoder, firstSeenAt, lastSeenAt)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)
                """,
            arguments: [
                scope.account, row.conversation, Self.authorshipSubject, row.remoteID, reason,
                Data((row.text ?? "").utf8.prefix(Reject.maximumRawBytes)), String(scope.traits.decoderVersion), now,
            ])
        try forgetOldRejects(in: row.conversation)
    }

    /// It turned out to be its sender's own.
    private func acceptAgain(_ row: MessageRow) throws {
        try db.execute(
            cached: "DELETE FROM reject WHERE account = ? AND conversation = ? AND subject = ? AND remoteID = ?",
            arguments: [scope.account, row.conversation, Self.authorshipSubject, row.remoteID])
    }

    /// Keeps a packet that can't be read. What stands around it is not adjacent, unless it has an id to hold its place (R24).
    mutating func receive(_ reject: Reject, in conversation: Int64) throws {
        let isKnown =
            try Bool.fetchOne(
                db,
                cached: """
                    SELECT EXISTS (SELECT 1 FROM reject WHERE account = ? AND coalesce(conversation, 0) = ? AND subject = 'messages'
                        AND coalesce(remoteID, '') = ? AND raw = ?)
                    """, arguments: [scope.account, conversation, reject.id ?? "", Data(reject.raw)]) ?? false
        if !isKnown {
            let number = try db.nextArrival()
            if let id = reject.id, !id.isEmpty {
                try extendReceiving(to: number, in: conversation)
                try db.execute(
                    cached: """
                        INSERT OR IGNORE INTO message (conversation, remoteID, sort, place, isUnreadable) VALUES (?1, ?2, ?3, ?3, 1)
                        """, arguments: [conversation, id, number])
            } else {
                try breakReceiving(at: number, in: conversation)
            }
        }
        report.rejects += 1
        try insert(reject, "messages", conversation, hole: nil)
        try forgetOldRejects(in: conversation)
    }

    /// Anybody in the room can send rubbish: what is kept of it is bounded.
    private func forgetOldRejects(in conversation: Int64) throws {
        try db.execute(
            cached: """
                DELETE FROM reject WHERE account = ?1 AND conversation = ?2 AND id <= (SELECT id FROM reject
                    WHERE account = ?1 AND conversation = ?2 ORDER BY id DESC LIMIT 1 OFFSET ?3)
                """, arguments: [scope.account, conversation, max(1, scope.configuration.rejectsPerConversation)])
    }
}

/// Who said what under one wire id: the wire lets anybody, so this decides whose the message is (R21).
struct Authorship {
    struct Said {
        /// Sender and wire id.
        var key: String
        var hasCreate: Bool
        var hasText: Bool

        /// Byte by byte: to the wire, é as one character and é as two are two names.
        func isOf(_ other: String) -> Bool { key.utf8.elementsEqual(other.utf8) }
    }

    let said: [Said]
    /// Whether the service sees to it that only authors change messages: then whoever changes one is its author.
    let isKeptByService: Bool

    init(of wireID: String, in conversation: Int64, judge: ServiceTraits.Authority, _ db: Database) throws {
        isKeptByService = judge == .service
        said = try db.all(
            """
            SELECT remoteID, max(change = 'create'), max(change <> 'delete') FROM packet
            WHERE conversation = ? AND wireID = ? GROUP BY remoteID ORDER BY remoteID
            """, [conversation, wireID]
        ) { try Said(key: $0[0], hasCreate: $0[1], hasText: $0[2]) }
    }

    /// It has edits or deletes and no message, under an id of which somebody else is the author.
    func isForeign(_ key: String) -> Bool {
        guard !isKeptByService, said.contains(where: { $0.isOf(key) && !$0.hasCreate }) else { return false }
        return said.contains { !$0.isOf(key) && $0.hasCreate }
    }

    func hasText(_ key: String) -> Bool {
        said.contains { $0.isOf(key) && $0.hasText }
    }
}
