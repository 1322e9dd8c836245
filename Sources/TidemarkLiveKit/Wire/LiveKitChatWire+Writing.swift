public import TidemarkModel

/// What a packet of the legacy form says, before it is written.
public struct LiveKitChatBody: Hashable, Sendable {
    public var id: String
    /// `nil` becomes null, which web and Android readers stumble over; ``LiveKitChat`` never sends it.
    public var text: String?
    /// The message's own time, also in its edits and deletes, as LiveKit's Python class does it.
    public var timestamp: Timestamp
    public var isDeleted: Bool
    /// The time of this edit or delete. Readers other than Tidemark and components-js 0.11.6 to 0.12.1 pass over it.
    public var editTimestamp: Timestamp?
    /// Tells readers of text streams that this is the copy of one.
    public var isCopyOfStream: Bool

    public init(
        id: String, text: String?, timestamp: Timestamp, isDeleted: Bool = false, editTimestamp: Timestamp? = nil,
        isCopyOfStream: Bool = false
    ) {
        self.id = id
        self.text = text
        self.timestamp = timestamp
        self.isDeleted = isDeleted
        self.editTimestamp = editTimestamp
        self.isCopyOfStream = isCopyOfStream
    }
}

/// How a payload is written. Every known reader reads both.
public enum LiveKitPayloadForm: String, Hashable, Sendable, Codable {
    /// UTF-8 without spaces, as web, Android and Flutter clients write. An emoji costs 4 bytes.
    case compact
    /// As LiveKit's Python class writes it, byte for byte. An emoji costs 12 bytes.
    case python
}

/// Why a packet is not written: others would drop it, or lose their chat over it. Nothing was sent.
public struct LiveKitUnsendable: Error, Hashable, Sendable, CustomStringConvertible {
    public struct Code: Hashable, Sendable, RawRepresentable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        public static let emptyID = Code(rawValue: "emptyID")
        public static let badTimestamp = Code(rawValue: "badTimestamp")
        public static let tooLarge = Code(rawValue: "tooLarge")
        public static let noText = Code(rawValue: "noText")
        public static let notTheAuthor = Code(rawValue: "notTheAuthor")
        public static let alreadyDeleted = Code(rawValue: "alreadyDeleted")
    }

    public var code: Code
    public var description: String

    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}

extension LiveKitChatWire {
    /// The payload of a legacy packet: keys in Python's order, then those that only some readers know.
    ///
    /// It can hold no lone surrogate, because a `String` can't, and no time that is no number. Throws ``LiveKitUnsendable`` for
    /// an empty id and for a time outside of the years 1 to 9999, at which readers drop or crash.
    public static func payload(
        _ body: LiveKitChatBody, form: LiveKitPayloadForm = .compact
    ) throws(LiveKitUnsendable) -> [UInt8] {
        guard !body.id.isEmpty else {
            throw LiveKitUnsendable(.emptyID, "The message has no id; readers would each make up another one.")
        }
        guard LiveKitWireTime.range.contains(body.timestamp), body.editTimestamp.map(LiveKitWireTime.range.contains) ?? true
        else { throw LiveKitUnsendable(.badTimestamp, "The message's time is not of the years 1 to 9999; readers drop it.") }
        let json = LiveKitJSONText(members: [
            ("id", .string(body.id)),
            ("message", body.text.map { .string($0) } ?? .null),
            ("timestamp", .integer(body.timestamp.milliseconds)),
            ("deleted", body.isDeleted ? .bool(true) : nil),
            ("editTimestamp", body.editTimestamp.map { .integer($0.milliseconds) }),
            ("ignoreLegacy", body.isCopyOfStream ? .bool(true) : nil),
        ])
        return form == .python ? json.python : json.compact
    }
}
