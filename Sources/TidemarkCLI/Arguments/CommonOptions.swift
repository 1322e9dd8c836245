import ArgumentParser
import Foundation
import Logging
import Tidemark

/// What every command takes.
struct CommonOptions: ParsableArguments {
    @Option(
        name: .long, help: ArgumentHelp("The store's file. Default: $TIDEMARK_STORE, else ./tidemark.sqlite.", valueName: "path"))
    var store: String?

    @Option(name: .long, help: ArgumentHelp("The account, where the store has more than one.", valueName: "name"))
    var account: String?

    @Flag(name: .long, help: "Print JSON: one object, or a line each.")
    var json = false

    @Flag(name: .shortAndLong, help: "Say more on standard error; twice for all.")
    var verbose: Int

    var output: Output { Output(isJSON: json) }

    var storePath: String {
        if let store { return store }
        let environment = ProcessInfo.processInfo.environment["TIDEMARK_STORE"] ?? ""
        return environment.isEmpty ? "tidemark.sqlite" : environment
    }

    var accountName: AccountName? { account.map { AccountName($0) } }

    /// Opens the store to look at it.
    func openToLook() async throws -> MessageStore {
        try await MessageStore.open(storePath, mode: .readOnly)
    }

    /// The account whose views are read.
    func viewed() async throws -> AccountView {
        try await openToLook().account(accountName)
    }

    /// Logs go to standard error: warnings, or more with `-v`.
    var logger: Logger {
        var logger = Logger(label: "tidemark", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = verbose >= 2 ? .trace : verbose == 1 ? .debug : .warning
        return logger
    }
}

extension CommonOptions {
    /// `tidemark --store PATH send …` means `tidemark send … --store PATH`: the parser wants options behind their command.
    static func moved(behindCommandOf arguments: [String]) -> [String] {
        var moved: [String] = []
        var rest = arguments[...]
        while let first = rest.first, first.hasPrefix("-") {
            let takesValue = first == "--store" || first == "--account"
            let isCommon =
                takesValue || ["--json", "--verbose", "-v", "-vv"].contains(first) || first.hasPrefix("--store=")
                || first.hasPrefix("--account=")
            guard isCommon else { break }
            moved += rest.prefix(takesValue ? 2 : 1)
            rest = rest.dropFirst(takesValue ? 2 : 1)
        }
        guard !moved.isEmpty, !rest.isEmpty else { return arguments }
        // What stands behind `--` is text.
        let end = rest.firstIndex(of: "--") ?? rest.endIndex
        return Array(rest[..<end]) + moved + Array(rest[end...])
    }
}
