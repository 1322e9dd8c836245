import Tidemark

/// The commands that answer an intent which stands still or asks.
struct OutboxCommands {
    struct Command: Hashable, Sendable {
        var command: String
        /// When what it names as arrived was written.
        var candidateAt: Timestamp?
    }

    let common: CommonOptions

    func all(for entry: OutboxEntry) -> [Command] {
        guard entry.asks || entry.state.reason != nil else { return [] }
        return entry.actions.flatMap { action -> [Command] in
            switch action {
            case .retry: [command("outbox retry \(entry.intent)")]
            case .skip: [command("outbox skip \(entry.intent)")]
            case .discard: [command("outbox discard \(entry.intent)")]
            case .edit: [command("outbox edit \(entry.intent) TEXT")]
            case .newCredential: [command("sync")]
            case .resolve: resolutions(entry)
            }
        }
    }

    private func command(_ words: String) -> Command {
        Command(command: common.command(words))
    }

    private func resolutions(_ entry: OutboxEntry) -> [Command] {
        if entry.reason == .conflict {
            return ["--mine", "--theirs"].map { command("outbox resolve \(entry.intent) \($0)") }
        }
        let arrived = entry.candidates.map { candidate in
            Command(
                command: common.command("outbox resolve \(entry.intent) --arrived \(CommonOptions.quoted(candidate.remoteID))"),
                candidateAt: candidate.createdAt)
        }
        return arrived + [command("outbox resolve \(entry.intent) --not-sent")]
    }
}
