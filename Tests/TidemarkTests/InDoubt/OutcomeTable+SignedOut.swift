import TidemarkModel

/// Signing out. While something is unsent it is refused first, and done when told to discard that; an hour later the same user
/// signs in again, on the same device, and sees what the service has.
extension OutcomeTable {
    static func signedOut(_ standing: Standing) -> [Row] {
        // Of the verbs that stand there.
        allSignedOut(standing).map { row in
            var row = row
            row.verbs.removeAll { !instead($0, standing).isEmpty }
            return row
        }
    }

    private static func allSignedOut(_ standing: Standing) -> [Row] {
        switch standing {
        case .queued, .parked: [notDone(every, unsent: 1, "Nothing of it has left, and nothing will.")]
        case .waiting: [notDone(every, unsent: 2, "Neither it nor what it waits for has arrived, and neither leaves again.")]
        case .underWay: [notDone(every, unsent: 1, "It is cut off before it arrives. Had it arrived, it would be as below.")]
        case .repeatingAbsent, .doubtAbsent, .askingAbsent:
            [notDone(every, unsent: 1, "The request was lost, and it is not sent again.")]
        case .answered: [done(every, unsent: 1, "What had left has landed, whether its answer was heard or not.")]
        case .repeatingLanded, .doubtLanded: [done(every, unsent: 1, "What had left has landed, and is not looked for any more.")]
        case .askingLanded:
            [
                done([.createConversation, .edit, .rename], unsent: 1, "What had left has landed; nobody is asked any more."),
                done([.send], unsent: 1, "What had left has landed, and was deleted from another device.", sight: .removed),
            ]
        case .sent, .confirmed: [done(every, unsent: 0, "It is done: there is nothing unsent to be asked about.")]
        case .cancelled: [notDone(every, unsent: 0, "It is over, and nothing of it has left.")]
        case .cancelledLanded:
            [
                done(every, unsent: 0, "It had been done. What is left of it is not taken away: who wants that signs out later.")
            ]
        }
    }

    private static func notDone(_ verbs: [Verb], unsent: Int, _ why: String) -> Row {
        row(verbs, unsent: unsent, effects: [], .asBefore, why)
    }

    private static func done(_ verbs: [Verb], unsent: Int, _ why: String, sight: Sight = .asWished) -> Row {
        row(verbs, unsent: unsent, effects: [.wish], sight, why)
    }

    private static func row(_ verbs: [Verb], unsent: Int, effects: [Effect], _ sight: Sight, _ why: String) -> Row {
        let count = unsent == 1 ? "1 unsent intent" : "\(unsent) unsent intents"
        return Row(
            [.signOut], verbs, told: unsent == 0 ? nil : "Account me holds \(count); sync or discard first.", effects: effects,
            sight,
            atOnce: ("gone", .nothing), atLast: ("gone", sight), why: why)
    }
}
