import Tidemark
import TidemarkModel
import TidemarkStore

/// The engine of one account on a real store, a service that is a value, the wire between them, and a clock: each step is
/// the test's.
struct Station {
    /// What becomes of a request.
    enum Fate: Equatable {
        case well
        /// It has its effect, or not, and its answer never comes.
        case answerLost(landed: Bool)
        case refused(ServiceError)
    }

    static let alice: ParticipantID = "alice"
    static let bob: ParticipantID = "bob"

    var service: PlainService
    let store: MessageStore
    private(set) var account: AccountView
    private(set) var core: SyncCore
    var now: Int64
    /// Whether the service refuses the account's credential.
    var isRefused = false
    private var generator: SeededGenerator

    init(
        _ service: PlainService = PlainService(), on store: MessageStore, as name: AccountName = "me",
        at now: Int64 = 1_700_000_000_000, configuration: SyncConfiguration = SyncConfiguration(),
        traits: ServiceTraits = PlainService.traits, seed: UInt64? = nil
    ) throws {
        self.service = service
        self.store = store
        self.now = now
        account = try store.account(name)
        generator = SeededGenerator(seed: seed ?? UInt64(account.id))
        core = Self.core(store, account, configuration, traits, try store.account(named: name).identities.first)
        try core.begin(Moment(milliseconds: now))
    }

    private static func core(
        _ store: MessageStore, _ account: AccountView, _ configuration: SyncConfiguration, _ traits: ServiceTraits,
        _ identity: ParticipantID?
    ) -> SyncCore {
        SyncCore(
            store: store, scope: Scope(account: account.id, traits: traits, configuration: configuration, identity: identity),
            generator: SeededGenerator(seed: 11))
    }

    var moment: Moment { Moment(milliseconds: now) }
    var user: String { core.scope.identity?.rawValue ?? "" }

    mutating func pass(_ duration: Duration) { now += duration.milliseconds }

    // MARK: The user

    @discardableResult
    mutating func wish(_ wish: Wish, token: Token? = nil) throws -> Enqueued {
        try store.enqueue(wish, token: token, core.scope, moment, using: &generator)
    }

    @discardableResult
    mutating func send(
        _ text: String, to conversation: ConversationID, files: [FileToSend] = [], replyTo: MessageID? = nil
    ) throws -> Enqueued {
        try store.send(
            OutgoingMessage(text), to: conversation, files: files, replyTo: replyTo, core.scope, moment, using: &generator)
    }

    mutating func act(_ act: Act, on intent: IntentID) throws {
        try store.act(act, on: intent, core.scope, moment, using: &generator)
    }

    // MARK: The wire

    /// What the engine begins now.
    mutating func next() throws -> [SyncCore.Effect] { try core.next(moment).effects }

    mutating func take(_ answer: SyncCore.Answer) throws { try core.take(answer, moment) }

    mutating func take(_ event: RemoteEvent) throws { try core.take(event, moment) }

    /// The service does what is asked of it, and says so.
    mutating func perform(_ effect: SyncCore.Effect) -> SyncCore.Answer {
        if isRefused { return effect.failed(Self.unauthenticated) }
        do {
            switch effect {
            case .deliver(let delivery):
                return .delivered(delivery, .success(try service.perform(delivery, as: user, at: now)))
            case .read(let read):
                return .read(read, .success(try service.page(read.request, as: user, at: now)))
            }
        } catch {
            return effect.failed(error)
        }
    }

    static let unauthenticated = ServiceError(.unauthenticated, certainty: .notApplied, scope: .account, status: 401)
    static let answerLost = ServiceError(.answerLost, certainty: .unknown)

    mutating func answer(_ effect: SyncCore.Effect, _ fate: Fate = .well) throws {
        var answer = effect.failed(Self.answerLost)
        switch fate {
        case .well: answer = perform(effect)
        case .answerLost(let landed): if landed { _ = perform(effect) }
        case .refused(let error): answer = effect.failed(error)
        }
        now += 50
        try take(answer)
    }

    /// Answers all there is until nothing more begins; the requests for an intent meet their fate instead of the usual.
    /// Returns whether one was met.
    @discardableResult
    mutating func pump(_ intent: IntentID? = nil, _ fate: Fate = .well) throws -> Bool {
        var isMet = false
        for _ in 0..<200 {
            let effects = try next()
            guard !effects.isEmpty else { return isMet }
            for effect in effects {
                if let intent, effect.isDelivery(of: intent) {
                    try answer(effect, fate)
                    isMet = true
                } else {
                    try answer(effect)
                }
            }
            if isMet { return true }
        }
        return isMet
    }

    /// Goes on until nothing that was begun is unsettled. False: it did not come to rest.
    @discardableResult
    mutating func rest() throws -> Bool {
        for _ in 0..<2000 {
            try pump()
            guard let due = try core.unsettledDue(moment) else { return true }
            now = max(now + 1, due.milliseconds)
        }
        return false
    }

    /// Until everything that can be seen has been seen: the top of each conversation too, which a list says nothing of (R22).
    @discardableResult
    mutating func quiet() throws -> Bool {
        for wait: Duration in [.zero, .seconds(90), .seconds(90), .seconds(7 * 3600), .seconds(7 * 3600)] {
            pass(wait)
            try core.wake(moment)
            guard try rest() else { return false }
        }
        return true
    }

    // MARK: The program

    /// The program ends and starts again: what was committed is all there is. With conversations named, it has to do with
    /// these alone.
    mutating func restart(only conversations: Set<ConversationID>? = nil) throws {
        core = Self.core(store, account, core.scope.configuration, core.scope.traits, core.scope.identity)
        core.scope.extent.conversations = conversations
        core.scope.extent.readsList = conversations == nil
        try core.begin(moment)
    }

    /// The user of an account that was removed is there again.
    mutating func signIn(_ user: ParticipantID) throws {
        let (configuration, traits) = (core.scope.configuration, core.scope.traits)
        account = try store.addAccount(account.name, service: traits.service, identity: user, at: moment.now)
        core = Self.core(store, account, configuration, traits, user)
        try core.begin(moment)
    }

    /// A new credential: the account goes on.
    mutating func resume() throws {
        isRefused = false
        try store.resume(core.scope, moment)
        try restart()
    }

    var isStopped: Bool { get throws { try store.account(named: account.name).stopReason != nil } }
}

extension SyncCore.Effect {
    func isDelivery(of intent: IntentID) -> Bool {
        if case .deliver(let delivery) = self { delivery.intent == intent } else { false }
    }
}
