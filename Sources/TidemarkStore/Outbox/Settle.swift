internal import GRDB
package import TidemarkModel

/// What a settled delivery came to.
package struct Settlement: Sendable, Hashable {
    package enum Outcome: String, Sendable, Hashable {
        case accepted, again, inDoubt, parked, done, stopped, ignored
    }

    package var outcome: Outcome
    /// Why the whole account stands still now, if it does.
    package var stop: ParkReason?
}

extension MessageStore {
    /// Writes down what a delivery came to, in one transaction with all that follows from it.
    ///
    /// A success is applied in whatever state the intent is by now; a failure only if it is still this attempt's (R14).
    package func settle(
        _ delivery: Delivery, _ result: Result<Acceptance, ServiceError>, _ scope: Scope, _ moment: Moment,
        using generator: inout some RandomNumberGenerator
    ) throws -> Settlement {
        try write(.full, touching: { $0.touched }) { db in
            guard let intent = try IntentRow.fetchOne(db, id: delivery.intent.number), intent.account == scope.account else {
                return (settlement: Settlement(outcome: .ignored), touched: Touched.nothing)
            }
            let settlement = try Outbox.settled(delivery, intent, result, scope, moment, using: &generator, db)
            return (settlement, Outbox.touched(by: intent, settlement))
        }.settlement
    }

    /// Forgets the oldest lines of the journal beyond the configured limit. Called once at the start of a run.
    package func trimJournal(_ scope: Scope) throws {
        let excess = try read { db in
            try Int64.fetchOne(
                db, cached: "SELECT id FROM journal WHERE account = ? ORDER BY id DESC LIMIT 1 OFFSET ?",
                arguments: [scope.account, max(0, scope.configuration.journalLimit)])
        }
        guard let excess else { return }
        try write(.normal) { db in
            try db.execute(cached: "DELETE FROM journal WHERE account = ? AND id <= ?", arguments: [scope.account, excess])
        }
    }

    /// Settles what an earlier run left in transmission: its answers are lost (R14).
    package func recover(_ scope: Scope, _ moment: Moment, using generator: inout some RandomNumberGenerator) throws {
        let left = try read { db in
            try Int64.fetchAll(
                db,
                cached: "SELECT id FROM intent WHERE account = ? AND state IN (\(Outbox.openStates)) AND +state = 'transmitting'",
                arguments: [scope.account])
        }
        guard !left.isEmpty else { return }
        try write(.full) { db in
            guard try scope.holdsLease(moment, db) else { return }
            for id in left {
                guard let intent = try IntentRow.fetchOne(db, id: id), intent.state == .transmitting else { continue }
                let lost = ServiceError(.answerLost, certainty: .unknown)
                _ = try Outbox.failed(intent.attempts, of: intent, lost, scope, moment, using: &generator, isRecovery: true, db)
            }
        }
    }
}

extension Outbox {
    fileprivate static func settled(
        _ delivery: Delivery, _ intent: IntentRow, _ result: Result<Acceptance, ServiceError>, _ scope: Scope, _ moment: Moment,
        using generator: inout some RandomNumberGenerator, _ db: Database
    ) throws -> Settlement {
        switch result {
        case .success(let acceptance) where delivery.token.rawValue != intent.token:
            try Outbox.acceptedFormer(delivery, intent, acceptance, scope, moment, db)
            return Settlement(outcome: .accepted)
        case .success(let acceptance)
        where intent.verb == .createConversation && acceptance.conversation?.id.rawValue.isEmpty != false:
            // A yes that names nothing is no proof of what was made.
            let unreadable = ServiceError(.unreadable, certainty: .unknown, serverDate: acceptance.serverDate)
            return try Outbox.failed(delivery.attempt, of: intent, unreadable, scope, moment, using: &generator, db)
        case .success(let acceptance)
        where intent.verb == .upload && acceptance.attachment?.file.rawValue.isEmpty != false:
            // Without its key no message can name it.
            let unreadable = ServiceError(.unreadable, certainty: .unknown, serverDate: acceptance.serverDate)
            return try Outbox.failed(delivery.attempt, of: intent, unreadable, scope, moment, using: &generator, db)
        case .success(let acceptance):
            try Outbox.closeAttempt(of: delivery, acceptance, moment, db)
            try Outbox.accepted(intent, acceptance, scope, moment, db)
            try Outbox.keep(acceptance.written, of: intent, scope, moment, db)
            return Settlement(outcome: .accepted)
        case .failure(let error):
            return try Outbox.failed(delivery.attempt, of: intent, error, scope, moment, using: &generator, db)
        }
    }

    /// Whose views may look different: what is made or goes as a whole shows in others too, and so does an account that stands still.
    fileprivate static func touched(by intent: IntentRow, _ settlement: Settlement) -> Touched {
        guard settlement.stop == nil, intent.verb != .createConversation, intent.verb != .deleteConversation else {
            return .everything
        }
        return .conversation(ConversationID(intent.conversation))
    }

    static func closeAttempt(of delivery: Delivery, _ acceptance: Acceptance, _ moment: Moment, _ db: Database) throws {
        try db.execute(
            cached: """
                UPDATE attempt SET endedAt = coalesce(endedAt, ?), outcome = 'accepted', serverDate = ?, acknowledgedStart = ?
                WHERE intent = ? AND number = ?
                """,
            arguments: [
                moment.now.milliseconds, acceptance.serverDate?.milliseconds, try db.lastStartNumber(), delivery.intent.number,
                delivery.attempt,
            ])
    }

    /// An attempt from before the user changed the text, and with it the token, was accepted: what it made goes (R4).
    static func acceptedFormer(
        _ delivery: Delivery, _ intent: IntentRow, _ acceptance: Acceptance, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
        try closeAttempt(of: delivery, acceptance, moment, db)
        // It says nothing of the copies that the new text has to reach.
        try db.execute(
            cached: "UPDATE attempt SET target = NULL WHERE intent = ? AND number = ?",
            arguments: [delivery.intent.number, delivery.attempt])
        guard intent.verb == .send, let remote = acceptance.message?.rawValue else { return }
        var former = intent
        former.token = delivery.token.rawValue
        let seen = try MessageRow.fetchOne(
            db, where: "conversation = ? AND remoteID = ?", arguments: [intent.conversation, remote])
        try deleteLandedCopy(former, remote, seen, scope, moment, db)
    }

    static func acceptedTargets(of intent: IntentRow, _ db: Database) throws -> [String] {
        try String.fetchAll(
            db, cached: "SELECT target FROM attempt WHERE intent = ? AND outcome = 'accepted' AND target IS NOT NULL",
            arguments: [intent.id])
    }

    /// The service said yes: `sent`, until an observation of a later request shows it, or for good.
    static func acknowledge(
        _ intent: IntentRow, serverDate: Timestamp?, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
        var intent = intent
        guard intent.state != .confirmed, intent.state != .cancelled else { return }
        intent.acknowledgedAt = moment.now.milliseconds
        intent.acknowledgedStart = try db.lastStartNumber()
        intent.reason = nil
        intent.detail = nil
        intent.asks = false
        intent.failures = 0
        if intent.verb == .send { try releaseCopies(of: intent, moment, db) }
        // Its conversation went meanwhile: nothing will ever show it.
        if try isGone(intent.conversation, db) { return try end(intent, as: .confirmed, nil, scope, moment, db) }
        if scope.traits.confirmation(of: intent.verb) == .observation {
            intent.state = .sent
            intent.confirmAt = (moment.now + scope.configuration.confirmAfter).milliseconds
            // A walk before then confirms all that was sent meanwhile in one answer, and proves that nothing lies between.
            try db.execute(
                cached: "UPDATE conversation SET walkDueAt = min(walkDueAt, ?) WHERE id = ?",
                arguments: [(moment.now + scope.configuration.confirmAfter / 2).milliseconds, intent.conversation])
        } else {
            intent.settledAt = moment.now.milliseconds
            let stands = standingVerbs.contains(intent.verb) && scope.traits.history != .none
            intent.state = stands ? .sent : .confirmed
            intent.isOverlaid = stands
            if stands { intent.confirmAt = (moment.now + scope.configuration.confirmAfter).milliseconds }
        }
        try intent.update(db)
        try journal(intent, intent.state.rawValue, "acknowledged", scope, moment, db)
        try supersedeOlder(than: intent, scope, moment, db)
    }

    /// What a success means for its verb.
    static func accepted(
        _ intent: IntentRow, _ acceptance: Acceptance, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
        try reopenGates(of: intent.conversation, scope, moment, db)
        switch intent.verb {
        case .createConversation: try created(intent, acceptance, scope, moment, db)
        case .send: try sent(intent, acceptance, scope, moment, db)
        case .edit, .delete: try changed(intent, serverDate: acceptance.serverDate, scope, moment, db)
        case .markRead:
            try db.execute(
                cached: """
                    UPDATE conversation SET remoteHorizon = max(remoteHorizon,
                        coalesce((SELECT place FROM message WHERE id = ?), -1)) WHERE id = ?
                    """, arguments: [intent.message, intent.conversation])
            try acknowledge(intent, serverDate: acceptance.serverDate, scope, moment, db)
        case .upload: try uploaded(intent, acceptance, scope, moment, db)
        case .rename, .removeParticipant, .deleteConversation:
            try acknowledge(intent, serverDate: acceptance.serverDate, scope, moment, db)
        case .addParticipants:
            try acknowledge(intent, serverDate: acceptance.serverDate, scope, moment, db)
            try parkRefused(intent, acceptance.failures, scope, moment, db)
            try leaveOut(Set(acceptance.failures.map(\.target)), of: intent, scope, moment, db)
        }
        if standingVerbs.contains(intent.verb) { try conversationChanged(intent, moment, db) }
    }

    /// A success shows that the way is free (P9).
    private static func reopenGates(of conversation: Int64, _ scope: Scope, _ moment: Moment, _ db: Database) throws {
        try db.execute(
            cached: "UPDATE lane SET backoffUntil = 0, backoffStep = 0, serviceStep = 0 WHERE conversation = ?",
            arguments: [conversation])
        try db.execute(
            cached: "UPDATE account SET backoffUntil = 0, backoffStep = 0, serviceStep = 0, contactAt = ? WHERE id = ?",
            arguments: [moment.now.milliseconds, scope.account])
    }

    /// What a write did to the conversation shows in its own messages and sets: both are read again.
    private static func conversationChanged(_ intent: IntentRow, _ moment: Moment, _ db: Database) throws {
        try db.execute(
            cached: "UPDATE conversation SET walkWanted = ?, walkNotBefore = 0, detailsAreStale = 1 WHERE id = ?",
            arguments: [try db.lastStartNumber() + 1, intent.conversation])
        if intent.verb == .addParticipants || intent.verb == .removeParticipant {
            try db.execute(
                cached: "UPDATE setRead SET isStale = 1, dueAt = 0 WHERE conversation = ? AND kind = 'participants'",
                arguments: [intent.conversation])
        }
    }

    /// Nobody will show what was written: it is kept as what others write, with a number of its own (R21).
    static func keep(
        _ written: RemoteArrival?, of intent: IntentRow, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
        guard let written, scope.traits.ordering == .arrival else { return }
        var reading = try Reading(scope, moment, db)
        try reading.receive(written, .acknowledgement, in: intent.conversation)
        try reading.finish()
    }

    private static func sent(
        _ intent: IntentRow, _ acceptance: Acceptance, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
        guard let remote = acceptance.message?.rawValue else {
            // Only its token can tell which one it is.
            try acknowledge(intent, serverDate: acceptance.serverDate, scope, moment, db)
            guard scope.traits.history != .none else { return }
            return try wantLookUp(intent, notBefore: 0, scope, moment, db)
        }
        try bind(intent, to: remote, scope, moment, db)
    }

    private static func changed(
        _ intent: IntentRow, serverDate: Timestamp?, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
        guard [.transmitting, .inDoubt, .queued, .parked].contains(intent.state) else { return }
        // Each live copy gets its own request (R5): the next claim finds the ones that are left, or none.
        var intent = intent
        let done = try Set(acceptedTargets(of: intent, db))
        let row = try MessageRow.fetchOne(db, id: intent.message ?? 0)
        let left = try row.map { try copies(of: $0, db) }?.filter { copy in
            copy.deletedAt == nil && copy.remoteID.map { !done.contains($0) } == true
                && (intent.verb == .delete || copy.editMarker != intent.token)
        }
        if left?.isEmpty == false {
            intent.state = .queued
            intent.failures = 0
            try intent.update(db)
        } else {
            try acknowledge(intent, serverDate: serverDate, scope, moment, db)
        }
    }

    /// The refusal of an attempt said that what was wanted is so already: as good as a yes.
    static func wasSoAlready(
        _ intent: IntentRow, serverDate: Timestamp?, _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
        guard intent.verb == .delete else {
            try acknowledge(intent, serverDate: serverDate, scope, moment, db)
            if standingVerbs.contains(intent.verb) { try conversationChanged(intent, moment, db) }
            return
        }
        // It speaks of the one copy that was asked for: the others still get theirs (R5).
        try db.execute(
            cached: "UPDATE attempt SET outcome = 'accepted', acknowledgedStart = ? WHERE intent = ? AND number = ?",
            arguments: [try db.lastStartNumber(), intent.id, intent.attempts])
        try changed(intent, serverDate: serverDate, scope, moment, db)
    }

    /// Parts that the service refused while it did the rest become an intent of their own, parked with its words.
    static func parkRefused(
        _ intent: IntentRow, _ failures: [PartialFailure], _ scope: Scope, _ moment: Moment, _ db: Database
    ) throws {
        guard !failures.isEmpty else { return }
        let refused = Set(failures.map(\.target))
        let wanted = try intent.decodedBody.participants ?? []
        var participants = wanted.filter { refused.contains($0.id.rawValue) }
        let known = Set(participants.map(\.id.rawValue))
        participants += failures.filter { !known.contains($0.target) }.map { Participant(id: ParticipantID($0.target)) }
        let words = failures.map { "\($0.target): \($0.code) \($0.message)" }.joined(separator: "\n")
        // Made from the first one's, so that settling twice makes one.
        let token = "\(intent.token)/refused"
        guard try !IntentRow.exists(db, where: "account = ? AND token = ?", arguments: [intent.account, token])
        else { return }
        var rest = IntentRow(
            account: intent.account, conversation: intent.conversation, verb: .addParticipants, token: token,
            body: try IntentBody(participants: participants).json(), state: .parked, createdAt: moment.now.milliseconds)
        rest.reason = ParkReason.partlyRefused.rawValue
        rest.detail = words
        rest.isOverlaid = false
        try rest.insert(db)
        try journal(rest, "parked", ParkReason.partlyRefused.rawValue, scope, moment, db)
    }
}
