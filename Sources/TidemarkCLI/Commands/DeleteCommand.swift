import ArgumentParser
import Tidemark

/// Deletes an own message.
struct DeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete a message of yours; one that never left is taken back.",
        discussion: """
            EXAMPLE
              tidemark delete m1 --yes
            """)

    @OptionGroup
    var target: MessageArgument

    @OptionGroup
    var consent: Consent

    @OptionGroup
    var write: WriteOptions

    func run() async throws {
        try await write.perform("Deleted") { engine, account, token in
            let id = try target.resolve(in: account, for: token)
            try consent.ask("Delete message \(id) for everybody?")
            return try await engine.delete(id, token: token)
        }
    }
}
