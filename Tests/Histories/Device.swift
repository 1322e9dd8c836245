import Tidemark
import TidemarkModel
import TidemarkSimulator
import TidemarkStore

/// One device of one user: a real store in memory and the programs that work on it.
struct Device {
    let name: String
    let user: ParticipantID
    let store: MessageStore
    private(set) var account: AccountView
    /// Two of them take turns by the lease.
    var programs: [Program] = []
    /// How far its wall clock is off, in milliseconds.
    var clockOffset: Int64 = 0
    var hasClockJumped = false
    /// Until when it has no network.
    var offlineUntil: Int64 = 0
    /// What the user has been promised.
    var accepted: [Accepted] = []
    /// What its user did to intents since the last copy was made, and what of that an older copy has forgotten.
    var actedOn: Set<IntentID> = []
    private(set) var forgotten: Set<IntentID> = []
    /// What it was told.
    var witness = Witness()
    var backup: Backup?
    var generator: SeededGenerator
    /// What its random numbers began with when it last began.
    private(set) var seed: UInt64
    /// What its outbox showed last.
    private var shown: (outbox: [OutboxEntry], changes: Int)?
    private var asked: (summary: OutboxSummary, changes: Int)?
    private var traits: ServiceTraits
    private var configuration: SyncConfiguration

    struct Accepted {
        var enqueued: Enqueued
        var verb: Verb
        var text: String
        /// What an edit or a delete was about, as it was shown.
        var target: TimelineEntry?
        /// What the files hold that go with it, in their order.
        var files: [String] = []
    }

    /// An older copy of the store, and what had been promised by then.
    struct Backup {
        var rows: StoreSnapshot
        var accepted: [Accepted]
        var account: AccountView
        var witness: Witness
    }

    init(
        name: String, user: ParticipantID, traits: ServiceTraits, configuration: SyncConfiguration, programs count: Int,
        store: MessageStore, seed: UInt64
    ) throws {
        self.name = name
        self.user = user
        self.traits = traits
        var configuration = configuration
        // Who has no rival need not look as often.
        if count == 1 { configuration.leaseDuration = .seconds(180) }
        self.configuration = configuration
        self.store = store
        account = try store.addAccount("me", service: traits.service, identity: user, at: Timestamp(milliseconds: 0))
        self.seed = seed
        generator = SeededGenerator(seed: seed)
        for number in 0..<count {
            let runner = runner("program \(number)", seed: generator.next())
            programs.append(Program(runner: runner, credential: user))
        }
    }

    /// As whom and for what the user acts, whatever program runs.
    var scope: Scope {
        Scope(account: account.id, traits: traits, configuration: configuration, identity: user)
    }

    private func runner(_ holder: String, seed: UInt64) -> SyncRunner {
        SyncRunner(SyncCore(store: store, scope: scope, generator: SeededGenerator(seed: seed)), of: account, holder: holder)
    }

    /// A program is gone with all it remembered, and begins anew on its store.
    mutating func restart(_ program: Int) {
        programs[program] = Program(
            runner: runner("program \(program)", seed: generator.next()), credential: user,
            incarnation: programs[program].incarnation + 1)
    }

    mutating func readLargerPages(of service: ServiceTraits) {
        configuration.resultsPerPage = max(configuration.resultsPerPage ?? 20, 20)
        traits = service
        for program in programs.indices {
            programs[program].runner.core.scope.configuration = configuration
            programs[program].runner.core.scope.traits = service
        }
    }

    /// The user signs out without waiting for what is unsent, and in again: what was promised is over.
    mutating func signInAgain() throws {
        try store.removeAccount("me", discardingUnsent: true)
        account = try store.addAccount("me", service: traits.service, identity: user, at: Timestamp(milliseconds: 0))
        accepted = []
        witness = Witness()
        forgotten = []
        backup = nil
        reseed()
        for program in programs.indices { restart(program) }
    }

    private mutating func reseed() {
        seed = generator.next()
        generator = SeededGenerator(seed: seed)
    }

    /// What its outbox shows, read only where something was written since.
    mutating func outbox() throws -> [OutboxEntry] {
        let changes = try store.changeCount()
        if let shown, shown.changes == changes { return shown.outbox }
        let outbox = try account.outbox().get()
        shown = (outbox, changes)
        return outbox
    }

    /// How much its outbox shows, and how much of that waits for its user.
    mutating func outboxSummary() throws -> OutboxSummary {
        let changes = try store.changeCount()
        if let asked, asked.changes == changes { return asked.summary }
        let summary = try account.outboxSummary().get()
        asked = (summary, changes)
        return summary
    }

    mutating func backUp() throws {
        actedOn = []
        backup = Backup(rows: try store.snapshot(), accepted: accepted, account: account, witness: witness)
    }

    /// The store is as it was when it was copied, and knows that it is a copy (R16).
    mutating func restore(_ backup: Backup, _ moment: Moment) throws {
        try store.restore(backup.rows)
        try store.becameCopy(at: moment.now)
        forgotten.formUnion(actedOn.union(witness.takenBack.subtracting(backup.witness.takenBack)))
        accepted = backup.accepted
        account = backup.account
        witness = backup.witness
        reseed()
        for program in programs.indices { restart(program) }
    }

    mutating func wish(
        _ wish: Wish, verb: Verb, text: String = "", target: TimelineEntry? = nil, files: [KeptFile] = [], _ moment: Moment
    ) throws -> Enqueued {
        let enqueued = try store.enqueue(wish, files: files, scope, moment, using: &generator)
        if verb == .deleteConversation {
            takeBack(all: enqueued.conversation)
            // What turns out to be the same conversation later is deleted with it.
            let remote = try account.conversation(enqueued.conversation).get().remoteID
            if let remote { witness.deletions[remote] = accepted.count }
        }
        if verb == .delete { takeBack(under: target) }
        accepted.append(
            Accepted(enqueued: enqueued, verb: verb, text: text, target: target, files: files.map(\.name)))
        return enqueued
    }
}

/// What the user no longer wants.
extension Device {
    /// A file is a part of its message: with its upload goes the message.
    mutating func takeBack(_ entry: OutboxEntry) {
        let send = accepted.last { $0.verb == .send && $0.enqueued.message == entry.message }
        takeBack(entry.verb == .upload ? send?.enqueued.intent ?? entry.intent : entry.intent)
    }

    mutating func takeBack(_ intent: IntentID) {
        witness.takeBack([intent])
        // With a message go its edits.
        if let send = accepted.first(where: { $0.enqueued.intent == intent && $0.verb == .send }) {
            witness.takeBack(accepted.filter { $0.target?.token == send.enqueued.token }.map(\.enqueued.intent))
        }
        // What was to be made is not made: nor is what was meant for it.
        if let create = accepted.first(where: { $0.enqueued.intent == intent && $0.verb == .createConversation }) {
            takeBack(all: create.enqueued.conversation)
        }
    }

    /// What is deleted before it left is not sent, nor are its edits; what left is deleted there.
    mutating func takeBack(under target: TimelineEntry?) {
        let gone = accepted.filter { wish in
            wish.verb == .edit && wish.target?.id == target?.id || wish.verb == .send && wish.enqueued.token == target?.token
        }
        witness.takeBack(gone.map(\.enqueued.intent))
    }

    mutating func takeBack(all conversation: ConversationID) {
        witness.takeBack(accepted.filter { $0.enqueued.conversation == conversation }.map(\.enqueued.intent))
    }
}

/// One process on a store: the engine's real decisions, those of its loop included. A crash takes it and leaves the store.
struct Program {
    var runner: SyncRunner
    /// Whose credential it has.
    var credential: ParticipantID
    /// Which run this is: answers to an earlier one reach nobody.
    var incarnation = 0
    /// When it looks again by itself.
    var wakesAt: Int64?
    /// What its store had been written when it looked last; `nil`: it has not looked.
    var sawChanges: Int?
    /// It stands still, and what comes for it waits.
    var isStopped = false
    /// It stopped where it waits for its own identity.
    var isAsking = false
    var held: [WireEvent.Kind] = []

    init(runner: SyncRunner, credential: ParticipantID, incarnation: Int = 0) {
        self.runner = runner
        self.credential = credential
        self.incarnation = incarnation
    }

    var core: SyncCore { runner.core }
}
