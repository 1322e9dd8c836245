import ArgumentParser
import Tidemark

/// Writes a message.
struct SendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send", abstract: "Write a message; it is durable at once and goes out with the next sync.",
        discussion: """
            A file is copied beside the store before the command returns; what becomes of yours then does not matter.

            EXAMPLE
              tidemark send c1 "On the train, no network"
            """)

    @OptionGroup
    var target: ConversationArgument

    @Argument(help: "The text; `-` reads it from standard input. With --attach it may be left out.")
    var text: String?

    @Flag(help: "The text is HTML; the service sanitises it.")
    var html = false

    @Option(help: ArgumentHelp("The name to show as its sender.", valueName: "name"))
    var senderName: String?

    @Option(help: ArgumentHelp("Your own key for the message; everybody in the conversation can read it.", valueName: "k=v"))
    var metadata: [MetadataArgument] = []

    @Option(help: ArgumentHelp("A file to attach; more with more of these.", valueName: "file"))
    var attach: [String] = []

    @Option(help: ArgumentHelp("The message it answers: a local id, a remote id, a beginning of either.", valueName: "msg"))
    var replyTo: String?

    @OptionGroup
    var write: WriteOptions

    func validate() throws {
        if text == nil, attach.isEmpty { throw ValidationError("Say what to send: a text, or a file with --attach.") }
    }

    /// What the account's service has no place for is told before anything is written down.
    private func check(_ service: String, _ traits: ServiceTraits) throws {
        if service == LiveKitSettings.service { try checkPlain() }
        if !attach.isEmpty, traits.attachments == nil {
            throw Failure.usage("\(Self.name(of: service)) has no attachments that a client can send; send a link instead.")
        }
        if replyTo != nil, !traits.replies {
            throw Failure.usage("\(Self.name(of: service)) has no replies; quote the message instead.")
        }
    }

    private static func name(of service: String) -> String {
        switch service {
        case "azure": "Azure chat"
        case LiveKitSettings.service: "LiveKit chat"
        default: "This service"
        }
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
            try text.map { try TextArgument.read($0) } ?? "", kind: html ? .html : .text, senderName: senderName,
            metadata: Dictionary(metadata.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 }))
        try await write.perform("Queued") { engine, account, token in
            try check(try engine.store.account(named: account.name).service, engine.service.traits)
            return try await engine.send(
                message, to: try target.resolve(in: account), files: attach.map { FileToSend(argument: $0) },
                replyTo: try replyTo.map { try account.resolveMessage($0) }, token: token)
        }
    }
}
