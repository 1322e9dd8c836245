import HTTPTypes
import Tidemark
import TidemarkLiveKit
import TidemarkModel
import TidemarkStore

/// One engine while its transcript is played.
struct Stage {
    let transcript: Transcript
    let speaker: Speaker
    let store: MessageStore
    private(set) var account: AccountView
    var core: SyncCore
    var generator: SeededGenerator
    /// Is told of each wish that the store has taken.
    var accepting: (Enqueued) -> Void = { _ in }
    private(set) var wall: Int64
    private(set) var monotonic: Int64
    /// What is under way, in the order in which it began.
    var pending: [Pending] = []
    /// What patterns gave names to, in a room.
    var names: Names?
    /// What reads get without being told one by one.
    var standing: [(pattern: RequestPattern, answer: Answer)] = []
    /// Requests that a later line answers.
    var named: [String: Pending] = [:]
    /// What acts made, by the names that the transcript gave them.
    var acts: [String: Enqueued] = [:]
    var nextDue: Timestamp?
    var requests = 0
    var differences: [String] = []
    var seen: [Int: String] = [:]
    var trace = TraceHash()

    struct Pending: Sendable {
        var effect: SyncCore.Effect
        var exchange: Exchange
        /// Where a delivery takes several steps.
        var attempt: LiveKitAttempt?
        /// It may be answered by what stands.
        var isRead = false
        /// Something is written there, or is about to be.
        var isOfWrite: Bool {
            if case .deliver = effect { true } else { false }
        }
    }

    /// Steps of one line after which the engine is taken to be spinning.
    static let maximumRounds = 10_000

    init(_ transcript: Transcript, speaker: Speaker, store: MessageStore) throws {
        guard try store.accounts().isEmpty else {
            throw TranscriptError(
                "A transcript is played in a new store, and this one has accounts; name a file that is not there.")
        }
        self.transcript = transcript
        self.speaker = speaker
        if case .room = speaker { names = Names() }
        self.store = store
        generator = SeededGenerator(seed: transcript.seed)
        wall = transcript.starts.milliseconds
        monotonic = 0
        account = try store.addAccount(
            "me", service: speaker.traits.service, identity: transcript.user, at: transcript.starts)
        core = Self.core(
            store, account, speaker, try TranscriptConfiguration.read(transcript.configuration), transcript.user,
            seed: generator.next())
        try core.begin(moment)
    }

    var moment: Moment { Moment(now: Timestamp(milliseconds: wall), monotonic: monotonic) }

    static func core(
        _ store: MessageStore, _ account: AccountView, _ speaker: Speaker, _ configuration: SyncConfiguration,
        _ user: ParticipantID, seed: UInt64
    ) -> SyncCore {
        SyncCore(
            store: store, scope: Scope(account: account.id, traits: speaker.traits, configuration: configuration, identity: user),
            generator: SeededGenerator(seed: seed))
    }

    // MARK: Lines

    mutating func play(_ line: Transcript.Line) throws {
        switch line.step {
        case .note: return
        case .standing(let pattern, let answer):
            guard try stand(pattern, answer) else { return }
        case .act(let verb, let fields, let quietly):
            try act(verb, Fields(fields, line: line.number))
            if quietly { return }
        case .request(let pattern, let answer, let after, let name):
            let found = try take(line.number, pattern.text + (pattern.body == nil ? "" : " with this body")) { exchange, names in
                pattern.match(exchange, &names) != nil
            }
            try settle(found, answer, after, name)
        case .publish(let pattern, let answer, let after, let name):
            let what = "PUBLISH \(pattern.topic)" + (pattern.payload == nil ? "" : " with this payload")
            let found = try take(line.number, what) { exchange, names in
                guard var known = names, pattern.match(exchange, &known) else { return false }
                names = known
                return true
            }
            try settle(found, answer, after, name)
        case .packet(let packet): try arrive(packet, line.number)
        case .room(let change): try happen(change, line.number)
        case .answer(let name, let answer):
            guard let request = named.removeValue(forKey: name) else {
                throw TranscriptError("No request under way has the name \"\(name)\".", line: line.number)
            }
            try give(answer, to: request)
        case .advance(let duration, quietly: true): return pass(duration.milliseconds)
        case .advance(let duration, quietly: false): try advance(duration)
        case .clock(let duration): wall += duration.milliseconds
        case .event(let name, let payload): try push(name, payload, line.number)
        case .crash: try crash()
        case .expect(let expectation):
            try pump()
            try compare(expectation, line.number)
            return
        case .store(let tables): try begin(with: try StoreDump(tables, line.number))
        }
        try pump()
    }

    mutating func end() {
        for request in pending where request.isOfWrite {
            differences.append("the end: \(request.exchange.description) is still under way")
        }
        for (name, request) in named.sorted(by: { $0.key < $1.key }) where request.isOfWrite {
            differences.append("the end: the request \"\(name)\" was never answered")
        }
    }

    /// Begins where a real run began.
    private mutating func begin(with dump: StoreDump) throws {
        try store.restore(dump)
        guard let first = try store.accounts().first else { throw TranscriptError("The store holds no account.") }
        // The runner adds it when it has asked the credential.
        if !first.identities.contains(transcript.user) {
            try store.addIdentity(transcript.user, to: first.name, at: transcript.starts)
        }
        account = try store.account(first.name)
        try crash()
    }

    private mutating func push(_ name: String, _ payload: JSON, _ line: Int) throws {
        guard case .service(let wire) = speaker else {
            throw TranscriptError("What arrives in a room is a \"packet\", and what becomes of it a \"room\".", line: line)
        }
        do {
            for event in try wire.events(named: name, payload: Array(payload.line.utf8)) {
                if event == .connected { try core.wake(moment) } else { try core.take(event, moment) }
            }
        } catch let error as ServiceError {
            throw TranscriptError("The event can't be read: \(error)", line: line)
        }
    }

    // MARK: Time

    mutating func pass(_ milliseconds: Int64) {
        wall += milliseconds
        monotonic += milliseconds
    }

    /// Time goes on; what falls due on the way begins when it does.
    mutating func advance(_ duration: Duration) throws {
        let end = monotonic + duration.milliseconds
        try pump()
        for _ in 0..<Self.maximumRounds {
            guard let due = nextDue else { break }
            let wait = max(due.milliseconds - wall, 100)
            guard monotonic + wait <= end else { break }
            pass(wait)
            try pump()
        }
        pass(max(end - monotonic, 0))
    }

    /// The program dies with all that was under way, and starts again.
    private mutating func crash() throws {
        pending = []
        named = [:]
        core = Self.core(
            store, account, speaker, core.scope.configuration, core.scope.identity ?? transcript.user, seed: generator.next())
        try core.begin(moment)
        try core.wake(moment)
    }
}
