import ArgumentParser
import Tidemark

/// What a store can prove of itself.
struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check that the store agrees with itself, and repair what can be repaired.",
        discussion: """
            No service is asked, and unsent work is never touched. Exit code 3: something needs a person, or --repair.

            EXAMPLE
              tidemark verify
            """)

    @Flag(help: "Repair what can be repaired without you.")
    var repair = false

    @OptionGroup(title: "Common options")
    var common: CommonOptions

    func run() async throws {
        let store = try await MessageStore.open(common.storePath, mode: repair ? .readWrite : .readOnly)
        let name = try common.accountName.map { try store.account($0).name }
        let begun = Timestamp.current
        var result = repair ? try store.repair() : try store.verify()
        // The file and what belongs to nobody concern every account.
        if let name { result.findings.removeAll { $0.account != nil && $0.account != name } }
        VerificationPrinter(output: common.output, common: common, isRepairing: repair, seconds: Timestamp.current - begun).print(
            result)
        if result.unrepaired > 0 { throw ExitStatus.needsPerson }
    }
}
