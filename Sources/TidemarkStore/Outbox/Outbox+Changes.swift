internal import GRDB
internal import TidemarkModel

/// Edits and deletes, when a copy of their message was seen.
extension Outbox {
    /// The edits or deletes of a message, whichever of its copies they were said of, oldest first.
    private static func changes(_ verb: Verb, of message: MessageRow, _ db: Database) throws -> [IntentRow] {
        try IntentRow.fetchAll(
            db, cached: changesOfCopies, arguments: [message.id, message.conversation, message.token, verb.rawValue])
    }

    private static let changesOfCopies = SQLText(
        once: """
            \(IntentRow.selection) WHERE message = ?1 AND verb = ?4 AND state <> 'cancelled'
            UNION ALL
            SELECT \(IntentRow.table.columns(of: "i")) FROM message AS m CROSS JOIN intent AS i ON i.message = m.id
            WHERE m.conversation = ?2 AND m.token = ?3 AND m.isOwn = 1 AND m.id <> ?1
                AND i.verb = ?4 AND i.state <> 'cancelled'
            ORDER BY id
            """)

    /// The copies that requests of an intent were about, whatever came of them.
    private static func attemptedTargets(of intents: [IntentRow], _ db: Database) throws -> Set<String> {
        var targets: Set<String> = []
        for intent in intents {
            targets.formUnion(
                try String.fetchAll(
                    db, cached: "SELECT target FROM attempt WHERE intent = ? AND target IS NOT NULL", arguments: [intent.id]))
        }
        return targets
    }

    // MARK: Edits

    static func observedEdits(
        _ message: MessageRow, _ startNumber: Int64?, isListed: Bool, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
        let edits = try changes(.edit, of: message, db)
        guard !edits.isEmpty else { return }
        let live = try copies(of: message, db).filter { $0.deletedAt == nil }
        for edit in edits where edit.state != .confirmed {
            if live.isEmpty, message.deletedAt != nil {
                try end(edit, as: .cancelled, .superseded, scope, moment, db)
            } else if message.editMarker == edit.token {
                try landed(edit, on: message, live, scope, moment, db)
            } else if try isWhatAll(live, say: edit, scope) {
                try journal(edit, "recognised", "the message came to say what the edit says", scope, moment, db)
                try end(edit, as: .confirmed, nil, scope, moment, db)
            } else if edit.state == .sent, try isOver(edit, by: message, startNumber, isListed: isListed, scope, moment, db) {
                try end(edit, as: .confirmed, nil, scope, moment, db)
            }
        }
        try editLateCopy(message, edits, scope, moment, db)
    }

    /// A conflict about nothing (R7): where only the text tells, an edit that landed after its person was asked is known by it. Whoever
    /// wrote that text meanwhile, there is nothing left to choose.
    private static func isWhatAll(_ live: [MessageRow], say edit: IntentRow, _ scope: Scope) throws -> Bool {
        guard edit.state == .parked, edit.reason == ParkReason.conflict.rawValue, !live.isEmpty else { return false }
        return try live.allSatisfy { try isRecognised($0, as: edit, scope) }
    }

    /// Where only the text tells: whether a copy says what an edit says, and was changed since that was written.
    static func isRecognised(_ copy: MessageRow, as edit: IntentRow, _ scope: Scope) throws -> Bool {
        guard case .recognisable = scope.traits.lostAnswer(of: .edit), isNewer(copy, than: edit) else { return false }
        return try edit.decodedBody.text.map { SameText($0).matches(copy.text) } ?? (copy.text == nil)
    }

    /// A copy bears the edit's marker: there it has landed. Other live copies may still need it (R5).
    static func landed(
        _ edit: IntentRow, on copy: MessageRow, _ live: [MessageRow], _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
        try db.execute(
            cached: "UPDATE attempt SET outcome = 'accepted' WHERE intent = ? AND target = ? AND outcome = 'unknown'",
            arguments: [edit.id, copy.remoteID])
        let done = try Set(acceptedTargets(of: edit, db))
        let isDone = live.allSatisfy { $0.editMarker == edit.token || $0.remoteID.map(done.contains) == true }
        if live.allSatisfy({ $0.editMarker == edit.token }) {
            try end(edit, as: .confirmed, nil, scope, moment, db)
        } else if isDone {
            // What was said of another copy is not shown there yet: until then its old text is not what the user reads (R19).
            if edit.state != .sent { try acknowledge(edit, serverDate: nil, scope, moment, db) }
        } else if edit.state == .inDoubt {
            var next = edit
            (next.state, next.asks, next.doubtStart) = (.queued, false, nil)
            try next.update(db)
        }
    }

    /// A later change than ours is there: seen by a request that began after ours was acknowledged (R19), or our own. A list may show for a
    /// while how the message was just before ours; the message itself, asked for alone, is what tells then.
    private static func isOver(
        _ edit: IntentRow, by message: MessageRow, _ startNumber: Int64?, isListed: Bool, _ scope: Scope, _ moment: Moment,
        _ db: Database
    ) throws -> Bool {
        guard isNewer(message, than: edit) else { return false }
        if let later = try ownEdit(message.editMarker, scope, db), later > edit.id ?? 0 { return true }
        guard let startNumber, let acknowledged = edit.acknowledgedStart, startNumber > acknowledged,
            !(isListed && isYoung(edit, scope, moment)), let target = message.remoteID
        else { return false }
        return try attemptedTargets(of: [edit], db).contains(target)
    }

    /// Whether a copy was changed since an edit of it was written. An edit of what nobody had seen yet has no base: then it
    /// is newer once it was edited at all.
    static func isNewer(_ copy: MessageRow, than edit: IntentRow) -> Bool {
        guard let version = copy.version else { return false }
        return edit.baseVersion.map { version > $0 } ?? (copy.editedAt != nil)
    }

    /// Whether somebody else, or another device, changed the copy since (R7).
    static func isForeignChange(_ copy: MessageRow, since edit: IntentRow, _ scope: Scope, _ db: Database) throws -> Bool {
        guard isNewer(copy, than: edit) else { return false }
        if case .recognisable = scope.traits.lostAnswer(of: .edit), let text = copy.text {
            // An earlier edit of ours was done, and its version had not been seen when this one left.
            let earlier = try IntentRow.fetchAll(
                db, cached: "\(IntentRow.selection) WHERE account = ? AND message = ? AND verb IN ('send', 'edit') AND id < ?",
                arguments: [edit.account, edit.message, edit.id])
            let own = try earlier.map { try $0.decodedBody }.compactMap { $0.text ?? $0.message?.text }
            if own.contains(where: { SameText($0).matches(text) }) { return false }
        }
        return try ownEdit(copy.editMarker, scope, db) == nil
    }

    /// The intent of this store whose token, present or former, a marker is.
    private static func ownEdit(_ marker: String?, _ scope: Scope, _ db: Database) throws -> Int64? {
        guard let marker else { return nil }
        return try Int64.fetchOne(
            db,
            cached: """
                SELECT id FROM intent WHERE account = ?1 AND token = ?2
                UNION ALL SELECT intent FROM tokenUse WHERE account = ?1 AND token = ?2
                UNION ALL SELECT intent FROM tokenTombstone WHERE account = ?1 AND token = ?2 LIMIT 1
                """, arguments: [scope.account, marker])
    }

    /// A copy that landed after the user's edit was done still has the old text: the edit goes to it too (R5).
    private static func editLateCopy(
        _ message: MessageRow, _ edits: [IntentRow], _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
        guard message.deletedAt == nil, message.editMarker == nil, message.editedAt == nil, let remote = message.remoteID,
            let id = edits.last?.id, let last = try IntentRow.fetchOne(db, id: id),
            last.state == .sent || last.state == .confirmed
        else { return }
        let attempted = try attemptedTargets(of: edits, db)
        // Nothing was attempted where it was over before it began.
        guard !attempted.isEmpty, !attempted.contains(remote) else { return }
        try reopen(last, "a copy landed after it", scope, moment, db)
    }

    private static func reopen(
        _ intent: IntentRow, _ cause: String, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
        var reopened = intent
        reopened.state = .queued
        reopened.settledAt = nil
        reopened.confirmAt = nil
        try reopened.update(db)
        try journal(reopened, "reopened", cause, scope, moment, db)
    }

    // MARK: Deletes

    static func observedDeletes(
        _ message: MessageRow, _ startNumber: Int64?, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
        let deletes = try changes(.delete, of: message, db)
        guard let last = deletes.last else { return }
        guard message.deletedAt == nil else {
            let live = try copies(of: message, db).filter { $0.deletedAt == nil && $0.remoteID != nil }
            guard live.isEmpty else { return }
            for delete in deletes where delete.state != .confirmed { try end(delete, as: .confirmed, nil, scope, moment, db) }
            return
        }
        guard deletes.allSatisfy({ $0.state == .sent || $0.state == .confirmed }), let remote = message.remoteID else { return }
        guard try attemptedTargets(of: deletes, db).contains(remote) else {
            return try reopenDelete(last, "a copy landed after it", scope, moment, db)
        }
        // Alive in an answer to a request that began after the delete was settled: it did not take (R8).
        guard let startNumber, let acknowledged = last.acknowledgedStart, startNumber > acknowledged else { return }
        if let until = lagsUntil(last, scope, moment) { return try lookAgain(last, at: until, scope, moment, db) }
        try undone(last, remote, scope, moment, db)
    }

    /// Until when a list may show the message although its delete took; `nil`: that time is over.
    private static func lagsUntil(_ delete: IntentRow, _ scope: Scope, _ moment: Moment) -> Int64? {
        guard let acknowledged = delete.acknowledgedAt.map(Timestamp.init(milliseconds:)) else { return nil }
        // A clock that was set back must not make it endless.
        guard (.zero..<scope.traits.quarantine).contains(moment.now - acknowledged) else { return nil }
        return (acknowledged + scope.traits.quarantine).milliseconds
    }

    /// It waits for its confirmation. Where the yes alone is one, it was too early: no later walk may show the message again.
    private static func lookAgain(
        _ delete: IntentRow, at moment: Int64, _ scope: Scope, _ seen: Moment, _ db: Database
    ) throws {
        guard delete.state == .confirmed else { return }
        var open = delete
        (open.state, open.settledAt, open.isOverlaid, open.confirmAt) = (.sent, nil, true, moment)
        try open.update(db)
        try journal(open, "reopened", "seen alive right after its delete", scope, seen, db)
    }

    /// The service said yes, or that it knows no such message, and shows it all the same. It is asked again, each time
    /// after a longer wait; then a person is told.
    private static func undone(
        _ delete: IntentRow, _ remote: String, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
        try db.execute(
            cached: """
                UPDATE attempt SET outcome = 'notApplied', code = ?1 WHERE intent = ?2 AND target = ?3 AND (outcome = 'accepted'
                    OR number = (SELECT max(number) FROM attempt WHERE intent = ?2 AND target = ?3 AND outcome <> 'open'))
                """, arguments: [stillThere, delete.id, remote])
        let count = try Int.fetchOne(
            db, cached: "SELECT count(*) FROM attempt WHERE intent = ? AND target = ? AND code = ?",
            arguments: [delete.id, remote, stillThere])
        var again = delete
        guard let count, count <= scope.configuration.maximumRechecks else {
            again.settledAt = nil
            return try park(again, .stillThere, nil, scope, moment, db)
        }
        again.notBefore = (moment.now + scope.configuration.recheck(after: count)).milliseconds
        try reopenDelete(again, "seen alive after it was deleted", scope, moment, db)
    }

    /// What stands in an attempt whose effect was not seen: that many were in vain.
    static let stillThere = ParkReason.stillThere.rawValue

    /// What the user deleted stays out of sight meanwhile.
    private static func reopenDelete(
        _ intent: IntentRow, _ cause: String, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
        var hidden = intent
        hidden.isOverlaid = true
        try reopen(hidden, cause, scope, moment, db)
    }
}
