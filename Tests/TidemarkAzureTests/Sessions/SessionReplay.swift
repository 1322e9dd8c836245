import Foundation
import GRDB
import TidemarkAzure
import TidemarkModel

@testable import TidemarkStore

/// Plays a recorded session through a fresh store as the engine would: answers are decoded by the adapter and applied to
/// the reads that the store plans, writes are intents that are claimed and settled with the recorded answer.
struct SessionReplay {
    struct Count {
        /// Answers applied to a read that the store had planned itself, and to one made like it.
        var planned = 0
        var equivalent = 0
        var settled = 0
        var parked = 0
        /// Answers that are no page; the store was told of the failure.
        var unreadable = 0
        /// What the engine would not have sent, by the reason.
        var notSent: [String: Int] = [:]

        var pages: Int { planned + equivalent }
    }

    let store: MessageStore
    let session: RecordedSession
    let wire: AzureChatWire
    private(set) var scope: Scope
    private(set) var count = Count()
    private(set) var rejects: [Reject] = []
    private(set) var pages: [(page: Page, read: PlannedRead)] = []
    private(set) var settled: [(delivery: Delivery, acceptance: Acceptance)] = []
    private(set) var now: Int64
    private var generator = SystemRandomNumberGenerator()
    private var links: [String: String] = [:]
    private var walk: PlannedRead?

    /// The user of sessions that don't say who recorded them: the word that stands in the place of hidden ids.
    private static let nobody = "sanitized"

    init(_ session: RecordedSession) throws {
        self.session = session
        store = try .inMemory()
        wire = try Example.wire()
        let creators = RecordedContent.creators(session.exchanges)
        let me = ParticipantID(creators.first ?? Self.nobody)
        try store.addAccount("me", service: "azure", identity: me, at: Timestamp(milliseconds: 0))
        for other in creators.dropFirst() {
            try store.addIdentity(ParticipantID(other), to: "me", at: Timestamp(milliseconds: 0))
        }
        scope = Scope(account: 1, traits: .azure(), identity: me)
        // Where answers bear no dates, the session begins when the last thing that it tells of had happened.
        let told = RecordedContent(session.exchanges).messages.values.map(\.version)
        now = session.exchanges.lazy.compactMap(\.milliseconds).first ?? told.max() ?? 1_600_000_000_000
    }

    var moment: Moment { Moment(milliseconds: now) }

    mutating func run() throws {
        for exchange in session.exchanges {
            now = max(now + 50, exchange.milliseconds ?? now + 1000)
            switch RecordedCall(exchange) {
            case .page(let request): try read(request, exchange)
            case .delivery(let delivery, _): try write(delivery, exchange)
            case .typing, .identity, .registration, nil: continue
            }
        }
    }

    mutating func skip(_ reason: String) {
        count.notSent[reason, default: 0] += 1
    }

    // MARK: Reads

    private mutating func read(_ request: PageRequest, _ exchange: RecordedExchange) throws {
        var request = request
        if let link = links[Self.target(exchange.url)], request.skip == nil { request.cursor = Cursor(link) }
        if let thread = request.subject.thread, try conversation(thread) == nil {
            guard exchange.status < 400 else { return skip("a read of a thread that is not known") }
            try introduce(thread)
        }
        let planned = try planned(request)
        let read = try planned ?? equivalent(request)
        var page: Page
        do {
            page = try wire.page(of: exchange.response, for: request)
        } catch {
            count.unreadable += 1
            _ = try store.fail(error, of: read, scope, moment, using: &generator)
            return
        }
        // Every real answer bears a date; some recorders left it out.
        page.serverDate = page.serverDate ?? moment.now
        if let next = page.next { links[Self.target(next.rawValue)] = next.rawValue }
        rejects += page.rejects
        let report = try store.apply(page, of: read, scope, moment)
        walk = report.next
        pages.append((page, read))
        if planned == nil { count.equivalent += 1 } else { count.planned += 1 }
    }

    /// The read that the store itself wants made, if it is the one that was recorded.
    private func planned(_ request: PageRequest) throws -> PlannedRead? {
        if let since = request.startTime, let thread = request.subject.thread, let id = try conversation(thread) {
            return try store.planRead(since: since, in: id, scope, moment)
        }
        if let walk, walk.request.subject == request.subject, walk.request.cursor == request.cursor { return walk }
        // Something asks for everything: a person, a push, time.
        try store.wakeReads(scope, moment)
        try store.askForWalks(scope, moment)
        try store.write(.normal) { db in try db.execute(sql: "UPDATE setRead SET isStale = 1, dueAt = 0") }
        return try store.planReads(scope, moment, busy: [], limit: 1000).reads.first { read in
            read.request.subject == request.subject && read.request.cursor == request.cursor
                && read.request.skip ?? 0 == request.skip ?? 0
        }
    }

    /// A recorded client reads when it likes; its answer is applied as the same read of the engine would be.
    private func equivalent(_ request: PageRequest) throws -> PlannedRead {
        var request = request
        request.startNumber = try store.write(.normal) { db in try db.nextStartNumber() }
        let id = try request.subject.thread.flatMap { try conversation($0) }
        return PlannedRead(
            key: request.subject.key(id ?? ConversationID(0)), purpose: request.subject.purpose, request: request,
            conversation: id, begunAt: moment.now)
    }

    /// Two spellings of one address are one.
    private static func target(_ url: String) -> String {
        let components = URLComponents(string: url)
        return "\(components?.path ?? "")?\(components?.query ?? "")"
    }

    // MARK: The store

    func conversation(_ thread: RemoteConversationID) throws -> ConversationID? {
        try store.read { db in
            try Int64.fetchOne(db, sql: "SELECT id FROM conversation WHERE remoteID = ?", arguments: [thread.rawValue])
        }.map { ConversationID($0) }
    }

    func message(_ id: RemoteMessageID, in conversation: ConversationID) throws -> MessageID? {
        try store.storedCopies(in: conversation)[id]?.id
    }

    /// A thread that an earlier session made: the list would have shown it.
    mutating func introduce(_ thread: RemoteConversationID) throws {
        _ = try store.apply(.conversation(RemoteConversation(id: thread)), scope, moment)
    }

    // MARK: Writes

    private mutating func write(_ recorded: Delivery, _ exchange: RecordedExchange) throws {
        if let thread = recorded.action.thread, try conversation(thread) == nil { try introduce(thread) }
        guard let wish = try wish(for: recorded.action, exchange) else { return }
        let token = recorded.action.verb == .createConversation && recorded.token != "not-recorded" ? recorded.token : nil
        let enqueued: Enqueued
        do {
            enqueued = try store.enqueue(wish, token: token, scope, moment, using: &generator)
        } catch let error as StoreError where error.code == .notAllowed {
            return skip("the store refused: \(error.description)")
        }
        guard let delivery = try claim(enqueued) else {
            return skip("\(recorded.action.verb) had nothing left to say")
        }
        do {
            let acceptance = try wire.acceptance(of: exchange.response, for: delivery)
            _ = try store.settle(delivery, .success(acceptance), scope, moment, using: &generator)
            settled.append((delivery, acceptance))
            count.settled += 1
        } catch let error as ServiceError {
            let settlement = try store.settle(delivery, .failure(error), scope, moment, using: &generator)
            if settlement.outcome == .parked { count.parked += 1 } else { count.unreadable += 1 }
        }
    }

    private mutating func claim(_ enqueued: Enqueued) throws -> Delivery? {
        func claimed() throws -> Delivery? {
            try store.claim(scope, moment, limit: 10).deliveries.first { $0.intent == enqueued.intent }
        }
        if let delivery = try claimed() { return delivery }
        // What can't be repeated waits for a page of its conversation (R2). Lists lag behind writes, so that the first
        // one may well be empty.
        let walks = try store.planReads(scope, moment, busy: [], limit: 1000).reads
        for walk in walks where walk.purpose == .catchUp && walk.conversation == enqueued.conversation {
            _ = try store.apply(Page(items: .messages([]), serverDate: moment.now), of: walk, scope, moment)
        }
        return try claimed()
    }
}

extension RecordedExchange {
    fileprivate var milliseconds: Int64? {
        date.map { Int64($0.timeIntervalSince1970) * 1000 }
    }
}

extension PageRequest.Subject {
    var thread: RemoteConversationID? {
        switch self {
        case .conversations: nil
        case .conversation(let thread), .messages(let thread), .message(_, let thread), .participants(let thread),
            .receipts(let thread):
            thread
        }
    }

    fileprivate var purpose: PlannedRead.Purpose {
        switch self {
        case .conversations: .list
        case .conversation: .details
        case .messages: .catchUp
        case .message: .confirm
        case .participants: .participants
        case .receipts: .receipts
        }
    }

    fileprivate func key(_ id: ConversationID) -> ReadKey {
        switch self {
        case .conversations: .list
        case .conversation: .details(id)
        case .messages: .messages(id)
        case .message(let message, _): .message(message, id)
        case .participants: .participants(id)
        case .receipts: .receipts(id)
        }
    }
}

extension Delivery.Action {
    var thread: RemoteConversationID? {
        switch self {
        case .createConversation: nil
        case .send(_, let thread), .edit(_, _, _, let thread), .delete(_, let thread), .markRead(_, let thread),
            .rename(let thread, _), .addParticipants(_, let thread), .removeParticipant(_, let thread),
            .deleteConversation(let thread), .upload(_, let thread):
            thread
        }
    }
}
