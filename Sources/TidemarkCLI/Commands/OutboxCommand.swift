import ArgumentParser

/// What is unsent, and what a person can do about it.
struct OutboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outbox", abstract: "Show what is unsent and why; retry, skip, discard, edit, resolve, adopt.",
        discussion: """
            EXAMPLE
              tidemark outbox --state parked
            """,
        subcommands: [
            OutboxListCommand.self, OutboxRetryCommand.self, OutboxSkipCommand.self, OutboxDiscardCommand.self,
            OutboxEditCommand.self, OutboxResolveCommand.self, OutboxAdoptCommand.self,
        ], defaultSubcommand: OutboxListCommand.self)
}
