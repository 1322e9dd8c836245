/// The chat of LiveKit rooms without its I/O: packets read into observations, and messages written into payloads.
///
/// It is pure: no clock, no randomness, no state. The legacy JSON form is read as LiveKit's Python class reads it and written
/// byte for byte as that class or in compact UTF-8 (wire page §1); text streams arrive as whole texts (§3).
public struct LiveKitChatWire: Hashable, Sendable {
    /// Whether text streams are read. Then the legacy copies that new clients send beside their streams are passed over
    /// (`ignoreLegacy`), or every message would be there twice; without, they are the message.
    public var readsTextStreams: Bool
    /// The largest legacy payload that is read. SDKs carry 64,000 bytes at most, packet and all.
    public var maximumPayloadBytes: Int
    /// The largest text of a stream that is read.
    public var maximumStreamBytes: Int
    /// The longest id that is read, in UTF-8 bytes. Known senders use at most 36.
    public var maximumIDBytes: Int

    /// Goes up when the decoder accepts more or reads differently, so that kept rejects are tried again (rule R24).
    public static let decoderVersion = 1

    public init(
        readsTextStreams: Bool = false, maximumPayloadBytes: Int = 65_535, maximumStreamBytes: Int = 1_048_576,
        maximumIDBytes: Int = 1_024
    ) {
        self.readsTextStreams = readsTextStreams
        self.maximumPayloadBytes = maximumPayloadBytes
        self.maximumStreamBytes = maximumStreamBytes
        self.maximumIDBytes = maximumIDBytes
    }
}

/// What became of a packet.
public enum LiveKitReading: Hashable, Sendable {
    case observation(LiveKitObservation)
    /// It stands on a chat topic and can't be read.
    case reject(LiveKitReject)
    /// It is no chat, or a copy of what is read elsewhere.
    case ignored
}
