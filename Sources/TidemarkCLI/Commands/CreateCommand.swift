import ArgumentParser
import Tidemark

/// Makes a conversation.
struct CreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a conversation; it can be written to at once.",
        discussion: """
            EXAMPLE
              tidemark create Trip --with 8:acs:alice,name=Alice,history=2d
            """)

    @Argument(help: "What it is called.")
    var topic: String

    @Option(
        help: ArgumentHelp("Who is in it, and from when on they may read its history.", valueName: "id[,name=…][,history=time]"))
    var with: [ParticipantArgument] = []

    @OptionGroup
    var write: WriteOptions

    func run() async throws {
        try await write.perform("Created") { engine, account, token in
            let kept = try engine.store.account(named: account.name)
            let isRoom = kept.service == LiveKitSettings.service
            if isRoom { try check(try LiveKitSettings(kept)) }
            // A room was made with its account, under a token of its own.
            return try await engine.createConversation(
                topic: topic, with: with.map(\.participant), token: isRoom ? LiveKitSettings.conversationToken : token)
        }
    }

    private func check(_ settings: LiveKitSettings) throws {
        guard with.isEmpty else {
            throw Failure(.failed, code: "unsupported", "Nobody can be put into a LiveKit room; people join it by themselves.")
        }
        guard topic == settings.room else {
            throw Failure(
                .failed, code: "unsupported", "This account is of the LiveKit room “\(settings.room)” and of no other.",
                hint: "tidemark account add NAME --service livekit --room …")
        }
    }
}
