package import TidemarkModel

/// Every call of the REST interface (wire page §3 to §5), with all that its request says.
package enum AvayaOperation: Hashable, Sendable {
    case me
    case listSpaces(AvayaSpacesQuery)
    case space(RemoteConversationID)
    case join(RemoteConversationID)
    case joinInvitation(String)
    case createSpace(title: String, invitees: [AvayaInvitee])
    case invite([AvayaInvitee], to: RemoteConversationID)
    case direct(AvayaUserType, ParticipantID)
    case updateSpace(RemoteConversationID, title: String?, settings: JSONValue?)
    case listMembers(RemoteConversationID, size: Int?, page: Int?, search: String?)
    case preference(RemoteConversationID, AvayaPreference)
    case listMessages(RemoteConversationID, AvayaMessagesQuery)
    case listByReference(RemoteConversationID, AvayaReferenceQuery)
    case listChanges(AvayaChangesQuery)
    case message(RemoteMessageID, in: RemoteConversationID?)
    case send(AvayaOutgoingMessage, to: RemoteConversationID)
    case post(AvayaOutgoingMessage, AvayaCategory, notify: Bool?, to: RemoteConversationID)
    case edit(RemoteMessageID, body: String, details: String?, base: Timestamp?, in: RemoteConversationID?)
    case delete([RemoteMessageID], in: RemoteConversationID?)
    case listPosts(AvayaCategory, RemoteConversationID, AvayaReferenceQuery)
    case listComments(AvayaCategory, RemoteMessageID, AvayaReferenceQuery)
    case markRead(RemoteConversationID, until: Timestamp?)
    case uploadURLs([AvayaUpload], RemoteConversationID?)
    case downloadURLs([String])
    /// The same by GET, as the developer pages' prose has it (wire page §5).
    case downloadURLsByQuery([String])
    case limit
    case serviceConfiguration
    case flavors
    case flavor(email: String)

    /// Reads write nothing, whatever becomes of their answers.
    package var isRead: Bool {
        switch self {
        case .me, .listSpaces, .space, .listMembers, .listMessages, .listByReference, .listChanges, .message, .listPosts,
            .listComments, .downloadURLs, .downloadURLsByQuery, .limit, .serviceConfiguration, .flavors, .flavor:
            true
        case .join, .joinInvitation, .createSpace, .invite, .direct, .updateSpace, .preference, .send, .post, .edit,
            .delete, .markRead, .uploadURLs:
            false
        }
    }

    /// Calls with a limit of their own: one of them that is refused says nothing about the others (wire page §8).
    var hasOwnLimit: Bool {
        switch self {
        case .markRead, .createSpace, .invite, .uploadURLs: true
        default: false
        }
    }

    /// The space whose password goes along.
    var space: RemoteConversationID? {
        switch self {
        case .space(let space), .join(let space), .invite(_, let space), .updateSpace(let space, _, _),
            .listMembers(let space, _, _, _), .preference(let space, _), .listMessages(let space, _),
            .listByReference(let space, _), .send(_, let space), .post(_, _, _, let space), .listPosts(_, let space, _),
            .markRead(let space, _):
            space
        case .message(_, let space), .edit(_, _, _, _, let space), .delete(_, let space), .uploadURLs(_, let space): space
        case .listChanges(let query): query.spaces.count == 1 ? query.spaces.first : nil
        case .me, .listSpaces, .joinInvitation, .createSpace, .direct, .listComments, .downloadURLs, .downloadURLsByQuery,
            .limit, .serviceConfiguration, .flavors, .flavor:
            nil
        }
    }
}

extension AvayaOperation {
    /// What was said in a space, which spaces deny their guests as a rule (wire page §0).
    var isOfHistory: Bool {
        switch self {
        case .listMessages, .listChanges: true
        default: false
        }
    }
}
