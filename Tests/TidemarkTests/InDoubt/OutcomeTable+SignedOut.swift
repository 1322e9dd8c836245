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
        }.filter { !$0.verbs.isEmpty }
    }

    private static func allSignedOut(_ standing: Standing) -> [Row] {
        switch standing {
        case .queued, .parked: notDone(unsent: 1, "Nothing of it has left, and nothing will.")
        case .waiting: notDone(unsent: 2, "Neither it nor what it waits for has arrived, and neither leaves again.")
        case .underWay: notDone(unsent: 1, "It is cut off before it arrives. Had it arrived, it would be as below.")
        case .repeatingAbsent, .doubtAbsent, .askingAbsent:
            notDone(unsent: 1, "The request was lost, and it is not sent again.")
        case .answered: done(unsent: 1, "What had left has landed, whether its answer was heard or not.") + [unnamed(unsent: 2)]
        case .repeatingLanded, .doubtLanded:
            done(unsent: 1, "What had left has landed, and is not looked for any more.") + [unnamed(unsent: 2)]
        case .askingLanded:
            [
                done([.createConversation, .edit, .rename], unsent: 1, "What had left has landed; nobody is asked any more."),
                done([.send], unsent: 1, "What had left has landed, and was deleted from another device.", sight: .removed),
            ]
        case .sent, .confirmed: [done(every, unsent: 0, "It is done: there is nothing unsent to be asked about.")]
        case .cancelled: [notDone(every, unsent: 0, "It is over, and nothing of it has left.")]
        case .cancelledLanded:
            done(unsent: 0, "It had been done. What is left of it is not taken away: who wants that signs out later.")
                + [unnamed(unsent: 0)]
        }
    }

    /// An upload's message is unsent too.
    private static func notDone(unsent: Int, _ why: String) -> [Row] {
        [notDone(wishes, unsent: unsent, why), notDone([.upload], unsent: unsent + 1, why)]
    }

    private static func done(unsent: Int, _ why: String) -> [Row] { [done(wishes, unsent: unsent, why)] }

    /// A file has arrived, and its message has not.
    private static func unnamed(unsent: Int) -> Row {
        row(
            [.upload], unsent: unsent, effects: [.wish], .asBefore,
            "Its message has not left, and nobody sees a file that no message names.")
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
