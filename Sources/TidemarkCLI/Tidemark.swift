import ArgumentParser

@main
struct TidemarkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "tidemark")
    func run() async throws {}
}
