import ArgumentParser
import Tidemark

/// How a store and its accounts are.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Show versions, sizes, accounts and clock, and what is wrong.",
        discussion: """
            It changes nothing, and asks the service of each account one question, which --offline leaves out.

            EXAMPLE
              tidemark doctor --offline
            """)

    @Flag(help: "Don't ask the services.")
    var offline = false

    @OptionGroup(title: "Common options")
    var common: CommonOptions

    func run() async throws {
        let store = try await common.openToLook()
        let info = try store.info(at: .current)
        var probes: [AccountName: ServiceProbe] = [:]
        if !offline {
            for account in info.accounts.map(\.account) { probes[account.name] = await ServiceProbe(account, in: store) }
        }
        let diagnosis = Diagnosis(info: info, probes: probes, common: common)
        if common.json { return common.output.json(diagnosis.json) }
        diagnosis.print(common.output)
    }
}
