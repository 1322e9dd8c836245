import ArgumentParser
import Tidemark

/// How something came to be what it is.
struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Show each step of a message, an intent or a token.",
        discussion: """
            EXAMPLE
              tidemark explain m1
            """)

    @Argument(help: ArgumentHelp("A message, an intent or a token.", valueName: "msg|intent|token"))
    var subject: String

    @OptionGroup(title: "Common options")
    var common: CommonOptions

    func run() async throws {
        let account = try await common.viewed()
        let printer = OutboxPrinter(
            output: common.output, common: common, account: account, now: .current,
            obstacles: Obstacles(try account.outbox().get()))
        let lines: [JournalLine]
        if let intent = try Self.intent(subject, account) {
            lines = try account.journal(.intent(intent)).get()
            if !common.json { try printer.print(try account.intent(intent).get()) }
        } else {
            let message = try account.resolveMessage(subject)
            lines = try Self.lines(of: message, account)
            if !common.json { try account.message(message).get().intents.forEach(printer.print) }
        }
        JournalPrinter(output: common.output).print(lines)
    }

    /// `nil`: it is none, so it has to be a message.
    private static func intent(_ text: String, _ account: AccountView) throws -> IntentID? {
        do {
            return try account.resolveIntent(text)
        } catch let error as StoreError where error.code == .notFound {
            return nil
        }
    }

    /// What happened to a message, and to each intent that was about it, in their order.
    static func lines(of message: MessageID, _ account: AccountView) throws -> [JournalLine] {
        let own = try account.journal(.message(message)).get()
        let intents = Set(own.compactMap(\.intent))
        let theirs = try intents.flatMap { try account.journal(.intent($0)).get() }
        return Set(own + theirs).sorted { $0.id < $1.id }
    }
}
