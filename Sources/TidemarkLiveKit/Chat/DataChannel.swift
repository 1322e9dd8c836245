/// A room's user data, both ways: what an app implements over any LiveKit SDK's room, in a screenful (`docs/livekit.md`).
public protocol DataChannel: Sendable {
    /// The participant's identity in the room, where the channel knows it; the default does not.
    var identity: String? { get }

    /// Publishes user data in the room; no destinations means everybody. Returns when the SDK has taken it, which says nothing
    /// about delivery. Throws what the SDK throws.
    func publish(_ payload: [UInt8], topic: String, reliable: Bool, destinations: [String]) async throws

    /// What others publish, in the order in which it arrives, from this call on, and where something may be missing. It ends
    /// when the channel does. One reader at a time.
    func packets() -> AsyncStream<DataChannelEvent>
}

extension DataChannel {
    public var identity: String? { nil }
}

/// A channel that can also write text streams, which newer clients and agents read.
public protocol TextStreamChannel: DataChannel {
    /// Publishes a whole text as one stream under an id of the caller's choice, which a retry keeps.
    func publishText(_ text: String, topic: String, streamID: String, destinations: [String]) async throws
}

public enum DataChannelEvent: Hashable, Sendable {
    case packet(LiveKitPacket)
    /// Packets may be missing before the next one. A room has no history, so what is missing stays so.
    case gap(DataChannelGap)
}

/// Why packets may be missing. More may be added.
public struct DataChannelGap: Hashable, Sendable, Codable, RawRepresentable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Receiving began; what came before was missed.
    public static let started = DataChannelGap(rawValue: "started")
    /// The connection to the room was made anew.
    public static let reconnected = DataChannelGap(rawValue: "reconnected")
    /// More came than could be held; the rest was dropped.
    public static let overflow = DataChannelGap(rawValue: "overflow")
    /// The channel's process ended.
    public static let exited = DataChannelGap(rawValue: "exited")
    /// The channel's process did nothing more and was ended.
    public static let hung = DataChannelGap(rawValue: "hung")
}

/// Why a channel can't publish. Nothing left this machine, except after ``Code/interrupted``.
public struct DataChannelError: Error, Hashable, Sendable, CustomStringConvertible {
    public struct Code: Hashable, Sendable, RawRepresentable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// There is no connection now.
        public static let notConnected = Code(rawValue: "notConnected")
        /// More waits to be published than the channel holds.
        public static let full = Code(rawValue: "full")
        /// The channel broke while it took the packet: it may have been published.
        public static let interrupted = Code(rawValue: "interrupted")
        /// The packet is larger than a line may be.
        public static let tooLarge = Code(rawValue: "tooLarge")
        public static let closed = Code(rawValue: "closed")
    }

    public var code: Code

    public init(_ code: Code) {
        self.code = code
    }

    public var description: String {
        switch code {
        case .notConnected: "The room's channel is not connected; publish again when it is."
        case .full: "Too much waits to be published in the room; wait until some of it has left."
        case .interrupted: "The room's channel broke while it took a packet; the packet may have been published."
        case .tooLarge: "The packet is too large for the room's channel; send a shorter text."
        case .closed: "The chat was closed; make another one."
        default: "The room's channel failed (\(code.rawValue))."
        }
    }
}
