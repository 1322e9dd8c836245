import Foundation
import Tidemark
import TidemarkAvaya
import TidemarkModel
import TidemarkSimulator

/// A registered user and a guest in a space of the simulated Avaya, where nothing that is sent bears a token.
struct SpacesStory {
    private let printer: DemoPrinter
    private let clock: VirtualClock
    private let network: SpacesNetwork
    private let servers: AvayaServers
    private let alice: SpacesPerson
    private let aliceID: String
    private let bobID: String
    private let seed: UInt64
    private var trip = ConversationID(0)

    static let pictureBytes = 48_000

    /// A Monday morning.
    private static let start = Timestamp(milliseconds: 1_767_600_000_000)

    init(seed: UInt64, printer: DemoPrinter) async throws {
        self.printer = printer
        self.seed = seed
        clock = VirtualClock(start: Self.start)
        var simulator = AvayaSimulator(seed: seed, behavior: Self.behavior(seed), now: Self.start)
        let refreshToken = simulator.users.first.map { simulator.refreshToken(for: $0.id) }
        network = SpacesNetwork(simulator, clock: clock)
        guard let rest = URL(string: simulator.baseURL), let socket = URL(string: simulator.socketURL),
            let accounts = URL(string: simulator.accountsURL), simulator.users.count >= 2
        else { throw Failure(.failed, code: "demo", "The simulator has no address or no users; this is a defect of the demo.") }
        servers = AvayaServers(rest: rest, socket: socket, accounts: accounts)
        (aliceID, bobID) = (simulator.users[0].id, simulator.users[1].id)
        let clock = clock
        let credential = OAuth2Authenticator(
            clientID: simulator.clientID, clientSecret: simulator.clientSecret, refreshToken: refreshToken,
            keeper: MemoryRefreshTokenKeeper(), servers: servers, transport: network, now: { clock.now })
        alice = try await SpacesPerson(
            "Alice", credential, isGuest: false, identity: ParticipantID(aliceID), over: network, servers: servers,
            clock: clock, seed: seed)
    }

    /// How texts come back differs from seed to seed.
    private static func behavior(_ seed: UInt64) -> AvayaBehavior {
        let drawn = AvayaBehavior(seed: seed)
        var behavior = AvayaBehavior()
        (behavior.escapesQuotes, behavior.wrapsBodies) = (drawn.escapesQuotes, drawn.wrapsBodies)
        (behavior.feedIsAscending, behavior.pagesByKeyset) = (drawn.feedIsAscending, drawn.pagesByKeyset)
        behavior.guestHistory = .sinceJoin
        return behavior
    }

    /// Tells it and returns what the check found.
    mutating func run() async throws -> [DemoJudge.Verdict] {
        try await writeOffline()
        try await loseAnAnswer()
        try await loseARequest()
        try await conflict()
        try await picture()
        let gus = try await guest()
        return try SpacesJudge(
            simulator: network.simulator, alice: alice, gus: gus.person, trip: trip, gusTrip: gus.conversation
        ).verdicts()
    }

    // MARK: The chapters

    private mutating func writeOffline() async throws {
        printer.chapter(
            "1. On the train, no network", "Alice is a registered user. She makes a space and writes; the store has it at once.")
        trip = try await alice.engine.createConversation(
            topic: "Trip to the sea", with: [Participant(id: ParticipantID(bobID), displayName: "Bob")]
        ).conversation
        try await say("On the train. Who has the tickets?", alice, trip)
        try await say("I'm in coach 3 & it is \"full\"", alice, trip)
        try show(alice, trip)
        try await sync(alice)
        try show(alice, trip)
    }

    private func loseAnAnswer() async throws {
        printer.chapter(
            "2. An answer is lost", "It was done, and nobody knows. The service gives no token back: author, time and text tell.")
        try await say("Found them in my coat", alice, trip)
        network.arrange(.answerLost)
        try await sync(alice)
        try show(alice, trip, limit: 1)
    }

    private func loseARequest() async throws {
        printer.chapter(
            "3. A request is lost", "It is looked for and is not there. That proves nothing for good, so Alice is asked.")
        try await say("We arrive at ten past nine", alice, trip)
        network.arrange(.requestLost)
        try await sync(alice)
        try show(alice, trip, limit: 1)
        printer.say("  Alice: “It did not arrive, send it.”")
        printer.say("")
        try await alice.engine.resolve(alice.question().intent, as: .notSent)
        try await sync(alice)
        try show(alice, trip, limit: 1)
    }

    private func conflict() async throws {
        printer.chapter(
            "4. Two edits of one message", "She edits on her laptop, then on her telephone, which has not heard of it.")
        let entry = try alice.entry("We arrive at ten past nine", in: trip)
        let (author, now) = (aliceID, clock.now)
        network.transport.with {
            _ = $0.simulator.edit(entry.remoteID?.rawValue ?? "", to: "We arrive at nine", as: author, now: now)
        }
        clock.advance(by: .seconds(9))
        try await alice.engine.edit(entry.id, to: "We arrive at twenty past nine")
        try await sync(alice)
        try show(alice, trip, limit: 1)
        printer.say("  Alice: “Mine.”")
        printer.say("")
        try await alice.engine.resolve(alice.question().intent, as: .mine)
        try await sync(alice)
        try show(alice, trip, limit: 1)
    }

    private func picture() async throws {
        printer.chapter(
            "5. A picture", "It goes up before its message, and both answers are lost. The file's key tells that all is well.")
        let folder = FileManager.default.temporaryDirectory.appending(path: "tidemark-demo-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appending(path: "sea.png")
        try Data(repeating: 0x5A, count: Self.pictureBytes).write(to: file)
        clock.advance(by: .seconds(13))
        try await alice.engine.send(
            "The sea!", to: trip, files: [FileToSend(path: file.path, contentType: "image/png")])
        // The store has bytes of its own.
        try FileManager.default.removeItem(at: folder)
        try show(alice, trip, limit: 1)
        network.arrange(.answerLost, of: .file)
        network.arrange(.answerLost, of: .message)
        try await sync(alice)
        try show(alice, trip, limit: 1)
    }

    private func guest() async throws -> (person: SpacesPerson, conversation: ConversationID) {
        printer.chapter(
            "6. A guest",
            "Gus has no account. He sees what is said from when he came. After a day he is another user to the service.")
        let credential = AnonymousUser(displayName: "Gus", logsInAnew: true, servers: servers, transport: network)
        let me = try await credential.login()
        let gus = try await SpacesPerson(
            "Gus", credential, isGuest: true, identity: me.id, over: network, servers: servers, clock: clock, seed: seed &+ 1)
        try letIn(me.id)
        try await sync(gus)
        guard let conversation = try gus.account.conversations().get().first?.id else {
            throw Failure(.failed, code: "demo", "Gus does not see the space he is in; this is a defect of Tidemark.")
        }
        try await say("Gus here, I bring the picnic", gus, conversation)
        try await sync(gus)
        try await say("Coach 3, next to the singer", alice, trip)
        try await sync(alice)
        try await sync(gus)
        clock.advance(by: .seconds(13))
        try await gus.engine.send(
            "I can hear her", to: conversation, replyTo: gus.entry("Coach 3, next to the singer", in: conversation).id)
        try await sync(gus)
        printer.say("  A day later")
        printer.say("")
        clock.advance(by: .seconds(25 * 3600))
        try await say("Are we there yet?", gus, conversation)
        // Whoever he is now has to be let in again, as with every guest.
        _ = try await credential.renewed(after: credential.access())
        if let again = network.simulator.users.last(where: \.isGuest) { try letIn(ParticipantID(again.id)) }
        try await sync(gus)
        try await sync(alice)
        try show(gus, conversation)
        return (gus, conversation)
    }

    // MARK: Steps

    private func letIn(_ person: ParticipantID) throws {
        guard let space = try alice.account.conversation(trip).get().remoteID?.rawValue else { return }
        let now = clock.now
        network.transport.with { _ = $0.simulator.add(person.rawValue, to: space, now: now) }
    }

    private func say(_ text: String, _ person: SpacesPerson, _ conversation: ConversationID) async throws {
        clock.advance(by: .seconds(13))
        try await person.engine.send(text, to: conversation)
    }

    private func sync(_ person: SpacesPerson) async throws {
        printer.report(try await person.engine.syncOnce(deadline: .seconds(900)))
    }

    private func show(_ person: SpacesPerson, _ conversation: ConversationID, limit: Int = 50) throws {
        try printer.timeline(of: conversation, in: person.account, limit: limit)
    }
}
