import TidemarkModel

/// A packet on a chat topic that says nothing usable. Senders in rooms are not trusted: it is kept and listed, never fatal.
public struct LiveKitReject: Error, Hashable, Sendable {
    /// What is wrong. More may be added.
    public struct Reason: Hashable, Sendable, Codable, RawRepresentable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// More bytes than the reader takes.
        public static let tooLarge = Reason(rawValue: "tooLarge")
        /// Bytes that are no text in any of the encodings.
        public static let notText = Reason(rawValue: "notText")
        /// Text that is no JSON, or more than one JSON text.
        public static let notJSON = Reason(rawValue: "notJSON")
        /// JSON, but no object.
        public static let notAnObject = Reason(rawValue: "notAnObject")
        /// A time that is no number, not finite, or not of the years 1 to 9999.
        public static let badTimestamp = Reason(rawValue: "badTimestamp")
        /// An id that is longer than the reader takes.
        public static let badID = Reason(rawValue: "badID")
        /// An edit or delete by somebody who did not write the message.
        public static let notTheAuthor = Reason(rawValue: "notTheAuthor")
    }

    public var reason: Reason
    /// Where and why, in a few words that quote nothing of the packet.
    public var detail: String
    public var topic: String?
    public var sender: String?
    /// The message's id, where at least that could be read.
    public var id: String?
    /// The payload, at most `Reject.maximumRawBytes` of it, for a later version to try again (rule R24).
    public var payload: [UInt8]

    public init(
        _ reason: Reason, detail: String, topic: String? = nil, sender: String? = nil, id: String? = nil, payload: [UInt8] = []
    ) {
        self.reason = reason
        self.detail = detail
        self.topic = topic
        self.sender = sender
        self.id = id
        self.payload = Array(payload.prefix(Reject.maximumRawBytes))
    }

    init(_ reason: Reason, _ detail: String, of packet: LiveKitPacket, id: String? = nil) {
        self.init(reason, detail: detail, topic: packet.topic, sender: packet.identity, id: id, payload: packet.payload)
    }
}

extension LiveKitReject: CustomStringConvertible, CustomReflectable {
    /// A sentence without the packet's text: it may stand in a log.
    public var description: String { "A chat packet was set aside: \(detail)." }
    public var customMirror: Mirror { Mirror(self, children: ["reason": reason.rawValue, "bytes": payload.count]) }
}
