import Synchronization
public import TidemarkModel

/// Chat in Avaya Spaces without a store: what Avaya's own Python client offers, by the same names.
///
/// ```swift
/// let session = SpacesSession(credential: credential, transport: http, socket: webSocket)
/// try await withThrowingTaskGroup { group in
///     group.addTask { try await session.start() }
///     try await session.enterGroupSpace(space)
///     _ = try await session.sendGroupChatMessage("Hello", to: space)
///     for await chat in session.chats { print(chat.sender?.displayName ?? "?", chat.body) }
/// }
/// ```
///
/// It goes on after every loss of its connection and enters its spaces again, but keeps nothing: for chat that survives, use
/// the engine with an ``AvayaChatService``.
public final class SpacesSession: Sendable {
    private let exchange: AvayaExchange
    private let runner: SpacesSocketRunner
    private let buffer: RealtimeBuffer
    private let entries: SpaceEntries
    private let notice: @Sendable (AvayaRealtimeNotice) -> Void
    private let me = Mutex<AvayaUser?>(nil)

    /// - Parameters:
    ///   - credential: the user, or guest, that chats.
    ///   - servers: where the service is.
    ///   - transport: for the few REST calls that a session makes.
    ///   - socket: for everything else.
    ///   - configuration: limits and times; the defaults suit most programs.
    ///   - clock: `nil` is this machine's.
    ///   - seed: what waits are drawn from; a fixed one makes them repeatable.
    ///   - notice: what happens beside chats; called from other threads, must not wait nor call the session.
    public init(
        credential: any AvayaCredential, servers: AvayaServers = .production, transport: any HTTPTransport,
        socket: any WebSocketTransport, configuration: AvayaRealtimeConfiguration = AvayaRealtimeConfiguration(),
        clock: (any EngineClock)? = nil, seed: UInt64 = .random(in: .min ... .max),
        notice: @escaping @Sendable (AvayaRealtimeNotice) -> Void = { _ in }
    ) {
        let clock = clock ?? SocketClock()
        let buffer = RealtimeBuffer(
            maximumItems: configuration.maximumWaitingEvents, maximumBytes: configuration.maximumWaitingBytes)
        let entries = SpaceEntries()
        self.buffer = buffer
        self.entries = entries
        self.notice = notice
        exchange = AvayaExchange(
            wire: AvayaChatWire(endpoint: servers.rest), credential: credential, transport: transport,
            limits: HTTPLimits(timeout: .seconds(20)), now: { clock.now }, users: AvayaUserLookup())
        runner = SpacesSocketRunner(
            endpoint: servers.socket, credential: credential, transport: socket, limits: configuration.limits, clock: clock,
            configuration: configuration.socket, seed: seed, spaces: nil
        ) { news in
            switch news {
            case .event(let name, let payload):
                if !buffer.push(.event(name: name, payload: payload)) { notice(.overflow) }
            case .subscribed(let space): entries.decide(space, isIn: true)
            case .subscriptionRefused(let space):
                entries.decide(space, isIn: false)
                notice(.subscriptionRefused(space))
            case .refused(let refusal): notice(.refused(refusal))
            case .missed: notice(.unreadable)
            case .up, .down: break
            }
        }
    }

    /// Asks who the user is, then keeps the session's connection until the task is cancelled, and closes it.
    ///
    /// Throws what `users/me` is refused with; from then on it only returns. While it runs, another call returns at once.
    public func start() async throws(ServiceError) {
        _ = try await user()
        await runner.run()
    }

    /// The user of the session: `users/me`, asked once.
    public func user() async throws(ServiceError) -> AvayaUser {
        if let known = me.withLock({ $0 }) { return known }
        let user = try exchange.wire.user(try await exchange.send(.me), of: .me)
        me.withLock { $0 = user }
        return user
    }

    /// Looks a space up and listens to it, also after a new connection, until it is left. Returns when the service said yes.
    ///
    /// It waits for the connection as long as that takes; cancelling ends the waiting, not the listening. Throws what the
    /// space's look-up is refused with, and `.forbidden` if the service doesn't let the user in. Nothing is written.
    @discardableResult
    public func enterGroupSpace(
        _ space: RemoteConversationID, password: String? = nil
    ) async throws(ServiceError) -> AvayaSpace {
        var exchange = exchange
        if let password { exchange.wire.passwords[space] = password }
        let found = try exchange.wire.space(try await exchange.send(.space(space)), of: .space(space))
        let isIn = await entries.wait(for: space) { runner.put(.subscribe(space, password: password)) }
        guard isIn else {
            throw ServiceError(Task.isCancelled ? .cancelled : .forbidden, certainty: .notApplied)
        }
        return found
    }

    /// Listens to a space no longer. Whether the service hears of it is not awaited.
    public func leaveGroupSpace(_ space: RemoteConversationID) {
        runner.put(.unsubscribe(space))
    }

    /// Sends a text to a space that was entered, and returns its id when the service has echoed it.
    ///
    /// Throws `.tooLarge` before any byte leaves (an event has 16 KB), `.invalid` for a space that was not entered, and what the
    /// service refuses; these are `.notApplied`. An error whose certainty is `.unknown` means that the message may be there:
    /// to send it again may double it. Cancelling ends the waiting, and the certainty tells whether it had left.
    @discardableResult
    public func sendGroupChatMessage(
        _ text: String, to space: RemoteConversationID, token: Token? = nil
    ) async throws(ServiceError) -> RemoteMessageID {
        var generator = SystemRandomNumberGenerator()
        let message = SpacesMessage(
            token: token ?? .random(using: &generator), space: space, body: AvayaBody.encoded(text: text))
        return try await runner.send(message)
    }

    /// What is said in the spaces that were entered, own messages too, for one consumer. What comes while nobody takes it waits,
    /// up to the configuration's limits; beyond them it is dropped and the notice `.overflow` given.
    public var chats: SpacesChats {
        SpacesChats(buffer: buffer, notice: notice)
    }
}
