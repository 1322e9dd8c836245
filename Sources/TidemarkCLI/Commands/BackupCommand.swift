import ArgumentParser
import Tidemark

/// A copy of the store.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copy the store to a file, also while it is in use.",
        discussion: """
            Files that are still to be sent go along, into a folder beside it. A copy sends nothing until you say so: see \
            `outbox adopt`.

            EXAMPLE
              tidemark backup chat-backup.sqlite
            """)

    @Argument(help: ArgumentHelp("The file, which must not be there yet.", valueName: "file"))
    var file: String

    @OptionGroup(title: "Common options")
    var common: CommonOptions

    func run() async throws {
        let store = try await common.openToLook()
        let report = try store.backup(to: file)
        if common.json {
            return common.output.json([
                ("file", .string(file)), ("files", .number(report.files)), ("fileBytes", .number(Int(report.fileBytes))),
                ("missingFiles", .number(report.missingFiles)),
            ])
        }
        common.output.line("Copied the store to \(EscapedText.line(file)).")
        if report.files > 0 {
            common.output.line(
                "\(TextLayout.counted(report.files, "unsent file")) (\(SyncReportPrinter.size(report.fileBytes))) went into "
                    + "\(EscapedText.line(file))-files: keep it beside the copy.")
        }
        if report.missingFiles > 0 {
            common.output.line("\(TextLayout.counted(report.missingFiles, "unsent file")) could not be found: see `verify`.")
        }
    }
}
