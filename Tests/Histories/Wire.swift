import Tidemark
import TidemarkModel

/// Which run of which program of which device.
struct Address: Hashable {
    var device: Int
    var program: Int
    var incarnation: Int
}

/// A request under way.
struct Request {
    var effect: SyncCore.Effect
    var from: Address
    var launchedAt: Int64
    var fault: Fault?
    /// The network made a second one of it.
    var isCopy = false
    /// When its answer comes, if that was decided when it left.
    var answerDue: Int64?
}

/// Something that will happen by itself.
struct WireEvent {
    enum Kind {
        case arrives(Request)
        case answers(SyncCore.Answer, Address)
        case pushed(Push, device: Int)
        /// SIGCONT.
        case continues(Address)
        case credential(device: Int)
        /// Its clock is set.
        case clock(device: Int, by: Int64)
        case adoption(device: Int)
        /// Somebody with another client writes.
        case says(RemoteConversationID)
        /// Its user asks for what is newest.
        case refreshes(device: Int)
    }

    var due: Int64
    var number: Int
    var kind: Kind
}

/// What will happen, in the order of its times; what falls due at once goes in the order in which it was put.
struct Wire {
    private var events: [WireEvent] = []
    private var nextNumber = 0

    var isEmpty: Bool { events.isEmpty }
    /// When the next of it falls due.
    var due: Int64? { events.last?.due }

    mutating func put(_ kind: WireEvent.Kind, at due: Int64) {
        nextNumber += 1
        // Kept with the next one last; few are under way at once.
        var place = events.count
        while place > 0, events[place - 1].due <= due { place -= 1 }
        events.insert(WireEvent(due: due, number: nextNumber, kind: kind), at: place)
    }

    mutating func next() -> WireEvent? { events.popLast() }

    /// Just before the next request or answer of a program gets where it goes; `nil`: none does soon.
    func before(nextOf address: Address, now: Int64) -> Int64? {
        let next = events.last { event in
            switch event.kind {
            case .arrives(let request): request.from == address
            case .answers(_, let to): to == address
            default: false
            }
        }
        // What was lost on its way keeps its client waiting: it is no longer under way.
        return next.flatMap { $0.due > now && $0.due <= now + 10_000 ? $0.due - 1 : nil }
    }

    /// The edit of a device that is on its way to a conversation, and when it gets there.
    func edit(of device: Int, in thread: RemoteConversationID) -> (message: RemoteMessageID, due: Int64)? {
        for event in events.reversed() {
            if case .arrives(let request) = event.kind, request.from.device == device,
                case .edit(let message, _, _, thread) = request.effect.delivery?.action
            {
                return (message, event.due)
            }
        }
        return nil
    }

    /// Whether a request of this token has still to arrive.
    func carries(_ token: Token) -> Bool {
        events.contains { event in
            if case .arrives(let request) = event.kind { request.effect.delivery?.token == token } else { false }
        }
    }

    /// Takes the requests of a program out that have not left yet, each if asked for.
    mutating func hold(_ isHeld: (Request) -> Bool) -> [Request] {
        var held: [Request] = []
        events.removeAll { event in
            guard case .arrives(let request) = event.kind, isHeld(request) else { return false }
            held.append(request)
            return true
        }
        return held
    }
}

extension SyncCore.Effect {
    var name: String {
        switch self {
        case .deliver(let delivery): "\(delivery.action.verb.rawValue) \(delivery.intent) \(delivery.attempt)"
        case .read(let read):
            read.request.subject.name + read.request.furtherConversations.map { " " + $0.rawValue }.joined() + " "
                + (read.request.cursor?.rawValue ?? "")
        }
    }

    var delivery: Delivery? {
        if case .deliver(let delivery) = self { delivery } else { nil }
    }

    var isEarlyNotFoundPossible: Bool {
        guard let delivery else { return false }
        return [.edit, .delete, .markRead].contains(delivery.action.verb)
    }

    var isOfList: Bool {
        if case .read(let read) = self { read.purpose == .list } else { false }
    }

    /// Asks whether a feed tells of anything new.
    var isPoll: Bool {
        guard case .read(let read) = self, read.isTogether || read.purpose == .catchUp else { return false }
        return read.request.startTime != nil && read.request.cursor == nil
    }

    var hasLink: Bool {
        if case .read(let read) = self { read.request.cursor != nil } else { false }
    }
}

extension PageRequest.Subject {
    /// As Swift would print it, which takes long.
    fileprivate var name: String {
        switch self {
        case .conversations: "conversations"
        case .conversation(let thread): "conversation(\(thread.rawValue))"
        case .messages(let thread): "messages(in: \(thread.rawValue))"
        case .message(let message, let thread): "message(\(message.rawValue), in: \(thread.rawValue))"
        case .participants(let thread): "participants(in: \(thread.rawValue))"
        case .receipts(let thread): "receipts(in: \(thread.rawValue))"
        }
    }
}

extension SyncCore.Answer {
    var isYes: Bool {
        switch self {
        case .delivered(_, .success), .read(_, .success): true
        case .delivered(_, .failure), .read(_, .failure): false
        }
    }

    /// For looking at a history: what came, without any text.
    var outcome: String {
        switch self {
        case .delivered(_, .success): "done"
        case .read(_, .success(let page)):
            switch page.items {
            case .conversations(let items): "\(items.map(\.id)) \(page.next == nil ? "" : "…")"
            case .messages(let items):
                "\(items.map { "\($0.id)\($0.deletedAt == nil ? "" : "†")" }) \(page.next == nil ? "" : "…")"
            case .participants(let items): "\(items.map(\.id)) \(page.next == nil ? "" : "…")"
            case .receipts(let items): "\(items.count) receipts"
            }
        case .delivered(_, .failure(let error)), .read(_, .failure(let error)): "\(error.code.rawValue) \(error.certainty)"
        }
    }
}

extension Result<Page, ServiceError> {
    /// It is more than the word that nothing is new.
    var tellsOfSomething: Bool {
        guard case .success(let page) = self else { return true }
        guard page.next == nil, case .messages(let messages) = page.items else { return true }
        return !messages.isEmpty || !page.rejects.isEmpty || page.furtherMessages.values.contains { !$0.isEmpty }
    }
}
