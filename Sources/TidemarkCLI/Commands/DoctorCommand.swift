import ArgumentParser
import Tidemark

/// How a store and its accounts are.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Show versions, sizes, accounts and clock, and what is wrong.",
        discussion: """
            It changes nothing, and asks the service of each account one question, which --offline leaves out. A bundle is a \
            copy of the store for a ticket: ids, states, times and the journal, and nothing that anybody wrote.

            EXAMPLE
              tidemark doctor --offline
            """)

    @Flag(help: "Don't ask the services.")
    var offline = false

    @Option(help: ArgumentHelp("Write the store without any text to this file.", valueName: "file"))
    var bundle: String?

    @OptionGroup(title: "Common options")
    var common: CommonOptions

    func run() async throws {
        let store = try await common.openToLook()
        // It is refused before anybody waits for a service.
        if let bundle { try store.bundle(to: bundle) }
        let info = try store.info(at: .current)
        var probes: [AccountName: ServiceProbe] = [:]
        if !offline {
            for account in info.accounts.map(\.account) { probes[account.name] = await ServiceProbe(account, in: store) }
        }
        let diagnosis = Diagnosis(info: info, probes: probes, bundle: bundle, common: common)
        if common.json { return common.output.json(diagnosis.json) }
        diagnosis.print(common.output)
    }
}
