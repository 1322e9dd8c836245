import TidemarkModel

extension AzureEventPayload {
    func conversation(_ event: AzureEvent) throws(ServiceError) -> RemoteConversation {
        var conversation = RemoteConversation(
            id: try thread(), topic: inner("properties")?["topic"]?.text, version: self["version"]?.integer)
        switch event {
        case .chatThreadCreated:
            conversation.createdAt = Self.second(self["createTime"])
            let creator = inner("createdBy") ?? self["createdBy"]
            conversation.createdBy = creator.flatMap { Self.participant($0)?.id }
        case .chatThreadDeleted:
            guard let deleted = Self.second(self["deleteTime"]) ?? conversation.version.map({ Timestamp(milliseconds: $0) })
            else {
                throw Self.unreadable("The event does not say when the thread was deleted.")
            }
            conversation.deletedAt = deleted
        default:
            break
        }
        return conversation
    }

    func added(_ name: String) throws(ServiceError) -> [RemoteEvent] {
        let participants = try participants(name)
        return participants.isEmpty ? [] : [.participantsAdded(participants, in: try thread())]
    }

    /// The participants under a name. One that can't be read makes the event unreadable: the list is then pulled.
    func participants(_ name: String) throws(ServiceError) -> [Participant] {
        guard let elements = inner(name)?.elements else {
            guard self[name] == nil else { throw Self.unreadable("The event's \(name) is no list.") }
            return []
        }
        var participants: [Participant] = []
        for element in elements {
            guard let participant = Self.participant(element) else {
                throw Self.unreadable("A participant of the event has no id.")
            }
            participants.append(participant)
        }
        return participants
    }

    /// `{participantId, displayName, shareHistoryTime}`, where the time is in milliseconds.
    private static func participant(_ json: JSONValue) -> Participant? {
        guard
            let identifier = json.identifier("participantId", "communicationIdentifier", "id")
                ?? CommunicationIdentifier(json: json)
        else { return nil }
        return Participant(
            id: participant(identifier.rawID), displayName: json["displayName"]?.text.flatMap { $0.isEmpty ? nil : $0 },
            shareHistoryTime: moment(json["shareHistoryTime"]))
    }
}
