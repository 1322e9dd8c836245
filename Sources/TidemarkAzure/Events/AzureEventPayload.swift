import TidemarkModel

/// A pushed event's payload: JSON whose larger parts are JSON once more, as text.
struct AzureEventPayload {
    let json: JSONValue

    init(_ bytes: [UInt8]) throws(ServiceError) {
        do {
            json = try JSONValue(reading: bytes)
        } catch {
            throw Self.unreadable("The event is broken JSON: \(error.reason) at byte \(error.offset).")
        }
        guard json.members != nil else { throw Self.unreadable("The event is no object.") }
    }

    static func unreadable(_ reason: String) -> ServiceError {
        ServiceError(.unreadable, certainty: .notApplied, serviceMessage: reason)
    }

    subscript(_ names: String...) -> JSONValue? {
        for name in names {
            if let value = json[name], value.text != "" { return value }
        }
        return nil
    }

    /// The JSON that stands under a name as text, or directly; the text `null` is nothing.
    func inner(_ name: String) -> JSONValue? {
        guard let value = self[name] else { return nil }
        guard case .string(let text) = value else { return value }
        guard let parsed = try? JSONValue(reading: text), parsed != .null else { return nil }
        return parsed
    }

    func thread() throws(ServiceError) -> RemoteConversationID {
        guard let id = self["threadId", "groupId"]?.text else { throw Self.unreadable("The event names no thread.") }
        return RemoteConversationID(id)
    }

    func sender() throws(ServiceError) -> ParticipantID {
        guard let id = self["senderId"]?.text else { throw Self.unreadable("The event names no sender.") }
        return Self.participant(id)
    }

    var senderName: String? { self["senderDisplayName"]?.text }

    /// The channel writes some ids without the `8:` that they have everywhere else.
    static func participant(_ id: String) -> ParticipantID {
        let bare = ["acs:", "spool:", "dod-acs:", "gcch-acs:", "orgid:"].contains { id.hasPrefix($0) }
        return ParticipantID(bare ? "8:\(id)" : id)
    }

    /// A time: RFC 3339 with up to 7 digits of a second, or milliseconds.
    static func moment(_ value: JSONValue?) -> Timestamp? {
        guard let value else { return nil }
        return value.integer.map { Timestamp(milliseconds: $0) } ?? value.text.flatMap { Timestamp(rfc3339: $0) }
    }

    /// A message's time cut to seconds as lists have it, so that an event and a list tell the same (promise P5).
    static func second(_ value: JSONValue?) -> Timestamp? {
        moment(value).map { Timestamp(milliseconds: $0.milliseconds - $0.milliseconds % 1000) }
    }
}
