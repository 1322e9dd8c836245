import TidemarkModel

/// What becomes of an intent, whatever its verb, wherever it stands, whatever is done: each cell is said in exactly one row, or
/// there is no such cell and it is said why. The tests play every cell; `docs/in-doubt.md` prints the rows.
struct OutcomeTable {
    /// Cells of one standing that come to the same.
    struct Row {
        var deeds: [Deed]
        var verbs: [Verb]
        var outcome: Outcome
        var why: String

        init(
            _ deeds: [Deed], _ verbs: [Verb], told refusal: String? = nil, effects: [Effect], _ atService: Sight,
            atOnce: (String, Sight), atLast: (String, Sight), why: String
        ) {
            self.deeds = deeds
            self.verbs = verbs
            self.why = why
            outcome = Outcome(
                refusal: refusal, effects: effects, atService: atService,
                atOnce: Shown(state: atOnce.0, sight: atOnce.1), atLast: Shown(state: atLast.0, sight: atLast.1))
        }
    }

    /// Where intents of some verbs never stand: the history that would bring them there brings them elsewhere.
    struct Absence {
        var verbs: [Verb]
        var standings: [Standing]
        /// Where they get instead, standing by standing.
        var instead: [Standing]
        var why: String
    }

    static let every = Verb.allCases
    /// All but the one that is wished for with a message, stands before it in the outbox, and goes with it.
    static let wishes = every.filter { $0 != .upload }

    static func rows(_ standing: Standing) -> [Row] { whileSignedIn(standing) + signedOut(standing) }

    private static func whileSignedIn(_ standing: Standing) -> [Row] {
        switch standing {
        case .queued: queued
        case .waiting: waiting
        case .underWay: underWay
        case .answered: answered
        case .repeatingAbsent: repeatingAbsent
        case .repeatingLanded: repeatingLanded
        case .doubtAbsent: doubtAbsent
        case .doubtLanded: doubtLanded
        case .askingAbsent: askingAbsent
        case .askingLanded: askingLanded
        case .parked: parked
        case .sent: sent
        case .confirmed: confirmed
        case .cancelled: cancelled
        case .cancelledLanded: cancelledLanded
        }
    }

    static func rows(for cell: Circumstance) -> [Row] {
        rows(cell.standing).filter { $0.verbs.contains(cell.verb) && $0.deeds.contains(cell.deed) }
    }

    /// Where an intent of the verb gets instead of standing there; `nil`: it may stand there.
    static func instead(_ verb: Verb, _ standing: Standing) -> [Standing] {
        absences.flatMap { absence in
            zip(absence.standings, absence.instead).filter { absence.verbs.contains(verb) && $0.0 == standing }.map(\.1)
        }
    }

    static let absences: [Absence] = [
        Absence(
            verbs: [.createConversation], standings: [.waiting], instead: [.queued],
            why: "A create waits for nothing."),
        Absence(
            verbs: [.markRead], standings: [.waiting], instead: [.confirmed],
            why: "In a conversation that nobody made yet there is nothing to have read: the mark is over when it is written."),
        Absence(
            verbs: [.send, .edit, .rename], standings: [.repeatingAbsent, .repeatingLanded],
            instead: [.doubtAbsent, .doubtLanded],
            why: "Repeating it could do it twice: it is looked up instead."),
        Absence(
            verbs: [.delete, .markRead, .addParticipants, .removeParticipant, .deleteConversation, .upload],
            standings: [.doubtAbsent, .doubtLanded, .askingAbsent, .askingLanded],
            instead: [.repeatingAbsent, .repeatingLanded, .repeatingAbsent, .repeatingLanded],
            why: "Repeating it does no harm: there is nothing to look up and nothing to ask."),
        Absence(
            verbs: [
                .createConversation, .markRead, .rename, .addParticipants, .removeParticipant, .deleteConversation, .upload,
            ], standings: [.sent], instead: [.confirmed],
            why: "The service's yes is all that is waited for; what is shown stands until a read shows it too."),
    ]
}
