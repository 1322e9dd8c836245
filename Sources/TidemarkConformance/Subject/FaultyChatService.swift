internal import Synchronization
public import TidemarkModel
public import TidemarkSimulator

/// Any service behind a bad network: what is asked of it meets the faults that were ordered, and every request is written down.
///
/// A fault takes the time that it would: what is never answered takes the whole patience.
public final class FaultyChatService: ChatService {
    public enum Fault: Hashable, Sendable {
        /// It never arrived, and nobody knows.
        case requestLost
        /// It was done, and the answer was lost.
        case answerLost
        /// There was no way to the service, and so nothing was done.
        case unreachable
        /// A 5xx: it was done or not, and nobody knows.
        case failed(applied: Bool)
        /// 429.
        case throttled(retryAfter: Duration?)
        /// 401.
        case unauthenticated
        /// 403.
        case forbidden
        /// Whoever waited stopped waiting, while the request was under way.
        case cancelled(applied: Bool)
    }

    /// What a fault strikes.
    public enum Target: Hashable, Sendable {
        case verb(Verb)
        case anyVerb
        case reads
        case everything
    }

    /// One request that was made.
    public struct Call: Hashable, Sendable {
        /// `nil`: a read.
        public var verb: Verb?
        public var token: Token?
        public var began: Timestamp
        public var fault: Fault?
    }

    private struct Order {
        var target: Target
        var fault: Fault
        var count: Int
    }

    private struct State {
        var inner: any ChatService
        var orders: [Order] = []
        var calls: [Call] = []
        var pages: [(request: PageRequest, page: Page)] = []
        var standIns: [Page] = []
        var afterPage: (@Sendable (Page, PageRequest) async throws -> Void)?
    }

    private let clock: VirtualClock
    private let patience: Duration
    private let state: Mutex<State>

    /// `patience`: how long is waited for an answer that does not come.
    public init(_ inner: any ChatService, clock: VirtualClock, patience: Duration = .seconds(15)) {
        self.clock = clock
        self.patience = patience
        state = Mutex(State(inner: inner))
    }

    private var inner: any ChatService { state.withLock { $0.inner } }

    /// A new program of the same user goes on behind the same network.
    func replace(_ inner: any ChatService) {
        state.withLock { $0.inner = inner }
    }

    /// The next requests of this kind meet this fault; faults of several orders come one after the other.
    public func strike(_ target: Target, _ fault: Fault, times: Int = 1) {
        state.withLock { $0.orders.append(Order(target: target, fault: fault, count: times)) }
    }

    /// From now on everything goes well.
    public func heal() {
        state.withLock { $0.orders = [] }
    }

    public var calls: [Call] { state.withLock { $0.calls } }

    /// The pages that were answered, and to what.
    var pages: [(request: PageRequest, page: Page)] { state.withLock { $0.pages } }

    /// The next listings of messages, one after the other, are answered with these, as by somebody who kept them too long.
    func answer(with pages: [Page]) {
        state.withLock { $0.standIns = pages }
    }

    /// Is done whenever a page has been made and before it arrives.
    func afterPage(_ body: (@Sendable (Page, PageRequest) async throws -> Void)?) {
        state.withLock { $0.afterPage = body }
    }

    // MARK: The service

    public var traits: ServiceTraits { inner.traits }

    public func identity() async throws(ServiceError) -> ParticipantID? { try await inner.identity() }

    public func decode(_ raw: [UInt8], of subject: PageRequest.Subject) -> Page.Items? { inner.decode(raw, of: subject) }

    public func decodeArrival(_ raw: [UInt8]) -> RemoteArrival? { inner.decodeArrival(raw) }

    public func events() -> any AsyncSequence<RemoteEvent, any Error> & Sendable { inner.events() }

    public func perform(_ delivery: Delivery) async throws(ServiceError) -> Acceptance {
        try await attempt(delivery) { inner throws(ServiceError) in try await inner.perform(delivery) }
    }

    public func upload(
        _ delivery: Delivery, progress: @escaping @Sendable (Int64) -> Void
    ) async throws(ServiceError) -> Acceptance {
        try await attempt(delivery) { inner throws(ServiceError) in try await inner.upload(delivery, progress: progress) }
    }

    public func download(
        _ file: RemoteFileID, in conversation: RemoteConversationID, to path: String,
        progress: @escaping @Sendable (Int64) -> Void
    ) async throws(ServiceError) {
        if let fault = begin(nil, nil, { $0 == .reads || $0 == .everything }) { throw error(fault) }
        try await inner.download(file, in: conversation, to: path, progress: progress)
    }

    public func sendTyping(in conversation: RemoteConversationID) async throws(ServiceError) {
        if let fault = begin(nil, nil, { $0 == .everything }) { throw error(fault) }
        try await inner.sendTyping(in: conversation)
    }

    private func attempt(
        _ delivery: Delivery, _ body: (any ChatService) async throws(ServiceError) -> Acceptance
    ) async throws(ServiceError) -> Acceptance {
        let verb = delivery.action.verb
        let fault = begin(verb, delivery.token) { $0 == .verb(verb) || $0 == .anyVerb || $0 == .everything }
        guard let fault else { return try await body(inner) }
        if fault.isApplied { _ = try await body(inner) }
        throw error(fault)
    }

    public func page(_ request: PageRequest) async throws(ServiceError) -> Page {
        if let fault = begin(nil, nil, { $0 == .reads || $0 == .everything }) { throw error(fault) }
        if let page = standIn(for: request) { return page }
        let page = try await inner.page(request)
        let hook = state.withLock { state in
            state.pages.append((request, page))
            return state.afterPage
        }
        do {
            try await hook?(page, request)
        } catch {
            throw error as? ServiceError ?? ServiceError(.serverFailure, certainty: .unknown)
        }
        return page
    }

    private func standIn(for request: PageRequest) -> Page? {
        guard case .messages = request.subject, request.cursor == nil else { return nil }
        return state.withLock { $0.standIns.isEmpty ? nil : $0.standIns.removeFirst() }
    }

    private func begin(_ verb: Verb?, _ token: Token?, _ strikes: (Target) -> Bool) -> Fault? {
        let now = clock.now
        return state.withLock { state in
            var fault: Fault?
            if let index = state.orders.firstIndex(where: { strikes($0.target) }) {
                fault = state.orders[index].fault
                state.orders[index].count -= 1
                if state.orders[index].count <= 0 { state.orders.remove(at: index) }
            }
            state.calls.append(Call(verb: verb, token: token, began: now, fault: fault))
            return fault
        }
    }

    private func error(_ fault: Fault) -> ServiceError {
        switch fault {
        case .requestLost, .answerLost:
            clock.advance(by: patience)
            return ServiceError(.answerLost, certainty: .unknown)
        case .unreachable: return ServiceError(.unreachable, certainty: .notApplied, scope: .host)
        case .failed: return ServiceError(.serverFailure, certainty: .unknown, status: 503)
        case .throttled(let wait): return ServiceError(.throttled, certainty: .notApplied, status: 429, retryAfter: wait)
        case .unauthenticated: return ServiceError(.unauthenticated, certainty: .notApplied, scope: .account, status: 401)
        case .forbidden: return ServiceError(.forbidden, certainty: .notApplied, status: 403)
        case .cancelled: return ServiceError(.cancelled, certainty: .unknown)
        }
    }
}

extension FaultyChatService.Fault {
    /// Whether the service does what was asked all the same.
    var isApplied: Bool {
        switch self {
        case .answerLost, .failed(applied: true), .cancelled(applied: true): true
        default: false
        }
    }
}
