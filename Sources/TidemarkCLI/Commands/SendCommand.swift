import ArgumentParser
import Tidemark

/// Writes a message.
struct SendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send", abstract: "Write a message; it is durable at once and goes out with the next sync.",
        discussion: """
            EXAMPLE
              tidemark send c1 "On the train, no network"
            """)

    @OptionGroup
    var target: ConversationArgument

    @Argument(help: "The text; `-` reads it from standard input.")
    var text: String

    @Flag(help: "The text is HTML; the service sanitises it.")
    var html = false

    @Option(help: ArgumentHelp("The name to show as its sender.", valueName: "name"))
    var senderName: String?

    @Option(help: ArgumentHelp("Your own key for the message; everybody in the conversation can read it.", valueName: "k=v"))
    var metadata: [MetadataArgument] = []

    @Option(help: ArgumentHelp("A file to attach.", valueName: "file"))
    var attach: [String] = []

    @Option(help: ArgumentHelp("The message it answers.", valueName: "msg"))
    var replyTo: String?

    @OptionGroup
    var write: WriteOptions

    func validate() throws {
        if !attach.isEmpty {
            throw ValidationError("Neither Azure nor LiveKit chat has attachments that a client can send; send a link instead.")
        }
        if replyTo != nil { throw ValidationError("Neither Azure nor LiveKit chat has replies; quote the message instead.") }
    }

    private func checkPlain() throws {
        guard !html, senderName == nil, metadata.isEmpty else {
            throw Failure.usage(
                "A message in a LiveKit room is plain text and has the name of who is in the room; leave out --html, --sender-name "
                    + "and --metadata.")
        }
    }

    func run() async throws {
        let message = OutgoingMessage(
            try TextArgument.read(text), kind: html ? .html : .text, senderName: senderName,
            metadata: Dictionary(metadata.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 }))
        try await write.perform("Queued") { engine, account, token in
            if try engine.store.account(named: account.name).service == LiveKitSettings.service { try checkPlain() }
            return try await engine.send(message, to: try target.resolve(in: account), token: token)
        }
    }
}
