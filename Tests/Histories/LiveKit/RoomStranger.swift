/// Somebody in the room with another client, which is not ours.
struct RoomStranger {
    enum Kind: String, CaseIterable {
        /// LiveKit's Python class: edits and deletes on the update topic, with the time of the create.
        case python
        /// Web components 0.9 to 0.12.1: edits on the update topic, with a time of their own.
        case oldWeb
        /// Web components today: a stream, then its copy; who says an id again replaces.
        case newWeb
        /// Android components today: a stream, and a copy under another id.
        case newAndroid
        /// Ids that are times, and packets that may be lost.
        case flutter
        /// No ids.
        case android
        /// Whatever the wire allows.
        case evil
        /// The server writes no name for it.
        case hidden
    }

    struct Made {
        var id: String
        var text: String
        var time: Int64
    }

    var kind: Kind
    var identity: String { kind.rawValue }
    /// Whom it is in the room as; `nil`: it is not.
    var sid: String?
    var made: [Made] = []
    /// How far its clock is off, in milliseconds.
    var clockOffset: Int64 = 0

    init(kind: Kind) { self.kind = kind }
}

/// The bytes of other clients, written here.
enum StrangersBytes {
    static func legacy(
        id: String?, text: String?, time: Int64?, isDeleted: Bool = false, editTime: Int64? = nil, isCopy: Bool = false,
        hasSpaces: Bool = false
    ) -> [UInt8] {
        let colon = hasSpaces ? ": " : ":"
        var members: [String] = []
        if let id { members.append("\"id\"\(colon)\"\(id)\"") }
        if let text { members.append("\"message\"\(colon)\"\(text)\"") }
        if let time { members.append("\"timestamp\"\(colon)\(time)") }
        if let editTime { members.append("\"editTimestamp\"\(colon)\(editTime)") }
        if isDeleted { members.append("\"deleted\"\(colon)true") }
        if isCopy { members.append("\"ignoreLegacy\"\(colon)true") }
        return Array("{\(members.joined(separator: hasSpaces ? ", " : ","))}".utf8)
    }

    /// What nobody can read, and the id that can be.
    static func rubbish(_ choice: Int, number: Int) -> (payload: [UInt8], id: String?) {
        switch choice {
        case 0: (Array("{\"id\":\"broken\(number)\",\"message\":\"x\",\"timestamp\":\"late\"}".utf8), "broken\(number)")
        case 1: (Array("{\"id\":\"far\(number)\",\"message\":\"x\",\"timestamp\":1e300}".utf8), "far\(number)")
        case 2: (Array("{\"id\":\"cut\(number)\",\"mess".utf8), nil)
        case 3: ([0xFF, 0xFE, 0xFD, UInt8(truncatingIfNeeded: number)], nil)
        case 4: (Array("[\"list\(number)\"]".utf8), nil)
        default:
            (Array("{\"id\":\"\(String(repeating: "i", count: 1100))\(number)\",\"message\":\"x\",\"timestamp\":1}".utf8), nil)
        }
    }
}
