import Tidemark
import TidemarkLiveKit
import TidemarkModel
import TidemarkStore

/// One device that takes part in rooms: a real store in memory, the programs that work on it, and each program's bridge.
struct RoomDevice {
    let name: String
    /// Its name in the room.
    let participant: String
    var setup: RoomSetup
    let store: MessageStore
    private(set) var account: AccountView
    var programs: [RoomProgram] = []
    /// How far its wall clock is off, in milliseconds.
    var clockOffset: Int64 = 0
    var offlineUntil: Int64 = 0
    var hasClockJumped = false
    /// Its token is no good until somebody gives another.
    var hasBadToken = false
    var accepted: [Accepted] = []
    var witness = RoomWitness()
    /// What it handed to bridges and to the server's API.
    var emissions: [Emission] = []
    /// The tokens to which somebody said yes.
    var answered: Set<Token> = []
    /// Where its account has its room: a new account has a new number for it.
    var conversation: ConversationID?
    /// What was written and heard when its views were looked at last.
    var watched: (changes: Int, heard: Int)?
    var generator: SeededGenerator
    private let configuration: SyncConfiguration
    private let traits: ServiceTraits

    struct Accepted {
        var enqueued: Enqueued
        var verb: Verb
        var text: String
        /// What an edit or a delete was about.
        var target: MessageID?
        /// Its user took it back, or what it was about.
        var isTakenBack = false
        /// A person asked for it to be sent again, at these times.
        var asked: [Int64] = []
    }

    struct Emission {
        var token: Token
        var intent: IntentID
        var packet: RoomPacket
        var nonce: [UInt8]
        var isByServer: Bool
        var at: Int64
        /// Before it there was an answer that said yes.
        var isAfterYes: Bool
        /// The call that it left with, and the run that made it.
        var call: Int
        var delivery: Int
        var from: Address
        /// It was told that nothing came of it.
        var isAbsent = false
    }

    init(
        name: String, participant: String, setup: RoomSetup, room: String, programs count: Int, store: MessageStore, seed: UInt64
    ) throws {
        self.name = name
        self.participant = participant
        self.setup = setup
        self.store = store
        var configuration = SyncConfiguration()
        configuration.maximumConcurrentRequests = 3
        if count == 1 { configuration.leaseDuration = .seconds(180) }
        self.configuration = configuration
        generator = SeededGenerator(seed: seed)
        traits = LiveKitChatService(room: room, participant: participant, channel: nil, configuration: setup.configuration).traits
        account = try store.addAccount(
            "me", service: traits.service, identity: ParticipantID(participant), at: Timestamp(milliseconds: 0))
        for number in 0..<count { programs.append(RoomProgram(runner: runner(number), incarnation: 0)) }
    }

    /// As whom and for what the user acts, whatever program runs.
    var scope: Scope {
        Scope(account: account.id, traits: traits, configuration: configuration, identity: ParticipantID(participant))
    }

    private mutating func runner(_ program: Int) -> SyncRunner {
        let core = SyncCore(store: store, scope: scope, generator: SeededGenerator(seed: generator.next()))
        return SyncRunner(core, of: account, holder: "program \(program)")
    }

    /// A program is gone with all it remembered, its bridge with it, and begins anew on its store.
    mutating func restart(_ program: Int) {
        programs[program].client?.end()
        programs[program] = RoomProgram(runner: runner(program), incarnation: programs[program].incarnation + 1)
    }

    /// The user signs out without waiting for what is unsent, and in again.
    mutating func signInAgain() throws {
        try store.removeAccount("me", discardingUnsent: true)
        account = try store.addAccount(
            "me", service: traits.service, identity: ParticipantID(participant), at: Timestamp(milliseconds: 0))
        accepted = []
        emissions = []
        answered = []
        witness = RoomWitness()
        conversation = nil
        watched = nil
        for program in programs.indices { restart(program) }
    }

    mutating func wish(_ wish: Wish, _ verb: Verb, text: String = "", target: MessageID? = nil, _ moment: Moment) throws {
        let enqueued = try store.enqueue(wish, scope, moment, using: &generator)
        accepted.append(Accepted(enqueued: enqueued, verb: verb, text: text, target: target))
        if verb == .delete, let target { takeBack(under: target) }
    }

    /// With a message go the edits of it that have not left, and itself, if it has not.
    mutating func takeBack(under message: MessageID) {
        for index in accepted.indices where accepted[index].verb != .delete {
            if accepted[index].target == message || accepted[index].enqueued.message == message {
                accepted[index].isTakenBack = true
            }
        }
    }

    func wish(of intent: IntentID) -> Int? { accepted.lastIndex { $0.enqueued.intent == intent } }

    /// The conversation of the room, where the store has one: whose making was taken back is gone.
    mutating func lobby() throws -> ConversationID? {
        conversation = try account.conversations().get().first { $0.deletedAt == nil }?.id
        return conversation
    }
}

/// One process on a store: the engine's real decisions, and the real adapter. A crash takes it and leaves the store.
struct RoomProgram {
    var runner: SyncRunner
    var incarnation: Int
    var client: RoomClient?
    var bridge = RoomBridge()
    var wakesAt: Int64?
    var sawChanges: Int?
    var isStopped = false
    /// What came while it stood still.
    var held: [RoomEvent.Kind] = []
    /// What is under way, by number.
    var deliveries: [Int: Delivery] = [:]
    var begun = 0

    init(runner: SyncRunner, incarnation: Int) {
        self.runner = runner
        self.incarnation = incarnation
    }

    var core: SyncCore { runner.core }
}

/// The child process of a program that is in the room for it, and what it said that has not been read.
struct RoomBridge {
    enum Fed: Hashable {
        case packet(RoomPacket)
        /// Something may be missing here.
        case lost
    }

    enum Unread {
        case line([UInt8])
        case gap(DataChannelGap)
    }

    /// Which process this is; what was to happen to an earlier one happens to nobody.
    var number = 0
    var isRunning = false
    var isHung = false
    /// Whom it is in the room as; `nil`: it is not, or not yet.
    var sid: String?
    var isConnected = false
    var failures = 0
    /// When the last line that it took gets to the room.
    var publishedAt: Int64 = 0
    /// What a program that stands still has not read.
    var pipe: [Unread] = []
    var dropped = 0
    /// What the program has to take from its channel, in order.
    var fed: [Fed] = []
    /// A gap was taken since the last packet.
    var gapTaken = true
    /// Which of several equal packets the last one was can't be told.
    var isAmbiguous = false

    static let pipeLines = 4
}
