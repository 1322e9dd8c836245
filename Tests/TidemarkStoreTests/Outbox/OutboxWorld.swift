import GRDB
import Testing
import TidemarkModel

@testable import TidemarkStore

/// One account on a store in memory, a clock that the test moves, and hands that play the service.
struct OutboxWorld {
    static let me = ParticipantID("8:acs:me")
    static let other = ParticipantID("8:acs:other")

    let store: MessageStore
    var scope: Scope
    /// Milliseconds.
    var now: Int64 = 1_700_000_000_000
    var generator = CountingGenerator()

    init(_ traits: ServiceTraits = .likeAzure, configuration: SyncConfiguration = SyncConfiguration()) throws {
        store = try MessageStore.inMemory()
        try store.addAccount("me", service: traits.service, identity: Self.me, at: Timestamp(milliseconds: 0))
        scope = Scope(account: 1, traits: traits, configuration: configuration, identity: Self.me)
    }

    private init(store: MessageStore, like world: OutboxWorld) {
        self.store = store
        scope = world.scope
        now = world.now
        generator = world.generator
    }

    /// By how much the wall clock is ahead of the time that has passed.
    var ahead: Int64 = 0

    var moment: Moment { Moment(now: Timestamp(milliseconds: now + ahead), monotonic: now) }

    mutating func pass(_ duration: Duration) { now += duration.milliseconds }

    /// What a crash leaves: the committed bytes, opened anew.
    func reopened() throws -> OutboxWorld {
        let copy = try DatabaseQueue(configuration: MessageStore.configuration(isReadOnly: false))
        try store.connection.using { try $0.backup(to: copy) }
        return OutboxWorld(
            store: MessageStore(connection: StoreConnection(copy), path: nil, isReadOnly: false), like: self)
    }

    func sql(_ sql: String, _ arguments: StatementArguments = []) throws {
        try store.write(.normal) { try $0.execute(sql: sql, arguments: arguments) }
    }

    func number(_ sql: String, _ arguments: StatementArguments = []) throws -> Int64? {
        try store.read { try Int64.fetchOne($0, sql: sql, arguments: arguments) }
    }

    func text(_ sql: String, _ arguments: StatementArguments = []) throws -> String? {
        try store.read { try String.fetchOne($0, sql: sql, arguments: arguments) }
    }

    // MARK: The user

    @discardableResult
    mutating func wish(_ wish: Wish, token: Token? = nil) throws -> Enqueued {
        try store.enqueue(wish, token: token, scope, moment, using: &generator)
    }

    @discardableResult
    mutating func send(_ text: String, to conversation: ConversationID, token: Token? = nil) throws -> Enqueued {
        try wish(.send(OutgoingMessage(text), to: conversation), token: token)
    }

    mutating func act(_ act: Act, on id: IntentID) throws {
        try store.act(act, on: id, scope, moment, using: &generator)
    }

    func intent(_ id: IntentID) throws -> IntentRow {
        try #require(try store.read { try IntentRow.fetchOne($0, id: id.number) })
    }

    func state(_ enqueued: Enqueued) throws -> IntentRow.State { try intent(enqueued.intent).state }

    func message(_ id: MessageID?) throws -> MessageRow? {
        try store.read { try MessageRow.fetchOne($0, id: id?.number) }
    }

    // MARK: The state of the store

    /// A conversation that a list has shown and a walk has read up to `high`.
    mutating func conversation(_ remote: String = "19:a", high: Int64? = 10, account: Int64 = 1) throws -> ConversationID {
        try store.write(.normal) { db in
            var row = ConversationRow(account: account, remoteID: remote, topic: remote)
            row.windowHigh = high
            row.windowLow = high.map { _ in 1 }
            try row.insert(db)
            return ConversationID(row.id ?? 0)
        }
    }

    /// The number that a request begun now gets.
    func begin() throws -> Int64 { try store.write(.normal) { try $0.nextStartNumber() } }

    // MARK: The runner

    mutating func claims(limit: Int = 10) throws -> Claims { try store.claim(scope, moment, limit: limit) }

    mutating func claim(limit: Int = 10) throws -> [Delivery] { try claims(limit: limit).deliveries }

    /// Waits, as long as the gates say, until something goes.
    mutating func claimNext() throws -> Delivery {
        for _ in 0..<10 {
            let claims = try claims(limit: 1)
            if let delivery = claims.deliveries.first { return delivery }
            now = try #require(claims.nextDue).milliseconds
        }
        return try #require(nil as Delivery?, "Nothing goes.")
    }

    @discardableResult
    mutating func settle(_ delivery: Delivery, _ result: Result<Acceptance, ServiceError>) throws -> Settlement {
        try store.settle(delivery, result, scope, moment, using: &generator)
    }

    @discardableResult
    mutating func accept(_ delivery: Delivery, message: String? = nil, thread: String? = nil) throws -> Settlement {
        try settle(
            delivery,
            .success(
                Acceptance(
                    conversation: thread.map { RemoteConversation(id: RemoteConversationID($0)) },
                    message: message.map { RemoteMessageID($0) })))
    }

    @discardableResult
    mutating func fail(_ delivery: Delivery, _ error: ServiceError) throws -> Settlement {
        try settle(delivery, .failure(error))
    }

    /// The answer is lost on its way.
    @discardableResult
    mutating func lose(_ delivery: Delivery) throws -> Settlement {
        try fail(delivery, ServiceError(.answerLost, certainty: .unknown))
    }

    mutating func recover() throws { try store.recover(scope, moment, using: &generator) }

    // MARK: The service is observed

    /// Merges a copy as a page (`begun`: its request's number) or a push (`nil`) does, and tells the outbox.
    @discardableResult
    func see(_ remote: RemoteMessage, in conversation: ConversationID, begun: Int64?, alone: Bool = false) throws -> MessageID {
        try store.write(.normal) { db in
            let known = try MessageRow.find(remote.id.rawValue, in: conversation.number, db)
            let echo = try Outbox.echo(of: remote, in: conversation.number, scope, db)
            let old = try known ?? echo.flatMap { try MessageRow.find(id: $0, db) }
            var row = Merge.merge(
                old, remote, begun == nil ? .push : .page, conversation: conversation.number, identities: [Self.me.rawValue])
            try row.write(over: old, db)
            if row.attachments != old?.attachments { try AttachmentList.apply(row, db) }
            try Outbox.observed(row, startNumber: begun, isListed: !alone, scope, moment, db)
            return MessageID(row.id ?? 0)
        }
    }

    /// Sees a copy in a page that is asked for now.
    @discardableResult
    func seeNow(_ remote: RemoteMessage, in conversation: ConversationID) throws -> MessageID {
        try see(remote, in: conversation, begun: try begin())
    }

    /// A walk that began now with this request, or an earlier one, has reached the window.
    func close(_ conversation: ConversationID, begun: Int64? = nil, at: Int64? = nil) throws {
        let begun = try begun ?? begin()
        try store.write(.normal) { db in
            try Outbox.walkClosed(
                conversation: conversation.number, begunStart: begun, begunAt: at ?? now + ahead, scope, moment, db)
        }
    }

    func closeList(begun: Int64? = nil) throws {
        let begun = try begun ?? begin()
        try store.write(.normal) { db in try Outbox.listClosed(begunStart: begun, scope, moment, db) }
    }

    // MARK: Shorthand histories

    /// Two whole reads of the list, after which what they did not show is not there.
    mutating func judgeAbsentCreates() throws {
        for _ in 0..<2 {
            pass(.seconds(60))
            try closeList()
        }
    }

    /// A message of the user's that the service has and a page has shown.
    @discardableResult
    mutating func sent(_ text: String = "hello", at place: Int64 = 100, in conversation: ConversationID) throws -> Enqueued {
        let send = try send(text, to: conversation)
        let delivery = try claim().first { $0.intent == send.intent }
        if let delivery { try accept(delivery, message: String(place)) }
        try seeNow(.own(place, token: send.token, text), in: conversation)
        return send
    }
}

/// The same numbers in every run.
struct CountingGenerator: RandomNumberGenerator {
    private var state: UInt64 = 7

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension ServiceTraits {
    static let likeAzure = ServiceTraits(
        service: "azure",
        lostAnswers: [
            .createConversation: .repeatable(for: .seconds(600)), .send: .echoed, .edit: .echoed, .delete: .repeatable(for: nil),
            .markRead: .repeatable(for: nil), .rename: .recognisable, .addParticipants: .repeatable(for: nil),
            .removeParticipant: .repeatable(for: nil), .deleteConversation: .repeatable(for: nil),
        ],
        confirmations: [.send: .observation, .edit: .observation, .delete: .observation],
        maximumParticipantsForReceipts: 20)
}

extension RemoteMessage {
    /// An own copy. Its version is its place until a change.
    static func own(
        _ place: Int64, token: Token? = nil, _ text: String = "hello", version: Int64? = nil, sequence: Int64? = nil,
        marker: Token? = nil, deleted: Bool = false, sender: ParticipantID = OutboxWorld.me
    ) -> RemoteMessage {
        let version = version ?? place
        let isEdited = version > place && !deleted
        return RemoteMessage(
            id: RemoteMessageID(String(place)), version: version, sequence: sequence, place: place, kind: .text,
            text: deleted ? "" : text, sender: sender, createdAt: Timestamp(milliseconds: place),
            editedAt: isEdited ? Timestamp(milliseconds: version) : nil,
            deletedAt: deleted ? Timestamp(milliseconds: version) : nil, token: token, editMarker: marker)
    }

    static func foreign(_ place: Int64, _ text: String = "hi") -> RemoteMessage {
        .own(place, text, sender: OutboxWorld.other)
    }

    static func renamed(_ place: Int64, _ topic: String, sequence: Int64, by initiator: ParticipantID = OutboxWorld.me)
        -> RemoteMessage
    {
        RemoteMessage(
            id: RemoteMessageID(String(place)), version: place, sequence: sequence, place: place, kind: .topicUpdated,
            topic: topic,
            initiator: initiator)
    }
}

extension Delivery.Action {
    /// Verb and text, enough to compare in most histories.
    var summary: String {
        switch self {
        case .createConversation(let topic, _): "create \(topic)"
        case .send(let message, _): "send \(message.text)"
        case .edit(let target, let text, _, _): "edit \(target) \(text)"
        case .delete(let target, _): "delete \(target)"
        case .markRead(let target, _): "read \(target)"
        case .rename(_, let topic): "rename \(topic)"
        case .addParticipants(let participants, _): "add \(participants.map(\.id.rawValue).joined(separator: ","))"
        case .removeParticipant(let participant, _): "remove \(participant)"
        case .deleteConversation: "deleteConversation"
        case .upload(let file, _): "upload \(file.name)"
        }
    }
}

extension [Delivery] {
    var summary: [String] { map(\.action.summary) }
}

extension ServiceError {
    static let refused = ServiceError(.invalid, certainty: .notApplied, status: 400, serviceMessage: "no")
    static let forbiddenHere = ServiceError(.forbidden, certainty: .notApplied, status: 403)
    static let unknownThere = ServiceError(.notFound, certainty: .notApplied, status: 404)
    static let unreachable = ServiceError(.unreachable, certainty: .notApplied, scope: .host)
    static let failedServer = ServiceError(.serverFailure, certainty: .unknown, status: 503)
    static let tooMany = ServiceError(.throttled, certainty: .notApplied, status: 429)
}
