import ArgumentParser
import Tidemark

/// Tries parked intents again.
struct OutboxRetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Try parked intents again at the next sync.",
        discussion: """
            EXAMPLE
              tidemark outbox retry --all
            """)

    @OptionGroup var selection: IntentSelection
    @OptionGroup(title: "Common options") var common: CommonOptions

    func run() async throws {
        let act = try await OutboxAct(common)
        try await act.perform("Queued again:", on: try act.intents(selection, .retry)) { try await act.engine.retry($0) }
    }
}

/// Lets the lane go on past intents that need a person.
struct OutboxSkipCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "skip", abstract: "Let their conversations go on past parked or asking intents, which stay listed.",
        discussion: """
            EXAMPLE
              tidemark outbox skip --all
            """)

    @OptionGroup var selection: IntentSelection
    @OptionGroup(title: "Common options") var common: CommonOptions

    func run() async throws {
        let act = try await OutboxAct(common)
        try await act.perform("Skipped", on: try act.intents(selection, .skip)) { try await act.engine.skip($0) }
    }
}

/// Drops intents.
struct OutboxDiscardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "discard", abstract: "Drop intents; should one have arrived after all, what it made is deleted there.",
        discussion: """
            EXAMPLE
              tidemark outbox discard --all --yes
            """)

    @OptionGroup var selection: IntentSelection
    @OptionGroup var consent: Consent
    @OptionGroup(title: "Common options") var common: CommonOptions

    func run() async throws {
        let act = try await OutboxAct(common)
        let intents = try act.intents(selection, .discard)
        if !intents.isEmpty { try consent.ask("Discard \(intents.map(\.description).joined(separator: ", "))?") }
        try await act.perform("Discarded", on: intents) { try await act.engine.discard($0) }
    }
}
