import ArgumentParser
import Foundation
import Tidemark

/// Removes an account with everything the store holds of it; the service keeps what it has.
struct AccountRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove an account with what the store holds of it.",
        discussion: """
            Nothing is deleted at the service. Unsent work holds the account, unless it is discarded. What stands beside the \
            store for the account goes with it: its files, and the tokens it was given.

            EXAMPLE
              tidemark account remove me --yes
            """)

    @Argument(help: "Its name.")
    var name: String

    @Flag(help: "Discard what is unsent.")
    var discardUnsent = false

    @OptionGroup
    var consent: Consent

    @OptionGroup(title: "Common options")
    var common: CommonOptions

    func run() async throws {
        let store = try await MessageStore.open(common.storePath, mode: .readWrite)
        let account = try store.account(AccountName(name))
        let unsent = try account.outboxSummary().get()
        try consent.ask("Remove account \(name) and all that the store holds of it?")
        let tokens = AvayaSettings.tokenFiles(of: AccountName(name), in: store)
        try store.removeAccount(AccountName(name), discardingUnsent: discardUnsent)
        for file in tokens { try? FileManager.default.removeItem(at: file) }
        let output = common.output
        let count = unsent.queued + unsent.parked + unsent.asking
        if output.isJSON {
            return output.json([("name", .string(name)), ("removed", .bool(true)), ("discarded", .number(count))])
        }
        output.line("Removed account \(EscapedText.line(name))" + (count > 0 ? " and \(count) unsent." : "."))
    }
}

/// Whether something that can't be undone may be done: asked on a terminal, said with `--yes` elsewhere.
struct Consent: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Do it without asking.")
    var yes = false

    func ask(_ question: String) throws {
        if yes { return }
        guard Terminal.canAsk else {
            throw Failure.usage("This can't be undone and there is nobody to ask; say --yes to do it.")
        }
        guard Terminal.confirms(EscapedText.line(question)) else {
            throw Failure(.failed, code: "declined", "Nothing was changed.")
        }
    }
}
