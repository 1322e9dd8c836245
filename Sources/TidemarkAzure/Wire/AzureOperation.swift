package import TidemarkModel

/// Every operation of the service (wire page §2), with all that its request says.
package enum AzureOperation: Hashable, Sendable {
    /// `repeatabilityID`: the same one again gives the same thread instead of a second.
    case createThread(
        topic: String, participants: [ChatParticipant], metadata: [String: String] = [:],
        retentionPolicy: ChatRetentionPolicy? = nil, repeatabilityID: String)
    case listThreads(resultsPerPage: Int? = nil, startTime: Timestamp? = nil)
    case getThread(RemoteConversationID)
    case updateThread(
        RemoteConversationID, topic: String? = nil, metadata: [String: String]? = nil,
        retentionPolicy: ChatRetentionPolicy? = nil)
    case deleteThread(RemoteConversationID)
    case sendMessage(OutgoingMessage, in: RemoteConversationID)
    case listMessages(resultsPerPage: Int? = nil, startTime: Timestamp? = nil, in: RemoteConversationID)
    case getMessage(RemoteMessageID, in: RemoteConversationID)
    case updateMessage(
        RemoteMessageID, content: String?, metadata: [String: String] = [:], in: RemoteConversationID)
    case deleteMessage(RemoteMessageID, in: RemoteConversationID)
    case listParticipants(resultsPerPage: Int? = nil, skip: Int? = nil, in: RemoteConversationID)
    case addParticipants([ChatParticipant], in: RemoteConversationID)
    case removeParticipant(CommunicationIdentifier, in: RemoteConversationID)
    case sendTyping(senderDisplayName: String? = nil, in: RemoteConversationID)
    case sendReceipt(RemoteMessageID, in: RemoteConversationID)
    case listReceipts(resultsPerPage: Int? = nil, skip: Int? = nil, in: RemoteConversationID)

    /// Reads write nothing, whatever becomes of their answers.
    package var isRead: Bool {
        switch self {
        case .listThreads, .getThread, .listMessages, .getMessage, .listParticipants, .listReceipts: true
        default: false
        }
    }
}
