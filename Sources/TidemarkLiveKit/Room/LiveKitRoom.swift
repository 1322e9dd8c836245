/// The messages of one room, merged from packets that come in any order, more than once, and from anybody (rule R21).
///
/// A value without I/O. For numbered packets the order of applying makes no difference: of a message, the greatest
/// ``LiveKitVersion`` counts, and a delete is final, also when it comes before the message. A message belongs to the sender
/// and id under which it came; the wire enforces nothing, so this does: what somebody else sends under the same id never
/// touches it, and where that is an edit or delete without a message of its own it stands in ``rejects``.
///
/// What it holds is bounded by ``Limits``, whatever the room sends. What was forgotten and comes again is news, so that behind the
/// limits the order of applying may make a difference.
public struct LiveKitRoom: Hashable, Sendable {
    /// How much is remembered. The names say how many.
    public struct Limits: Hashable, Sendable {
        /// Messages, tombstones and rejects among them. The oldest are forgotten, somewhat more than needed at once.
        public var messages: Int
        /// Packets of one message, to know them again. The oldest are forgotten, its first message last.
        public var packetsPerMessage: Int

        public init(messages: Int = 50_000, packetsPerMessage: Int = 1_000) {
            self.messages = max(1, messages)
            self.packetsPerMessage = max(1, packetsPerMessage)
        }
    }

    public let name: String
    public let limits: Limits
    /// The number that the next new packet gets.
    public private(set) var nextArrival: Int64
    private var entries: [ExactText: [ExactText?: LiveKitRoomEntry]] = [:]
    private var count = 0

    public init(name: String, nextArrival: Int64 = 1, limits: Limits = Limits()) {
        self.name = name
        self.limits = limits
        self.nextArrival = nextArrival
    }

    /// What became of a packet.
    public enum Outcome: Hashable, Sendable {
        /// The message is new or shows something else now.
        case changed(LiveKitRoomMessage)
        /// It is older than what is known, or says the same.
        case unchanged
        /// Byte for byte a packet that was already applied. It got no number.
        case duplicate
        /// It can't be read, or it is not for its sender to say.
        case reject(LiveKitReject)
        case ignored
    }

    /// Reads a packet, numbers it and applies it.
    @discardableResult
    public mutating func receive(_ packet: LiveKitPacket, as wire: LiveKitChatWire = LiveKitChatWire()) -> Outcome {
        switch wire.read(packet) {
        case .ignored: return .ignored
        case .reject(let reject): return .reject(reject)
        case .observation(let observation):
            guard let arrival = number(observation, of: packet) else { return .duplicate }
            let before = message(arrival.key)
            apply(arrival)
            if let reject = reject(arrival.key) { return .reject(reject) }
            guard let after = message(arrival.key), after != before else { return .unchanged }
            return .changed(after)
        }
    }

    /// Gives a packet its number, or `nil` if it is a duplicate. Nothing is applied yet.
    public mutating func number(_ observation: LiveKitObservation, of packet: LiveKitPacket) -> LiveKitArrival? {
        let fingerprint = packet.fingerprint
        let known = entries[ExactText(observation.id)]?[observation.sender.map(ExactText.init)]
        guard known?.knows(fingerprint) != true else { return nil }
        let arrival = LiveKitArrival(observation, number: nextArrival, fingerprint: fingerprint)
        nextArrival += 1
        return arrival
    }

    /// Applies a numbered packet. Any order of the same packets, each any number of times, gives an equal value.
    public mutating func apply(_ arrival: LiveKitArrival) {
        let id = ExactText(arrival.observation.id)
        let sender = arrival.observation.sender.map(ExactText.init)
        nextArrival = max(nextArrival, arrival.number + 1)
        if entries[id]?[sender]?.apply(arrival, remembering: limits.packetsPerMessage) == nil {
            entries[id, default: [:]][sender] = LiveKitRoomEntry(arrival)
            count += 1
            forgetOldest()
        }
    }

    /// An eighth too many is forgotten at once, so that looking for the oldest is rare.
    private mutating func forgetOldest() {
        guard count > limits.messages else { return }
        let oldest = entries.flatMap { id, senders in senders.map { (id: id, sender: $0.key, at: $0.value.firstArrival) } }
            .sorted { $0.at < $1.at }.prefix(count - limits.messages + limits.messages / 8)
        for (id, sender, _) in oldest {
            entries[id]?[sender] = nil
            if entries[id]?.isEmpty == true { entries[id] = nil }
        }
        count -= oldest.count
    }
}

extension LiveKitRoom {
    /// All messages by arrival, tombstones among them. What is rejected is not.
    public var messages: [LiveKitRoomMessage] {
        entries.values.flatMap { senders in
            senders.filter { !Self.isForeign($0.key, in: senders) }.map(\.value.message)
        }.sorted { $0.arrival < $1.arrival }
    }

    public func message(_ key: LiveKitMessageKey) -> LiveKitRoomMessage? {
        guard let senders = entries[ExactText(key.id)] else { return nil }
        let sender = key.sender.map(ExactText.init)
        return Self.isForeign(sender, in: senders) ? nil : senders[sender]?.message
    }

    /// Edits and deletes by somebody who did not write the message, by arrival. One leaves this list only if its sender turns
    /// out to have an own message under that id.
    public var rejects: [LiveKitReject] {
        entries.values.flatMap { senders in
            senders.filter { Self.isForeign($0.key, in: senders) }.map(\.value)
        }.sorted { $0.firstArrival < $1.firstArrival }.map(\.reject)
    }

    private func reject(_ key: LiveKitMessageKey) -> LiveKitReject? {
        guard let senders = entries[ExactText(key.id)] else { return nil }
        let sender = key.sender.map(ExactText.init)
        return Self.isForeign(sender, in: senders) ? senders[sender]?.reject : nil
    }

    /// Has edits or deletes and no message under an id of which another is the author.
    private static func isForeign(_ sender: ExactText?, in senders: [ExactText?: LiveKitRoomEntry]) -> Bool {
        guard let entry = senders[sender], !entry.hasCreate else { return false }
        return senders.contains { $0.key != sender && $0.value.hasCreate }
    }
}
