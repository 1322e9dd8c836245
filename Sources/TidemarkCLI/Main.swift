import ArgumentParser
import Foundation

/// The program: parses, runs, and turns whatever went wrong into a sentence and an exit code.
@main
enum Main {
    static func main() async {
        let signals = Interruption.install()
        let arguments = CommonOptions.moved(behindCommandOf: Array(CommandLine.arguments.dropFirst()))
        let isJSON = Output.isAskedForJSON
        // Nobody can be asked anything there, and whoever parses a failure wants nothing before it.
        let status = await SecretCommand.$keepsComplaints.withValue(isJSON && !Terminal.isTTY(.standardError)) {
            await run(arguments, isJSON: isJSON)
        }
        withExtendedLifetime(signals) { exit(status.rawValue) }
    }

    private static func run(_ arguments: [String], isJSON: Bool) async -> ExitStatus {
        do {
            var command = try TidemarkCommand.parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return .done
        } catch let status as ExitStatus {
            return status
        } catch {
            return tell(error, arguments, isJSON: isJSON)
        }
    }

    private static func tell(_ error: any Error, _ arguments: [String], isJSON: Bool) -> ExitStatus {
        if let failure = Failure(translating: error) {
            failure.print(isJSON: isJSON)
            return failure.status
        }
        // What is left is the parser's: help that was asked for, or wrong usage.
        let isHelp = TidemarkCommand.exitCode(for: error).isSuccess
        if isHelp {
            Terminal.write(Self.explanation(of: error) + "\n")
            return .done
        }
        if let unknown = UnknownCommand(arguments) {
            unknown.failure.print(isJSON: isJSON)
            return .usage
        }
        let message = TidemarkCommand.message(for: error)
        if isJSON {
            Failure(.usage, code: "usage", message, hint: "tidemark help").print(isJSON: true)
        } else {
            Terminal.standardError(Self.explanation(of: error))
        }
        return .usage
    }

    /// The parser's words. It wraps all but the line of options, and what it says about a mistake, which it leaves as long as they
    /// are.
    private static func explanation(of error: any Error) -> String {
        let text = TidemarkCommand.fullMessage(for: error, columns: Terminal.width)
        return text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { line -> [String] in
            // It begins as every failure does.
            if line.hasPrefix("Error: ") { return Failure.headline(String(line.dropFirst("Error: ".count))) }
            if line.hasPrefix("Help: ") { return Terminal.lines(of: String(line), on: .standardError) }
            guard line.lowercased().hasPrefix("usage: "), line.count > Terminal.width else { return [String(line)] }
            return TextLayout.wrappedUsage(String(line), to: Terminal.width)
        }.joined(separator: "\n")
    }
}
