import Tidemark
import TidemarkModel
import TidemarkStore

/// The engine of one account of a room on a real store: each step is the test's.
struct RoomStation {
    static let alice: ParticipantID = "alice"

    let store: MessageStore
    let account: AccountView
    private(set) var core: SyncCore
    var now: Int64 = 1_700_000_000_000
    private var generator = SeededGenerator(seed: 5)

    init(
        on store: MessageStore? = nil, lifetime: Duration? = .seconds(600), traits: ServiceTraits? = nil,
        configuration: SyncConfiguration = SyncConfiguration()
    ) throws {
        self.store = try store ?? .inMemory()
        if try !self.store.accounts().contains(where: { $0.name == "room" }) {
            try self.store.addAccount("room", service: "room", identity: Self.alice, at: Timestamp(milliseconds: 0))
        }
        account = try self.store.account("room")
        let scope = Scope(
            account: account.id, traits: traits ?? PushRoom.traits(lifetime: lifetime), configuration: configuration,
            identity: Self.alice)
        core = SyncCore(store: self.store, scope: scope, generator: SeededGenerator(seed: 11))
        try core.begin(moment)
    }

    var moment: Moment { Moment(milliseconds: now) }

    // MARK: The room

    /// Enters the room: from here on everything is heard.
    mutating func join(_ room: PushRoom) throws {
        try take(.receiving(in: PushRoom.name, room: room.sid))
    }

    mutating func leave(_ end: ReceivingEnd = .disconnected) throws {
        try take(.receivingEnded(end, in: PushRoom.name))
    }

    mutating func hear(_ packets: PushRoom.Packet...) throws {
        for packet in packets { try take(.received(packet.arrival, in: PushRoom.name)) }
    }

    mutating func take(_ event: RemoteEvent) throws {
        now += 10
        try core.take(event, moment)
    }

    // MARK: The user

    @discardableResult
    mutating func send(_ text: String) throws -> Enqueued {
        try wish(.send(OutgoingMessage(text), to: try conversation.id))
    }

    @discardableResult
    mutating func wish(_ wish: Wish) throws -> Enqueued {
        now += 10
        return try store.enqueue(wish, core.scope, moment, using: &generator)
    }

    mutating func act(_ act: Act, on intent: IntentID) throws {
        try store.act(act, on: intent, core.scope, moment, using: &generator)
    }

    // MARK: The wire

    /// What the engine begins now; nothing is ever read.
    mutating func next() throws -> [Delivery] {
        try core.next(moment).effects.map { effect in
            guard case .deliver(let delivery) = effect else { throw Unexpected(effect: "\(effect)") }
            return delivery
        }
    }

    struct Unexpected: Error {
        var effect: String
    }

    mutating func answer(_ delivery: Delivery, _ result: Result<Acceptance, ServiceError>) throws {
        now += 50
        try core.take(.delivered(delivery, result), moment)
    }

    /// Sends all that can go now. With `landsUnanswered` each takes effect and its answer is lost.
    mutating func pump(_ room: inout PushRoom, landsUnanswered: Bool = false) throws {
        for _ in 0..<50 {
            let deliveries = try next()
            guard !deliveries.isEmpty else { return }
            for delivery in deliveries {
                var result: Result<Acceptance, ServiceError>
                do {
                    result = .success(try room.perform(delivery, as: Self.alice.rawValue))
                } catch {
                    result = .failure(error)
                }
                if landsUnanswered { result = .failure(ServiceError(.answerLost, certainty: .unknown)) }
                try answer(delivery, result)
            }
            if landsUnanswered { return }
        }
    }

    mutating func pass(_ duration: Duration) { now += duration.milliseconds }

    /// The program is killed and starts again: what was committed is all there is.
    mutating func restart() throws {
        core = SyncCore(store: store, scope: core.scope, generator: SeededGenerator(seed: 12))
        try core.begin(moment)
    }

    /// The program starts again, with a decoder that reads more.
    mutating func upgrade(_ decode: ([UInt8]) -> RemoteArrival?) throws {
        try restart()
        core.scope.traits.decoderVersion += 1
        try core.decodeRejects(moment, { _, _ in nil }, arrivals: decode)
    }

    // MARK: The views

    var conversation: ConversationView {
        get throws {
            guard let first = try account.conversations().get().first else { throw Unexpected(effect: "no conversation") }
            return first
        }
    }

    var timeline: Timeline { get throws { try account.timeline(of: try conversation.id, limit: 1000).get() } }
    var entries: [TimelineEntry] { get throws { try timeline.entries } }

    /// Each entry in a word: `~` a gap before it, `*` edited, `-` deleted.
    var lines: [String] {
        get throws {
            try entries.map { entry in
                let text = entry.kind == .unreadable ? "?" : entry.deletedAt != nil ? "-" : entry.text ?? ""
                return (entry.gapBefore ? "~" : "") + text + (entry.editedAt != nil ? "*" : "")
            }
        }
    }

    var gaps: [GapView.Kind] { get throws { try account.gaps().get().map(\.kind) } }
    var hash: UInt64 { get throws { try store.contentHash(conversation: try conversation.id, withRevisions: true) } }
    var rejects: [RejectView] { get throws { try account.rejects().get() } }
}
