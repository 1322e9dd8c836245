import TidemarkModel

/// A room as a value: who is in it hears what the others say while they are there, and nobody keeps anything. It knows the
/// tokens of what it was asked to send, and says nothing twice. It shares no code with the store.
struct PushRoom {
    struct Packet: Hashable {
        var id: String
        var sender: String
        var change: RemoteArrival.Change = .create
        var text = ""
        /// The sender's clock.
        var time: Int64
        var isUpdate = false

        func edit(_ text: String, at time: Int64, by sender: String? = nil) -> Packet {
            Packet(id: id, sender: sender ?? self.sender, change: .edit, text: text, time: time, isUpdate: true)
        }

        func delete(at time: Int64, by sender: String? = nil) -> Packet {
            Packet(id: id, sender: sender ?? self.sender, change: .delete, time: time, isUpdate: true)
        }

        var key: RemoteMessageID { RemoteMessageID("\(sender)/\(id)") }

        var arrival: RemoteArrival {
            let isDelete = change == .delete
            return RemoteArrival(
                RemoteMessage(
                    id: key, version: time * 2 + (isUpdate ? 1 : 0), kind: .text, text: isDelete ? nil : text,
                    sender: ParticipantID(sender), createdAt: Timestamp(milliseconds: time),
                    deletedAt: isDelete ? Timestamp(milliseconds: time) : nil),
                change, wireID: id, digest: "\(change) \(time) \(isUpdate) \(text)")
        }
    }

    static let name: RemoteConversationID = "room"

    /// This room; the next one under its name has another. `nil`: nobody has opened one.
    var sid: String? = "RM_1"
    /// All that ever went through it.
    private(set) var packets: [Packet] = []
    private var tokens: Set<Token> = []

    static func traits(lifetime: Duration? = .seconds(600)) -> ServiceTraits {
        ServiceTraits(
            service: "room",
            lostAnswers: [
                .createConversation: .repeatable(for: nil), .send: .repeatable(for: lifetime),
                .edit: .repeatable(for: lifetime), .delete: .repeatable(for: lifetime), .markRead: .repeatable(for: nil),
            ], history: .none, ordering: .arrival, authority: .reader, maximumParticipantsForReceipts: -1)
    }

    /// Sends what a delivery asks for, as that user.
    mutating func perform(_ delivery: Delivery, as user: String) throws(ServiceError) -> Acceptance {
        if case .createConversation = delivery.action {
            return Acceptance(conversation: RemoteConversation(id: Self.name, topic: "room"))
        }
        guard let sid else { throw ServiceError(.roomNotOpen, certainty: .notApplied) }
        if let bound = delivery.room, bound != sid { throw ServiceError(.roomChanged, certainty: .notApplied) }
        let packet = try packet(of: delivery, as: user)
        if tokens.insert(delivery.token).inserted { packets.append(packet) }
        var written = packet.arrival
        if delivery.action.verb == .send { written.message.token = delivery.token }
        return Acceptance(message: packet.key, written: written)
    }

    private func packet(of delivery: Delivery, as user: String) throws(ServiceError) -> Packet {
        let wanted = delivery.wantedAt?.milliseconds ?? 0
        let time = max(wanted, (delivery.baseVersion ?? -2) / 2 + 1)
        switch delivery.action {
        case .send(let message, _):
            return Packet(id: String(delivery.token.rawValue.prefix(12)), sender: user, text: message.text, time: wanted)
        case .edit(let key, let text, _, _):
            return Packet(id: try own(key, user), sender: user, change: .edit, text: text, time: time, isUpdate: true)
        case .delete(let key, _):
            return Packet(id: try own(key, user), sender: user, change: .delete, time: time, isUpdate: true)
        default: throw ServiceError(.unsupported, certainty: .notApplied)
        }
    }

    private func own(_ key: RemoteMessageID, _ user: String) throws(ServiceError) -> String {
        let parts = key.rawValue.split(separator: "/", maxSplits: 1)
        guard parts.first.map(String.init) == user else { throw ServiceError(.otherSender, certainty: .notApplied) }
        return String(parts[1])
    }
}
