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

    func run() async throws {
        try await selection.perform("Queued again:", .retry) { engine, intent in try await engine.retry(intent) }
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

    func run() async throws {
        try await selection.perform("Skipped", .skip) { engine, intent in try await engine.skip(intent) }
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

    @OptionGroup var consent: Consent
    @OptionGroup var selection: IntentSelection

    func run() async throws {
        try await selection.perform(
            "Discarded", .discard,
            asking: { try consent.ask("Discard \($0.map(\.description).joined(separator: ", "))?") },
            { engine, intent in try await engine.discard(intent) })
    }
}
