import ArgumentParser

/// The accounts of a store.
struct AccountCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account", abstract: "Add, list and remove accounts.",
        discussion: """
            EXAMPLE
              tidemark account list
            """,
        subcommands: [AccountAddCommand.self, AccountListCommand.self, AccountRemoveCommand.self])
}
