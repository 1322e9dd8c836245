/// What one device heard and what of its own was accepted, kept by rules that are small enough to be seen to be right (R21). It is
/// what the views are compared with, and shares no code with the store.
struct RoomWitness {
    struct Said {
        var packet: RoomPacket
        var saying: RoomSaying
        var number: Int
    }

    /// All that was said under one sender and id.
    struct Message {
        var sender: String?
        var id: String
        var said: [Said] = []
        /// Where it stands, and in which stretch of receiving that was.
        var place: Int
        var stretch: Int
        /// Something that could not be read stands there.
        var isUnreadable = false
        var isOwn = false

        var isDeleted: Bool { said.contains { $0.saying.change == .delete } }
        var hasText: Bool { said.contains { $0.saying.change != .delete } }
        var hasCreate: Bool { said.contains { $0.saying.change == .create } }

        /// Of all that was said what counts: the greatest time, the update topic, the later arrival.
        var newest: Said? {
            said.filter { $0.saying.change != .delete }.max { $0.rank < $1.rank }
        }
    }

    private(set) var messages: [String: Message] = [:]
    /// Where a stretch of receiving is open, its number.
    private(set) var stretch: Int?
    private(set) var branches: [RoomBranch: Int] = [:]
    private(set) var number = 0
    private var stretches = 0
    /// Whoever says the same again says it anew if it is another, or on another topic.
    private var rubbish: Set<RoomPacket> = []
    /// Everything up to this place was read.
    var horizon = -1

    // MARK: Receiving

    mutating func begins() {
        stretches += 1
        stretch = stretches
    }

    mutating func ends() { stretch = nil }

    mutating func hear(_ packet: RoomPacket, _ meaning: RoomMeaning, isOwn: Bool) {
        switch meaning {
        case .nothing: branches[.copyPassedOver, default: 0] += 1
        case .rubbish(let id): hearRubbish(packet, id)
        case .says(let saying): take(packet, saying, isOwn: isOwn)
        }
    }

    private mutating func hearRubbish(_ packet: RoomPacket, _ id: String?) {
        let key = id.map { Self.key($0, packet.sender) }
        guard rubbish.insert(packet).inserted else { return }
        branches[key == nil ? .rubbish : .unreadable, default: 0] += 1
        number += 1
        let here = open()
        guard let key, let id else { return begins() }
        if messages[key] == nil {
            messages[key] = Message(sender: packet.sender, id: id, place: number, stretch: here, isUnreadable: true)
        }
    }

    private mutating func open() -> Int {
        if stretch == nil {
            branches[.unannounced, default: 0] += 1
            begins()
        }
        return stretch ?? 0
    }

    /// The server or the bridge took it.
    mutating func accepted(_ packet: RoomPacket, _ saying: RoomSaying) {
        take(packet, saying, isOwn: true, isAcknowledged: true)
    }

    private mutating func take(_ packet: RoomPacket, _ saying: RoomSaying, isOwn: Bool, isAcknowledged: Bool = false) {
        let key = Self.key(saying, packet.sender)
        var message = messages[key]
        // Hearing once more what is known tells nothing, also of whose it is; that it was taken tells it.
        if isAcknowledged { message?.isOwn = true }
        if let message, message.said.contains(where: { $0.packet == packet }) {
            messages[key] = message
            branches[isAcknowledged ? .echoFirst : .duplicate, default: 0] += 1
            return
        }
        number += 1
        // What is sent while nobody listens stands alone.
        var here = stretch ?? 0
        if !isAcknowledged {
            here = open()
        } else if stretch == nil {
            stretches += 1
            here = stretches
        }
        var known = message ?? Message(sender: packet.sender, id: saying.id, place: number, stretch: here, isOwn: isOwn)
        count(saying, known)
        if isOwn { known.isOwn = true }
        known.isUnreadable = false
        known.said.append(Said(packet: packet, saying: saying, number: number))
        messages[key] = known
    }

    // MARK: What is shown

    /// Somebody changes what another made under this id.
    func isForeign(_ key: String) -> Bool {
        guard let message = messages[key], !message.hasCreate, !message.said.isEmpty else { return false }
        return messages.contains { $0.key != key && $0.value.id == message.id && $0.value.hasCreate }
    }

    /// In the order in which they stand.
    var shown: [(key: String, message: Message)] {
        messages.filter { key, message in message.isUnreadable || message.hasText && !isForeign(key) }
            .sorted { $0.value.place < $1.value.place }.map { ($0.key, $0.value) }
    }

    var foreign: [String] { messages.keys.filter(isForeign).sorted() }

    var unread: Int {
        shown.count { !$0.message.isOwn && !$0.message.isUnreadable && !$0.message.isDeleted && $0.message.place > horizon }
    }

    mutating func readAll() { horizon = max(horizon, shown.last?.message.place ?? -1) }

    // MARK: Names

    /// As the engine names it: sender and id, so that nobody's messages meet.
    static func key(_ id: String, _ sender: String?) -> String {
        let plain = id.replacing("%", with: "%25").replacing("@", with: "%40")
        return sender.map { "\(plain)@\($0)" } ?? plain
    }

    static func key(_ saying: RoomSaying, _ sender: String?) -> String {
        saying.hasNoID ? "without \(saying.id) \(sender ?? "")" : key(saying.id, sender)
    }

    // MARK: Counts

    private mutating func count(_ saying: RoomSaying, _ message: Message) {
        func note(_ branch: RoomBranch, _ happens: Bool) {
            if happens { branches[branch, default: 0] += 1 }
        }
        note(.heldTombstone, saying.change == .delete && !message.hasText)
        note(.revivalRefused, saying.change != .delete && message.isDeleted)
        note(.withoutID, saying.hasNoID)
        let others = messages.values.filter { $0.id == message.id && $0.sender != message.sender }
        note(.equalIDs, saying.change == .create && others.contains(where: \.hasCreate))
        note(.foreignRefused, saying.change != .create && !message.hasCreate && others.contains(where: \.hasCreate))
        note(.foreignAccepted, saying.change == .create && !message.hasCreate && !message.said.isEmpty && !others.isEmpty)
        if let newest = message.newest, saying.change != .delete {
            note(.olderIgnored, (saying.time ?? .min) < (newest.saying.time ?? .min))
            note(.tied, saying.time == newest.saying.time && saying.isOnUpdateTopic == newest.saying.isOnUpdateTopic)
        }
    }
}

extension RoomWitness.Said {
    fileprivate var rank: (Int64, Int, Int) { (saying.time ?? .min, saying.isOnUpdateTopic ? 1 : 0, number) }
}
