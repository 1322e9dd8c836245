import TidemarkModel

/// The table as a part of `docs/in-doubt.md`.
struct OutcomeDocument {
    static let begin = "<!-- Written by OutcomeDocumentTests from Tests/TidemarkTests/InDoubt; not by hand. -->"
    static let end = "<!-- The end of what OutcomeDocumentTests wrote. -->"

    static func text() -> String {
        var lines = [begin, ""] + words
        for standing in Standing.allCases { lines += section(standing) }
        lines += ["### What there is not", "", "| where | verbs | instead | why |", "| --- | --- | --- | --- |"]
        for absence in OutcomeTable.absences {
            let standings = absence.standings.map(\.title).joined(separator: ", ")
            let instead = Array(Set(absence.instead.map(\.title))).sorted().joined(separator: ", ")
            lines.append("| \(standings) | \(verbs(absence.verbs)) | \(instead) | \(absence.why) |")
        }
        return (lines + ["", end]).joined(separator: "\n")
    }

    /// What is seen in each case, by verb.
    private static let words = [
        "| verb | *before* | *as wished* | *changed* | *removed* |", "| --- | --- | --- | --- | --- |",
        "| createConversation | not listed | listed under its topic | listed under the other topic | not listed |",
        "| send | no message | the text | the other text | deleted |",
        "| edit | the old text | the new text | the other text | deleted |",
        "| delete | the message | deleted | the other text | deleted |",
        "| markRead | one unread | none unread | | the conversation is not listed |",
        "| rename | the old topic | the new topic | the other topic | the conversation is not listed |",
        "| addParticipants | she is not in it | she is in it | | the conversation is not listed |",
        "| removeParticipant | he is in it | he is not in it | | the conversation is not listed |",
        "| deleteConversation | listed | not listed | | not listed |",
        "| upload | no message | its message with the file | the other text with the file | deleted |", "",
    ]

    private static func section(_ standing: Standing) -> [String] {
        var lines = ["### \(standing.title)", "", standing.explanation, ""]
        lines += ["| what happens | verbs | at the service | shown at once | shown at last | why |"]
        lines += ["| --- | --- | --- | --- | --- | --- |"]
        lines += OutcomeTable.rows(standing).map(line)
        return lines + [""]
    }

    private static func line(_ row: OutcomeTable.Row) -> String {
        let outcome = row.outcome
        let deeds = row.deeds.map(\.title).joined(separator: ", ")
        let told = outcome.refusal.map { "; told: “\($0)”" } ?? ""
        let last = outcome.atLast == outcome.atOnce ? "the same" : shown(outcome.atLast)
        let cells = [deeds + told, verbs(row.verbs), service(outcome), shown(outcome.atOnce), last, row.why]
        return "| \(cells.joined(separator: " | ")) |"
    }

    private static func verbs(_ verbs: [Verb]) -> String {
        if verbs.count == OutcomeTable.every.count { return "all" }
        let missing = OutcomeTable.every.filter { !verbs.contains($0) }
        guard missing.count > 1 else { return "all but " + missing.map(\.rawValue).joined() }
        return verbs.map(\.rawValue).joined(separator: ", ")
    }

    private static func service(_ outcome: Outcome) -> String {
        let effects = outcome.effects.map { effect in
            switch effect {
            case .wish: "done once"
            case .change: "changed"
            case .removal: "deleted"
            case .undoing: "deleted by the engine"
            }
        }
        return "\(effects.isEmpty ? "nothing" : effects.joined(separator: ", then ")): *\(outcome.atService.title)*"
    }

    private static func shown(_ shown: Shown) -> String { "`\(shown.state)`, *\(shown.sight.title)*" }
}

extension Sight {
    var title: String {
        switch self {
        case .asBefore: "before"
        case .asWished: "as wished"
        case .asChanged: "changed"
        case .removed: "removed"
        case .nothing: "nothing"
        }
    }
}

extension Deed {
    var title: String {
        switch self {
        case .cancel: "cancel"
        case .edit: "edit"
        case .delete: "delete"
        case .kill: "kill"
        case .signOut: "sign out"
        case .credentialLost: "credential lost"
        }
    }
}

extension Standing {
    var title: String {
        switch self {
        case .queued: "Queued"
        case .waiting: "Waiting"
        case .underWay: "In transmission, not arrived"
        case .answered: "In transmission, done"
        case .repeatingAbsent: "Asked for again, was not done"
        case .repeatingLanded: "Asked for again, was done"
        case .doubtAbsent: "In doubt, was not done"
        case .doubtLanded: "In doubt, was done"
        case .askingAbsent: "Asking, was not done"
        case .askingLanded: "Asking, was done"
        case .parked: "Parked"
        case .sent: "Sent"
        case .confirmed: "Confirmed"
        case .cancelled: "Cancelled"
        case .cancelledLanded: "Cancelled, was done"
        }
    }

    var explanation: String {
        switch self {
        case .queued: "Nothing of it has left."
        case .waiting:
            "It waits for a conversation whose create lost its answer, or for a message whose send did; neither had arrived."
        case .underWay: "The request is on its way. A kill or a sign-out cuts it off."
        case .answered: "The service has done it, and its answer is on its way back. A kill or a sign-out loses the answer."
        case .repeatingAbsent: "The request was lost, and the device can't know that it was not the answer."
        case .repeatingLanded: "The answer was lost."
        case .doubtAbsent:
            "The request was lost, and the device can't know that it was not the answer. A create is past its ten minutes."
        case .doubtLanded: "The answer was lost. A create is past its ten minutes."
        case .askingAbsent:
            "A send: a tombstone of the user's own without a token is there. A create: the user's other device made two of "
                + "that name. An edit, a rename: the user was taken out of the conversation for a while."
        case .askingLanded:
            "The same, and it had been done: what the send made was deleted from another device, and one of two conversations is "
                + "the create's."
        case .parked: "The service has refused it as it is (400)."
        case .sent: "The service said yes; nothing has shown it yet."
        case .confirmed: "It is done and was seen."
        case .cancelled: "It was discarded while it was queued."
        case .cancelledLanded: "It was discarded while its answer was lost, and it had been done."
        }
    }
}
