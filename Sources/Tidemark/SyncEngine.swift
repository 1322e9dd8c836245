public import Logging
internal import Synchronization
public import TidemarkModel
public import TidemarkStore

/// Makes a local store and a chat service agree.
///
/// Writing is local and durable when it returns; `run()` or `syncOnce(deadline:)` carry it to the service and bring
/// what is new. The engine keeps nothing that the store does not: it may be killed at any moment.
///
/// ```swift
/// let engine = try SyncEngine(store: store, service: service, account: "me")
/// try await engine.send("On the train, no network", to: trip)   // durable when it returns
/// try await engine.run()                                        // cancel = stop
/// ```
public final class SyncEngine: Sendable {
    public let store: MessageStore
    public let service: any ChatService
    /// The account of the store that this engine serves: all reads start there.
    public let account: AccountView
    public let configuration: SyncConfiguration

    let clock: any EngineClock
    let logger: Logger
    let holder: String
    let mailbox = Mailbox()
    let downloads = Downloads()
    let typists = Typists()
    let statuses = Broadcast<SyncStatus>(buffer: 1, repeatsLatest: true)
    let activities = Broadcast<SyncActivity>(buffer: 256, repeatsLatest: false)
    let state: Mutex<State>

    struct State {
        var isRunning = false
        var isSignedOut = false
        /// Who wants to go on once the run has ended.
        var awaitingEnd: [CheckedContinuation<Void, Never>] = []
        var generator: any RandomNumberGenerator & Sendable
        /// When the others were last told that the user is writing, on the clock that is never set.
        var typingAt: [ConversationID: Int64] = [:]
    }

    /// An engine for one account of a store. An account that the store does not have yet is added.
    ///
    /// `clock` and `generator` are for tests and simulations; `logger` gets static text and counts, nothing above
    /// `info`. Throws ``StoreError``.
    public init(
        store: MessageStore, service: any ChatService, account: AccountName = "me",
        configuration: SyncConfiguration = SyncConfiguration(), clock: any EngineClock = SystemClock(),
        generator: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator(),
        logger: Logger = Logger(label: "tidemark", factory: { _ in SwiftLogNoOpLogHandler() })
    ) throws {
        if try !store.accounts().contains(where: { $0.name == account }) {
            try store.addAccount(account, service: service.traits.service)
        }
        self.store = store
        self.service = service
        self.account = try store.account(account)
        self.configuration = configuration
        self.clock = clock
        self.logger = logger
        var generator = generator
        holder = LeaseHolder.current(engine: String(generator.next() as UInt64, radix: 36))
        state = Mutex(State(generator: generator))
    }

    /// What the engine is doing: the latest at once, then each change.
    public var status: some AsyncSequence<SyncStatus, Never> & Sendable { statuses.stream() }

    /// What the engine did, from now on: for logs, metrics and spans.
    public var activity: some AsyncSequence<SyncActivity, Never> & Sendable { activities.stream() }

    /// Says that the way may be free again (the network is back, the app is in front): what waits at a backoff is tried
    /// at once. What the service asked for and the quarantine of what is in doubt stay.
    public func wakeUp() {
        mailbox.post(.wake)
    }

    /// Says that the service's credential is a new one: an account that stood still for the old one goes on.
    public func credentialChanged() throws {
        try checkSignedIn()
        try store.resume(scope(generation: 0, identity: nil), clock.moment)
        wakeUp()
    }

    /// Lets a store that was copied or restored send again. Everything unsent is looked up before its first try.
    /// Throws ``StoreError``.
    public func adoptOutbox() async throws {
        try checkSignedIn()
        try store.adopt(scope(generation: 0, identity: nil), clock.moment)
        wakeUp()
    }

    /// Merges an event that reached the program by another way (a push notification). It never moves a cursor: truth
    /// is pulled. Durable when it returns; in any order, any number of times. Throws ``StoreError``.
    public func receive(_ event: RemoteEvent) async throws {
        try checkSignedIn()
        if typists.hear(event, at: clock.now, lasting: configuration.typingLasts) { return }
        _ = try store.apply(event, scope(generation: 0, identity: nil), clock.moment)
        wakeUp()
    }

    func scope(generation: Int64, identity: ParticipantID?) -> Scope {
        Scope(
            account: account.id, traits: service.traits, configuration: configuration, generation: generation,
            identity: identity)
    }
}
