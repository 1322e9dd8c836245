public import TidemarkModel

/// Somebody in a chat thread.
public struct ChatParticipant: Hashable, Sendable {
    public var identifier: CommunicationIdentifier
    public var displayName: String?
    /// From when on the participant may read the history; `nil`: all of it (the service then answers 1970-01-01).
    public var shareHistoryTime: Timestamp?
    /// At most 1 KB in all; sent since API version 2025-03-15.
    public var metadata: [String: String]

    public init(
        _ identifier: CommunicationIdentifier, displayName: String? = nil, shareHistoryTime: Timestamp? = nil,
        metadata: [String: String] = [:]
    ) {
        self.identifier = identifier
        self.displayName = displayName
        self.shareHistoryTime = shareHistoryTime
        self.metadata = metadata
    }

    public init(_ participant: Participant) {
        self.init(
            CommunicationIdentifier(participant.id), displayName: participant.displayName,
            shareHistoryTime: participant.shareHistoryTime)
    }
}

extension ChatParticipant {
    init(json: JSONValue) throws(MalformedItem) {
        // Before 2021-01-27-preview4 the id stood in the participant itself.
        guard let identifier = json.identifier("communicationIdentifier", "identifier", "id", "participantId", "user") else {
            throw MalformedItem(reason: "The participant has no identifier.")
        }
        self.init(
            identifier, displayName: json["displayName"]?.text.flatMap { $0.isEmpty ? nil : $0 },
            shareHistoryTime: try json.timestamp("shareHistoryTime", of: "participant"),
            metadata: json["metadata"]?.texts ?? [:])
    }

    func json(_ version: AzureAPIVersion) -> JSONValue {
        .object(of: [
            "communicationIdentifier": identifier.json,
            "displayName": displayName.map { .string($0) },
            "shareHistoryTime": shareHistoryTime.map { .string($0.rfc3339) },
            "metadata": version.hasThreadMetadata && !metadata.isEmpty ? .texts(metadata) : nil,
        ])
    }

    /// The same participant in the engine's words.
    public var participant: Participant {
        Participant(id: identifier.participantID, displayName: displayName, shareHistoryTime: shareHistoryTime)
    }
}
