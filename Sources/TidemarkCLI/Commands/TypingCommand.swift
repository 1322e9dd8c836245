import ArgumentParser
import Tidemark
import TidemarkAvaya
import TidemarkAzure

/// Tells the others that somebody writes.
struct TypingCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "typing", abstract: "Tell the others of a conversation that you are writing.",
        discussion: """
            It goes out now or not at all: nothing of it is kept, queued or repeated. Azure shows it for a few seconds, in \
            conversations of up to 20 people; Avaya takes it over its socket (--socket-endpoint); a LiveKit room has no such sign.

            EXAMPLE
              tidemark typing c1
            """)

    /// Nobody is still writing when a slow answer comes.
    private static let timeout: Duration = .seconds(8)

    @OptionGroup var conversation: ConversationArgument

    @Option(help: ArgumentHelp("The name to show, on Azure.", valueName: "name"))
    var senderName: String?

    @OptionGroup(title: "Common options")
    var common: CommonOptions

    func run() async throws {
        let store = try await common.openToLook()
        let view = try store.account(common.accountName)
        let id = try conversation.resolve(in: view)
        guard let remote = try view.conversation(id).get().remoteID else {
            throw Failure(
                .failed, code: "notAllowed", "\(id) is not at the service yet, so nobody can see it.",
                hint: common.command("sync"))
        }
        let connection = try await AccountConnection(
            try store.account(named: view.name), in: store, limits: HTTPLimits(timeout: Self.timeout))
        let result = await Result.awaiting { try await send(to: remote, by: connection) }
        await connection.close()
        try result.get()
        let output = common.output
        if output.isJSON { return output.json([("conversation", .id(id)), ("sent", .bool(true))]) }
        output.line("The others of \(id) see that you are writing.")
    }

    private func send(to conversation: RemoteConversationID, by connection: AccountConnection) async throws {
        guard connection.service.traits.typing else {
            throw Failure(
                .failed, code: "unsupported", "This account's service has no way to tell the others that somebody writes.")
        }
        guard let senderName else {
            guard let realtime = connection.realtime else {
                return try await connection.service.sendTyping(in: conversation)
            }
            return try await Self.send(to: conversation, connection.service, by: realtime)
        }
        // The name is no part of what all services have.
        guard let azure = connection.azure else {
            throw Failure.usage("Only Azure shows a name of your choice; leave out --sender-name.")
        }
        try await azure.threadClient(for: conversation).sendTypingNotification(senderDisplayName: senderName)
    }

    // MARK: By a socket that is opened for it

    /// How long the service has for telling it back.
    private static let echoPatience: Duration = .seconds(1)
    private static let interval: Duration = .milliseconds(50)

    private static func send(
        to conversation: RemoteConversationID, _ service: any ChatService, by realtime: AvayaRealtime
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask { await realtime.run() }
            group.addTask { try await send(to: conversation, service) }
            try await group.next()
        }
    }

    /// It leaves once the socket listens to the conversation. What the service tells back has left for certain; one that does not
    /// gets a moment for the bytes to leave.
    private static func send(to conversation: RemoteConversationID, _ service: any ChatService) async throws {
        let clock = SystemClock()
        let end = clock.now + timeout
        while true {
            do throws(ServiceError) {
                try await service.sendTyping(in: conversation)
                break
            } catch {
                guard error.code == .unreachable, clock.now < end else { throw error }
            }
            try await clock.sleep(until: clock.now + interval)
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await clock.sleep(until: clock.now + echoPatience) }
            group.addTask { try? await echo(in: conversation, service.events()) }
            await group.next()
            group.cancelAll()
        }
    }

    private static func echo(
        in conversation: RemoteConversationID, _ events: any AsyncSequence<RemoteEvent, any Error> & Sendable
    ) async throws {
        for try await event in events {
            if case .typing(_, _, in: conversation) = event { return }
        }
    }
}
