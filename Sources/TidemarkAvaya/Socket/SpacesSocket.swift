import TidemarkModel

/// Everything that a socket to Avaya Spaces decides: handshake, heartbeat, subscriptions, sends and new connections
/// (wire page §6). It is a value; inputs go in with a time, and effects come out. It knows no clock and no network.
///
/// Times are milliseconds of a clock that never goes back. Whoever runs it gives it a ``SpacesSocketInput/tick`` at
/// ``wakeUp``. After a loss everything begins anew with the next number: inputs of an earlier connection change nothing.
package struct SpacesSocket: Sendable {
    enum Phase: Hashable, Sendable {
        case idle
        case waiting(until: Int64)
        /// The transport connects; it has a time limit of its own.
        case opening
        case handshake(Step, deadline: Int64)
        case ready(since: Int64)
    }

    /// What the handshake waits for.
    enum Step: Hashable, Sendable {
        /// engine.io's opening, `0{…}`.
        case opening
        /// The namespace that every connection has, `40`.
        case root
        /// `40/chat`.
        case namespace
    }

    struct Heartbeat: Hashable, Sendable {
        var interval: Int64
        var timeout: Int64
        var pingAt: Int64
        /// When the other side counts as gone, while a ping is unanswered.
        var goneAt: Int64?
    }

    let configuration: SpacesSocketConfiguration
    /// Whether the list of spaces is asked for. Without it only ``SpacesSocketInput/subscribe(_:password:)`` counts.
    let asksForSpaces: Bool
    var phase = Phase.idle
    /// The number of the present connection.
    package internal(set) var connection = 0
    var access: AvayaAccess?
    /// The last access was refused.
    var needsRenewal = false
    var heartbeat: Heartbeat?
    var backoff: SocketBackoff
    var rate: EventRate
    var recent: RecentMessages
    var generator: SeededGenerator
    var subscriptions: [RemoteConversationID: Subscription] = [:]
    /// The subscriptions' order.
    var order: [RemoteConversationID] = []
    var leaving: [RemoteConversationID] = []
    var sends: [PendingSend] = []
    /// When the list is asked for next; `nil` while it is awaited.
    var listAt: Int64?
    /// Whether this connection has had a list.
    var isListed = false
    /// Told ``SpacesSocketNews/up``, and not yet down.
    var isUp = false
    /// Subscribed to something since then.
    var hasNewSubscription = false
    /// When an event that waits for the rate may leave.
    var rateOpensAt: Int64?
    var effects: [SpacesSocketEffect] = []

    /// - Parameter seed: of the jitter in the waits.
    package init(_ configuration: SpacesSocketConfiguration, asksForSpaces: Bool, seed: UInt64) {
        self.configuration = configuration
        self.asksForSpaces = asksForSpaces
        backoff = SocketBackoff(configuration)
        rate = EventRate(perMinute: configuration.eventsPerMinute)
        recent = RecentMessages(limit: configuration.rememberedMessages)
        generator = SeededGenerator(seed: seed)
    }

    package mutating func handle(_ input: SpacesSocketInput, at now: Int64) -> [SpacesSocketEffect] {
        switch input {
        case .start: if phase == .idle { phase = .waiting(until: now) }
        case .stop: stop()
        case .opened(let number, let access): if number == connection { opened(access, now) }
        case .text(let text, let number): if number == connection { received(text, now) }
        case .closed(let end, let number): if number == connection { ended(end, now) }
        case .tick: break
        case .want(let spaces): want(spaces, now)
        case .listFailed: listFailed(now)
        case .subscribe(let space, let password): subscribe(space, password: password)
        case .unsubscribe(let space): unsubscribe(space)
        case .send(let message): send(message, now)
        case .typing(let space): tellTyping(space, now)
        case .withdraw(let token): withdraw(token)
        }
        goOn(now)
        defer { effects = [] }
        return effects
    }

    /// When the next ``SpacesSocketInput/tick`` is due; `nil`: not before something else happens.
    package var wakeUp: Int64? {
        var times = sends.map(\.deadline)
        switch phase {
        case .idle, .opening: break
        case .waiting(let until): times.append(until)
        case .handshake(_, let deadline): times += [deadline] + heartbeatTimes
        case .ready: times += heartbeatTimes + subscriptionTimes + [listAt, rateOpensAt].compactMap { $0 }
        }
        return times.min()
    }

    private var heartbeatTimes: [Int64] {
        heartbeat.map { [$0.goneAt ?? $0.pingAt] } ?? []
    }

    /// Whether the namespace is open.
    package var isReady: Bool {
        if case .ready = phase { true } else { false }
    }

    // MARK: The connection

    private mutating func opened(_ access: AvayaAccess, _ now: Int64) {
        guard phase == .opening else { return }
        self.access = access
        needsRenewal = false
        phase = .handshake(.opening, deadline: Self.time(now, configuration.handshakeTimeout))
    }

    private mutating func ended(_ end: SpacesSocketEnd, _ now: Int64) {
        switch phase {
        case .opening, .handshake, .ready: break
        case .idle, .waiting: return
        }
        switch end {
        case .lost: lose(now, closing: false)
        case .refused(let status): refuse(Self.refusal(status: status), now, closing: false)
        case .noAccess(let error):
            if error.code == .unauthenticated {
                refuse(.token, now, closing: false)
            } else {
                lose(now, closing: false, atLeast: error.retryAfter)
            }
        }
    }

    mutating func refuse(_ refusal: SpacesSocketRefusal, _ now: Int64, closing: Bool) {
        if refusal == .token { needsRenewal = true }
        tell(.refused(refusal))
        lose(now, isRefusal: true, closing: closing)
    }

    /// The connection is over; another one follows.
    mutating func lose(_ now: Int64, isRefusal: Bool = false, closing: Bool = true, atLeast: Duration? = nil) {
        if case .ready(let since) = phase, now >= Self.time(since, configuration.stableAfter) { backoff.worked() }
        leaveConnection(closing: closing)
        let delay = backoff.delay(afterRefusal: isRefusal, using: &generator)
        phase = .waiting(until: max(Self.time(now, .milliseconds(delay)), atLeast.map { Self.time(now, $0) } ?? now))
    }

    private mutating func stop() {
        guard phase != .idle else { return }
        let isOpen = if case .waiting = phase { false } else { true }
        leaveConnection(closing: isOpen)
        phase = .idle
        settleAll(ServiceError(.cancelled, certainty: .notApplied, scope: .account))
    }

    private mutating func leaveConnection(closing: Bool) {
        if closing { effects.append(.close(connection: connection)) }
        if isUp { tell(.down) }
        (isUp, isListed, hasNewSubscription) = (false, false, false)
        (heartbeat, listAt, rateOpensAt) = (nil, nil, nil)
        leaving = []
        for space in order { subscriptions[space]?.state = .wanted(attempts: 0) }
        settleWritten()
    }

    // MARK: What is due

    private mutating func goOn(_ now: Int64) {
        endSends(now)
        switch phase {
        case .idle, .opening: break
        case .waiting(let until): if until <= now { connect() }
        case .handshake(_, let deadline):
            if deadline <= now { lose(now) } else { beat(now) }
        case .ready:
            beat(now)
            guard isReady else { return }
            endSubscriptions(now)
            if let time = listAt, time <= now {
                listAt = nil
                effects.append(.list)
            }
            write(now)
            tellUp()
        }
    }

    private mutating func connect() {
        phase = .opening
        connection += 1
        effects.append(.connect(connection: connection, renewing: needsRenewal))
    }

    /// The client asks, the server answers; any frame of the server counts as an answer (wire page §6, §10).
    private mutating func beat(_ now: Int64) {
        guard var beat = heartbeat else { return }
        if let goneAt = beat.goneAt {
            if goneAt <= now { lose(now) }
            return
        }
        guard beat.pingAt <= now else { return }
        beat.pingAt = Self.time(now, .milliseconds(beat.interval))
        beat.goneAt = Self.time(now, .milliseconds(beat.timeout))
        heartbeat = beat
        effects.append(.write(EngineFrame.ping("").text, connection: connection))
    }

    private mutating func tellUp() {
        guard isListed || !asksForSpaces, !isUp || hasNewSubscription,
            !subscriptions.values.contains(where: \.isUnderWay)
        else { return }
        (isUp, hasNewSubscription) = (true, false)
        tell(.up)
    }

    mutating func tell(_ news: SpacesSocketNews) {
        effects.append(.tell(news))
    }

    /// Saturating.
    static func time(_ now: Int64, _ duration: Duration) -> Int64 {
        let (time, overflow) = now.addingReportingOverflow(max(0, duration.milliseconds))
        return overflow ? .max : time
    }

    static func refusal(status: Int) -> SpacesSocketRefusal {
        switch status {
        case 401, 403: .token
        case 429: .tooManyConnections
        default: .other(status: status)
        }
    }
}
