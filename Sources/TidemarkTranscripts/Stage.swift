import HTTPTypes
import Tidemark
import TidemarkModel
import TidemarkStore

/// One engine while its transcript is played.
struct Stage {
    let transcript: Transcript
    let wire: any ServiceWire
    let store: MessageStore
    private(set) var account: AccountView
    var core: SyncCore
    var generator: SeededGenerator
    /// Is told of each wish that the store has taken.
    var accepting: (Enqueued) -> Void = { _ in }
    private(set) var wall: Int64
    private(set) var monotonic: Int64
    /// Requests under way, in the order in which they were made.
    var pending: [Pending] = []
    /// What reads get without being told one by one.
    private var standing: [(pattern: RequestPattern, answer: Answer)] = []
    /// Requests that a later line answers.
    private var named: [String: Pending] = [:]
    /// What acts made, by the names that the transcript gave them.
    var acts: [String: Enqueued] = [:]
    private var nextDue: Timestamp?
    private(set) var requests = 0
    var differences: [String] = []
    var seen: [Int: String] = [:]
    var trace = TraceHash()

    struct Pending: Sendable {
        var effect: SyncCore.Effect
        var request: WireRequest
        var isRead: Bool {
            if case .read = effect { true } else { false }
        }
    }

    /// Steps of one line after which the engine is taken to be spinning.
    private static let maximumRounds = 10_000

    init(_ transcript: Transcript, wire: any ServiceWire, store: MessageStore) throws {
        guard try store.accounts().isEmpty else {
            throw TranscriptError(
                "A transcript is played in a new store, and this one has accounts; name a file that is not there.")
        }
        self.transcript = transcript
        self.wire = wire
        self.store = store
        generator = SeededGenerator(seed: transcript.seed)
        wall = transcript.starts.milliseconds
        monotonic = 0
        account = try store.addAccount(
            "me", service: wire.traits.service, identity: transcript.user, at: transcript.starts)
        core = Self.core(
            store, account, wire, try TranscriptConfiguration.read(transcript.configuration), transcript.user,
            seed: generator.next())
        try core.begin(moment)
    }

    var moment: Moment { Moment(now: Timestamp(milliseconds: wall), monotonic: monotonic) }

    static func core(
        _ store: MessageStore, _ account: AccountView, _ wire: any ServiceWire, _ configuration: SyncConfiguration,
        _ user: ParticipantID, seed: UInt64
    ) -> SyncCore {
        SyncCore(
            store: store, scope: Scope(account: account.id, traits: wire.traits, configuration: configuration, identity: user),
            generator: SeededGenerator(seed: seed))
    }

    // MARK: Lines

    mutating func play(_ line: Transcript.Line) throws {
        switch line.step {
        case .note: return
        case .standing(let pattern, let answer):
            standing.removeAll { $0.pattern == pattern }
            guard let answer else { return }
            standing.append((pattern, answer))
            // What was asked for before it could be answered.
            while let index = pending.firstIndex(where: { $0.isRead && pattern.match($0.request) != nil }) {
                try give(answer, to: pending.remove(at: index))
            }
        case .act(let verb, let fields, let quietly):
            try act(verb, Fields(fields, line: line.number))
            if quietly { return }
        case .request(let pattern, let answer, let after, let name):
            let found = try take(pattern, line.number)
            if after > .zero { try advance(after) }
            if let name {
                named[name] = found
            } else if let answer {
                try give(answer, to: found)
            }
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
        for request in pending where !request.isRead {
            differences.append("the end: \(RequestPattern.describe(request.request)) is still under way")
        }
        for (name, request) in named.sorted(by: { $0.key < $1.key }) where !request.isRead {
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

    // MARK: Requests

    /// Lets the engine begin what it can.
    mutating func pump() throws {
        for _ in 0..<Self.maximumRounds {
            let round = try core.next(moment)
            nextDue = round.nextDue
            let before = pending.count
            for effect in round.effects { try begin(effect) }
            // What was answered at once is a reason to look again; what is under way is not.
            if pending.count == before + round.effects.count { return }
        }
        throw TranscriptError("The engine makes requests without end.")
    }

    private mutating func begin(_ effect: SyncCore.Effect) throws {
        let request: WireRequest
        do throws(ServiceError) {
            switch effect {
            case .deliver(let delivery): request = try wire.request(for: delivery)
            case .read(let read): request = try wire.request(for: read.request)
            }
        } catch {
            return try core.take(effect.failed(error), moment)
        }
        requests += 1
        trace.add(RequestPattern.describe(request))
        let pending = Pending(effect: effect, request: request)
        let best = standing.enumerated().compactMap { index, entry in
            entry.pattern.match(request).map { (score: $0, index: index) }
        }.max { ($0.score, $0.index) < ($1.score, $1.index) }
        if pending.isRead, let best {
            try give(standing[best.index].answer, to: pending)
        } else {
            self.pending.append(pending)
        }
    }

    /// The first request under way that is meant. One that is not there yet is waited for, as long as the transcript says.
    private mutating func take(_ pattern: RequestPattern, _ line: Int) throws -> Pending {
        let patience = monotonic + transcript.patience.milliseconds
        for _ in 0..<Self.maximumRounds {
            if let index = pending.firstIndex(where: { pattern.match($0.request) != nil }) { return pending.remove(at: index) }
            let wait = max((nextDue?.milliseconds ?? .max) &- wall, 100)
            guard nextDue != nil, monotonic + wait <= patience else { break }
            pass(wait)
            try pump()
        }
        let underWay = pending.map { RequestPattern.describe($0.request) }
        throw TranscriptError(
            "\(pattern.text) is not under way" + (pattern.body == nil ? "" : " with this body")
                + "; under way: \(underWay.isEmpty ? "nothing" : underWay.joined(separator: ", ")).", line: line)
    }

    private mutating func give(_ answer: Answer, to pending: Pending) throws {
        trace.add("\(answer)")
        try core.take(read(answer, pending), moment)
    }

    private func read(_ answer: Answer, _ pending: Pending) -> SyncCore.Answer {
        do throws(ServiceError) {
            switch answer {
            case .lost: throw failure(TransportError(.timeout, requestMayHaveArrived: true), pending)
            case .unsent: throw failure(TransportError(.unreachable, requestMayHaveArrived: false), pending)
            case .response(let status, let headers, let body):
                var head = HTTPResponse(status: .init(code: status))
                for (name, value) in headers {
                    if let name = HTTPField.Name(name) { head.headerFields[name] = value }
                }
                let response = TransportResponse(head: head, body: body)
                switch pending.effect {
                case .deliver(let delivery):
                    return .delivered(delivery, .success(try wire.acceptance(of: response, for: delivery)))
                case .read(let read): return .read(read, .success(try wire.page(of: response, for: read.request)))
                }
            }
        } catch {
            return pending.effect.failed(error)
        }
    }

    private func failure(_ error: TransportError, _ pending: Pending) -> ServiceError {
        switch pending.effect {
        case .deliver(let delivery): wire.failure(error, for: delivery)
        case .read(let read): wire.failure(error, for: read.request)
        }
    }

    private mutating func push(_ name: String, _ payload: JSON, _ line: Int) throws {
        do {
            for event in try wire.events(named: name, payload: Array(payload.line.utf8)) {
                if event == .connected { try core.wake(moment) } else { try core.take(event, moment) }
            }
        } catch let error as ServiceError {
            throw TranscriptError("The event can't be read: \(error)", line: line)
        }
    }

    // MARK: Time

    private mutating func pass(_ milliseconds: Int64) {
        wall += milliseconds
        monotonic += milliseconds
    }

    /// Time goes on; what falls due on the way begins when it does.
    private mutating func advance(_ duration: Duration) throws {
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
            store, account, wire, core.scope.configuration, transcript.user, seed: generator.next())
        try core.begin(moment)
        try core.wake(moment)
    }
}
