public import TidemarkModel

/// The kinds of events that the service pushes, over its realtime channel or Apple's push service (wire page §8).
public enum AzureEvent: Int, Hashable, Sendable, CaseIterable {
    case chatMessageReceived = 200
    case typingIndicatorReceived = 245
    case readReceiptReceived = 246
    case chatMessageEdited = 247
    case chatMessageDeleted = 248
    case chatThreadCreated = 257
    case chatThreadPropertiesUpdated = 258
    case chatThreadDeleted = 259
    case participantsAdded = 260
    case participantsRemoved = 261

    /// The service's name of the event.
    public var name: String { "\(self)" }

    public init?(name: String) {
        guard let event = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = event
    }

    /// Reads a pushed event by its name (`chatMessageReceived`) or number (`200`).
    ///
    /// Events carry no sequence, may come twice or not at all, and prove nothing about what lies between them: they are
    /// merged and never move a cursor. The names `realTimeNotificationConnected` and `…Disconnected` become `.connected` and
    /// `.disconnected`; a name that this version does not know gives an empty list, and is still a reason to look.
    ///
    /// Throws `.unreadable` (`.notApplied`) for a payload that is no JSON or lacks what its kind needs.
    public static func decode(_ name: String, payload: [UInt8]) throws(ServiceError) -> [RemoteEvent] {
        switch name {
        case "realTimeNotificationConnected": return [.connected]
        case "realTimeNotificationDisconnected": return [.disconnected]
        default:
            guard let event = AzureEvent(name: name) ?? Int(name).flatMap(AzureEvent.init(rawValue:)) else { return [] }
            return try event.decode(payload)
        }
    }

    /// Reads a pushed event whose number stands in its payload, under `eventId`.
    public static func decode(payload: [UInt8]) throws(ServiceError) -> [RemoteEvent] {
        let json = try AzureEventPayload(payload)
        guard let number = json["eventId"]?.integer else { throw AzureEventPayload.unreadable("The event has no eventId.") }
        guard let event = Int(exactly: number).flatMap(AzureEvent.init(rawValue:)) else { return [] }
        return try event.decode(json)
    }

    public func decode(_ payload: [UInt8]) throws(ServiceError) -> [RemoteEvent] {
        try decode(try AzureEventPayload(payload))
    }

    private func decode(_ payload: AzureEventPayload) throws(ServiceError) -> [RemoteEvent] {
        switch self {
        case .chatMessageReceived, .chatMessageEdited, .chatMessageDeleted:
            [.message(try payload.message(self), in: try payload.thread())]
        case .typingIndicatorReceived:
            [.typing(try payload.sender(), displayName: payload.senderName, in: try payload.thread())]
        case .readReceiptReceived:
            [.receipt(try payload.receipt(), in: try payload.thread())]
        case .chatThreadCreated:
            [.conversation(try payload.conversation(self))] + (try payload.added("members"))
        case .chatThreadPropertiesUpdated, .chatThreadDeleted:
            [.conversation(try payload.conversation(self))]
        case .participantsAdded:
            try payload.added("participantsAdded")
        case .participantsRemoved:
            [
                .participantsRemoved(
                    try payload.participants("participantsRemoved").map(\.id), in: try payload.thread())
            ]
        }
    }
}
