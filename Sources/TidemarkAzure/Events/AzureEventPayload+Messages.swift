import TidemarkModel

extension AzureEventPayload {
    /// One copy of a message. It has no sequence; what it doesn't say is absent, not empty.
    func message(_ event: AzureEvent) throws(ServiceError) -> RemoteMessage {
        guard let id = self["messageId"]?.text else { throw Self.unreadable("The event names no message.") }
        guard let version = self["version"]?.integer else { throw Self.unreadable("The event has no version.") }
        let arrival = Self.second(self["originalArrivalTime"])
        var message = RemoteMessage(
            id: RemoteMessageID(id), version: version, place: Int64(id) ?? arrival?.milliseconds,
            kind: self["messageType"]?.text.map { MessageKind(wire: $0) }, sender: try sender(), senderName: senderName,
            createdAt: arrival ?? Int64(id).map { Timestamp(milliseconds: $0 - $0 % 1000) })
        switch event {
        case .chatMessageDeleted:
            // A delete whose time can't be read is still a delete: the version is the moment of the change.
            message.deletedAt = Self.second(self["deletetime"]) ?? Timestamp(milliseconds: version)
        default:
            message.text = json["messageBody"]?.text
            if event == .chatMessageEdited {
                message.editedAt = Self.second(self["edittime"]) ?? Timestamp(milliseconds: version)
            }
        }
        addMetadata(to: &message)
        return message
    }

    private func addMetadata(to message: inout RemoteMessage) {
        let wire = AzureChatWire.self
        var metadata = inner("acsChatMessageMetadata")?.texts ?? [:]
        message.token = wire.token(metadata.removeValue(forKey: wire.defaultTokenKey))
        message.editMarker = wire.token(metadata.removeValue(forKey: wire.defaultEditKey))
        message.metadata = metadata
    }

    /// A reader's mark. `consumptionhorizon` is `<message ms>;<read ms>;<n>`.
    func receipt() throws(ServiceError) -> Receipt {
        let body = inner("messageBody")
        let horizon = (body?["consumptionhorizon"] ?? json["consumptionhorizon"])?.text?.split(separator: ";") ?? []
        let parts = horizon.map { Int64($0) }
        guard let message = self["messageId"]?.text ?? horizon.first.map(String.init) else {
            throw Self.unreadable("The receipt names no message.")
        }
        guard let read = parts.dropFirst().first ?? nil else { throw Self.unreadable("The receipt has no time.") }
        let reader: ParticipantID
        if let user = body?["user"]?.text {
            reader = Self.participant(user)
        } else {
            reader = try sender()
        }
        return Receipt(
            participant: reader, message: RemoteMessageID(message), readAt: Timestamp(milliseconds: read - read % 1000))
    }
}
