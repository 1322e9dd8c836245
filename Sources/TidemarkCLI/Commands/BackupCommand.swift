import ArgumentParser
import Tidemark

/// A copy of the store.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copy the store to a file, also while it is in use.",
        discussion: """
            A copy sends nothing until you say so: see `outbox adopt`.

            EXAMPLE
              tidemark backup chat-backup.sqlite
            """)

    @Argument(help: ArgumentHelp("The file, which must not be there yet.", valueName: "file"))
    var file: String

    @OptionGroup(title: "Common options")
    var common: CommonOptions

    func run() async throws {
        let store = try await common.openToLook()
        try store.backup(to: file)
        if common.json { return common.output.json([("file", .string(file))]) }
        common.output.line("Copied the store to \(EscapedText.line(file)).")
    }
}
