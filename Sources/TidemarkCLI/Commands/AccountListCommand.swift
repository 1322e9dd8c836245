import ArgumentParser
import Tidemark

/// The accounts as the store keeps them.
struct AccountListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the accounts.",
        discussion: """
            EXAMPLE
              tidemark account list --json
            """)

    @OptionGroup(title: "Common options")
    var common: CommonOptions

    func run() async throws {
        let accounts = try await common.openToLook().accounts().filter { common.account == nil || $0.name == common.accountName }
        let output = common.output
        if output.isJSON { return accounts.forEach { output.json(Self.json($0)) } }
        guard !accounts.isEmpty else {
            return output.line("There is no account here. Add one with `tidemark account add`.")
        }
        let style = output.style
        var table = Table([
            Table.Column(title: "name"), Table.Column(title: "service"), Table.Column(title: "endpoint", shrinks: true),
            Table.Column(title: "user", shrinks: true, isID: true), Table.Column(title: "state"),
        ])
        for account in accounts {
            let isStopped = account.stopReason != nil
            let state = account.stopReason.map { "stopped: \($0.rawValue)" } ?? (account.contactAt == nil ? "new" : "ready")
            table.add([
                Table.Cell(EscapedText.line(account.name.rawValue), style.bold), Table.Cell(account.service),
                Table.Cell(Self.place(account)),
                Table.Cell(EscapedText.line(account.identities.first?.rawValue ?? "not known yet")),
                Table.Cell(state) { isStopped ? style.red($0) : $0 },
            ])
        }
        output.table(table)
    }

    /// The address, and of a room which one and how it is reached.
    static func place(_ account: Account) -> String {
        if account.service == LiveKitSettings.service, let settings = try? LiveKitSettings(account) { return settings.ways }
        return EscapedText.line(account.settings["endpoint"] ?? "no endpoint")
    }

    static func json(_ account: Account) -> [(String, JSONValue)] {
        [
            ("name", .string(account.name.rawValue)), ("service", .string(account.service)),
            ("settings", .object(account.settings.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })),
            ("identities", .array(account.identities.map { .string($0.rawValue) })),
            ("createdAt", .time(account.createdAt)), ("contactAt", .time(account.contactAt)),
            ("stopReason", .optional(account.stopReason?.rawValue)),
        ]
    }
}
