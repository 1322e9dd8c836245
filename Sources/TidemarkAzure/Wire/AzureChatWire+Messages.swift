package import TidemarkModel

extension AzureChatWire {
    /// A message in the engine's words: its place is the moment of its arrival, and the engine's two keys leave the metadata.
    package func remote(_ message: ChatMessage) -> RemoteMessage {
        var metadata = message.metadata
        let token = metadata.removeValue(forKey: tokenKey)
        let marker = metadata.removeValue(forKey: editKey)
        return RemoteMessage(
            id: message.id, version: message.version, sequence: message.sequenceID,
            place: Int64(message.id.rawValue) ?? message.createdOn.milliseconds, kind: message.type,
            // A tombstone's text is told as "" and means nothing.
            text: message.deletedOn == nil ? message.content.message : nil,
            sender: message.sender?.participantID, senderName: message.senderDisplayName, createdAt: message.createdOn,
            editedAt: message.editedOn, deletedAt: message.deletedOn, token: Self.token(token),
            editMarker: Self.token(marker), metadata: metadata, topic: message.content.topic,
            participants: message.content.participants.map(\.participant),
            initiator: message.content.initiator?.participantID, serviceData: message.serviceData)
    }

    /// An edit that removes a key leaves it as "" in some answers (recorded); that is no token.
    static func token(_ text: String?) -> Token? {
        text.flatMap { $0.isEmpty ? nil : Token($0) }
    }
}
