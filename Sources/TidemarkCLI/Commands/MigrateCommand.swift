import ArgumentParser
import Tidemark

/// Brings a store of an earlier version up to date.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Bring the store to this version's schema.",
        discussion: """
            Whatever writes does it by itself; this does nothing else, and can keep a copy of the store as it was.

            EXAMPLE
              tidemark migrate --backup before.sqlite
            """)

    @Option(help: ArgumentHelp("Copy the store as it is to this file first.", valueName: "file"))
    var backup: String?

    @OptionGroup(title: "Common options")
    var common: CommonOptions

    func run() async throws {
        let found = try await MessageStore.migrate(common.storePath, backingUpTo: backup)
        let store = try await common.openToLook()
        let version = try store.info(at: .current).schemaVersion
        let output = common.output
        if output.isJSON {
            return output.json([("from", .number(found)), ("to", .number(version)), ("backup", .optional(backup))])
        }
        output.line(
            found == version
                ? "The store has schema \(version) already." : "The store has schema \(version) now; it had \(found).")
        if let backup { output.line("As it was it stands in \(EscapedText.line(backup)).") }
    }
}
