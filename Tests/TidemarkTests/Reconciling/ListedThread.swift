import Synchronization
import Tidemark

/// A service of one conversation that answers with what a test put there: listings by last change, and messages by their id.
final class ListedThread: ChatService {
    struct State {
        var messages: [RemoteMessageID: RemoteMessage] = [:]
        /// Left out of listings, as what changes while a walk goes by can be; still there by its id.
        var hidden: Set<RemoteMessageID> = []
        /// Listed as items that this version of the decoder can't read.
        var unreadable: Set<RemoteMessageID> = []
        var decoderVersion = 1
        var sequence: Int64 = 0
        /// Failures to answer with before anything else.
        var failures: [ServiceError] = []
        /// How many requests are answered before every further one is refused for good; `nil`: all are.
        var answersLeft: Int?
        var requests = 0
        var participants = [Participant(id: ListedThread.me)]
        var receipts: [Receipt] = []
        /// The service knows nothing of it any more.
        var isGone = false
        var history = ServiceTraits.History.full
    }

    static let id: RemoteConversationID = "thread"
    static let me: ParticipantID = "me"

    let state = Mutex(State())
    let clock: InstantClock

    init(_ clock: InstantClock) {
        self.clock = clock
    }

    var traits: ServiceTraits {
        let (version, history) = state.withLock { ($0.decoderVersion, $0.history) }
        return ServiceTraits(
            service: "listed", lostAnswers: [.send: .echoed, .edit: .echoed], history: history, settleWindow: .seconds(60),
            messagePageSize: 2,
            decoderVersion: version)
    }

    /// The second version reads what the first one could not: its raw bytes are its id.
    func decode(_ raw: [UInt8], of subject: PageRequest.Subject) -> Page.Items? {
        state.withLock { state in
            guard state.decoderVersion > 1, case .messages = subject else { return nil }
            return state.messages[RemoteMessageID(String(decoding: raw, as: UTF8.self))].map { .messages([$0]) }
        }
    }

    func identity() async throws(ServiceError) -> ParticipantID? { Self.me }

    func perform(_ delivery: Delivery) async throws(ServiceError) -> Acceptance {
        throw ServiceError(.unreachable, certainty: .notApplied, scope: .host)
    }

    func page(_ request: PageRequest) async throws(ServiceError) -> Page {
        let now = clock.now
        return try state.withLock { state throws(ServiceError) in
            state.requests += 1
            if !state.failures.isEmpty { throw state.failures.removeFirst() }
            if let left = state.answersLeft {
                guard left > 0 else { throw ServiceError(.invalid, certainty: .notApplied, status: 400) }
                state.answersLeft = left - 1
            }
            guard !state.isGone || request.subject == .conversations else {
                throw ServiceError(.notFound, certainty: .notApplied, status: 404, serverDate: now)
            }
            switch request.subject {
            case .conversations where state.isGone: return Page(items: .conversations([]), serverDate: now)
            case .conversations, .conversation:
                return Page(items: .conversations([RemoteConversation(id: Self.id, topic: "Trip")]), serverDate: now)
            case .messages: return Self.listing(state, request, now)
            case .message(let id, _):
                guard let message = state.messages[id] else {
                    throw ServiceError(.notFound, certainty: .notApplied, status: 404, serverDate: now)
                }
                return Page(items: .messages([message]), serverDate: now)
            case .participants: return Page(items: .participants(state.participants), serverDate: now)
            case .receipts: return Page(items: .receipts(state.receipts), serverDate: now)
            }
        }
    }

    private static func listing(_ state: State, _ request: PageRequest, _ now: Timestamp) -> Page {
        let size = request.resultsPerPage ?? 2
        let from = request.cursor.flatMap { Int($0.rawValue) } ?? 0
        let all = state.messages.values.filter { !state.hidden.contains($0.id) }
            .filter { message in request.startTime.map { (message.createdAt ?? now) >= $0 } ?? true }
            .sorted { ($0.sequence ?? 0) > ($1.sequence ?? 0) }
        let next = from + size < all.count ? Cursor(String(from + size)) : nil
        let shown = Array(all.dropFirst(from).prefix(size))
        let rejects = shown.map(\.id).filter(state.unreadable.contains).map {
            Reject(id: $0.rawValue, reason: "The message is of a new form.", raw: Array($0.rawValue.utf8))
        }
        return Page(
            items: .messages(shown.filter { !state.unreadable.contains($0.id) }), rejects: rejects, next: next, serverDate: now)
    }

    // MARK: What a test does to it

    /// A message, or its next version.
    func put(_ place: Int64, _ text: String) {
        change(place) { $0.text = text }
    }

    func delete(_ place: Int64) {
        let now = clock.now
        change(place) { $0.deletedAt = now }
    }

    func forget(_ place: Int64) {
        state.withLock { state in _ = state.messages.removeValue(forKey: RemoteMessageID(String(place))) }
    }

    private func change(_ place: Int64, _ body: (inout RemoteMessage) -> Void) {
        let now = clock.now.milliseconds
        state.withLock { state in
            state.sequence += 1
            let id = RemoteMessageID(String(place))
            var message =
                state.messages[id]
                ?? RemoteMessage(
                    id: id, place: place, kind: .text, sender: "alice",
                    createdAt: Timestamp(milliseconds: place))
            // A version is the time of its change, and the first one the message's place.
            message.version = message.version == nil ? place : now + state.sequence
            message.sequence = state.sequence
            body(&message)
            state.messages[id] = message
        }
    }
}

/// Time that goes on when somebody waits for it.
final class InstantClock: EngineClock {
    private let milliseconds = Mutex<Int64>(1_000_000_000)

    var now: Timestamp { Timestamp(milliseconds: milliseconds.withLock { $0 }) }
    var monotonic: Int64 { milliseconds.withLock { $0 } }

    func sleep(until moment: Timestamp) async throws {
        try Task.checkCancellation()
        milliseconds.withLock { $0 = max($0, moment.milliseconds) }
    }
}
