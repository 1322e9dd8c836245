import HTTPTypes
import TidemarkModel

extension AvayaChatWire {
    struct Target {
        var method: HTTPRequest.Method = .get
        /// Behind `/api`.
        var path: String
        var query: [(String, String)] = []
    }

    func target(of operation: AvayaOperation) throws(ServiceError) -> Target {
        switch operation {
        case .me: Target(path: "/users/me")
        case .listSpaces(let query): Target(path: "/users/me/spaces", query: try Self.items(query))
        case .space(let space): Target(path: try Self.path(space))
        case .join(let space): Target(path: try Self.path(space) + "/join")
        case .joinInvitation(let id): Target(path: try "/spaces/invites" + PercentEncoding.path([id]) + "/join")
        case .createSpace: Target(method: .post, path: "/spaces/invite")
        case .invite(_, let space): Target(method: .post, path: try Self.path(space) + "/invite")
        case .direct(let type, let user):
            Target(path: try "/spaces/direct" + PercentEncoding.path([type.rawValue, user.rawValue]))
        case .updateSpace(let space, _, _): Target(method: .post, path: try Self.path(space))
        case .listMembers(let space, let size, let page, let search):
            Target(path: try Self.path(space) + "/members", query: try Self.items(size, page, search))
        case .preference(let space, _):
            Target(method: .post, path: try "/users/me" + Self.path(space) + "/preference")
        case .markRead(let space, _):
            Target(method: .post, path: try "/users/me" + Self.path(space) + "/markread")
        case .uploadURLs: Target(method: .post, path: "/files/getuploadurl")
        case .downloadURLs: Target(method: .post, path: "/files/getdownloadurl")
        case .downloadURLsByQuery(let keys):
            Target(path: "/files/getdownloadurl", query: keys.map { ("fileKeys", $0) })
        case .limit: Target(path: "/limit")
        case .serviceConfiguration: Target(path: "/service-configurations")
        case .flavors: Target(path: "/flavor")
        case .flavor(let email): Target(path: try "/flavor/email" + PercentEncoding.path([email]))
        default: try messageTarget(of: operation)
        }
    }

    private func messageTarget(of operation: AvayaOperation) throws(ServiceError) -> Target {
        switch operation {
        case .listMessages(let space, let query):
            return Target(path: try Self.path(space) + "/messages/query", query: try Self.items(query))
        case .listByReference(let space, let query):
            return Target(path: try Self.path(space) + "/messages/byref", query: try Self.items(query))
        case .listChanges(let query): return Target(path: "/users/me/messages", query: try Self.items(query))
        case .message(let id, _): return Target(path: try Self.path(id))
        case .send(_, let space): return Target(method: .post, path: try Self.path(space) + "/chats")
        case .post(_, let category, let notify, let space):
            return Target(
                method: .post, path: try Self.path(space) + Self.folder(category),
                query: notify.map { [("notify", String($0))] } ?? [])
        case .edit(let id, _, _, _, _): return Target(method: .post, path: try Self.path(id))
        case .delete(let ids, _):
            guard (1...Self.maximumDeletions).contains(ids.count) else {
                throw .refused(.invalid, "One request deletes 1 to \(Self.maximumDeletions) messages.")
            }
            return Target(method: .post, path: "/messages/deletemessages")
        case .listPosts(let category, let space, let query):
            return Target(path: try Self.path(space) + Self.folder(category), query: try Self.items(query))
        case .listComments(let category, let id, let query):
            return Target(
                path: try Self.folder(category) + PercentEncoding.path([id.rawValue]) + "/messages", query: try Self.items(query))
        default: throw .refused(.unsupported, "There is no such call.")
        }
    }

    /// As many as one `deletemessages` takes.
    static let maximumDeletions = 100

    private static func path(_ space: RemoteConversationID) throws(ServiceError) -> String {
        try "/spaces" + PercentEncoding.path([space.rawValue])
    }

    private static func path(_ message: RemoteMessageID) throws(ServiceError) -> String {
        try "/messages" + PercentEncoding.path([message.rawValue])
    }

    private static func folder(_ category: AvayaCategory) throws(ServiceError) -> String {
        switch category {
        case .idea: "/ideas"
        case .task: "/tasks"
        default: throw .refused(.unsupported, "Only posts (idea) and tasks have lists and comments of their own.")
        }
    }
}

// Queries, each with its members in the order of the wire page.
extension AvayaChatWire {
    private static func checked(size: Int?, page: Int? = nil) throws(ServiceError) {
        guard size ?? 1 >= 1, page ?? 0 >= 0 else {
            throw .refused(.invalid, "A page has at least one item, and pages are counted from 0.")
        }
    }

    private static func items(_ query: AvayaSpacesQuery) throws(ServiceError) -> [(String, String)] {
        try checked(size: query.size)
        return present([
            ("size", query.size.map(String.init)), ("search", query.search), ("topicstatus", query.status),
            ("topictype", query.type), ("filtertype", query.onlyPinned ? "pinned" : nil),
            ("includedeleted", query.includeDeleted.map(String.init)), ("after", milliseconds(query.after)),
        ])
    }

    private static func items(_ size: Int?, _ page: Int?, _ search: String?) throws(ServiceError) -> [(String, String)] {
        try checked(size: size, page: page)
        return present([("size", size.map(String.init)), ("page", page.map(String.init)), ("search", search)])
    }

    private static func items(_ query: AvayaMessagesQuery) throws(ServiceError) -> [(String, String)] {
        try checked(size: query.size)
        return present([
            ("category", query.category?.rawValue), ("refTime", query.reference?.rfc3339),
            ("direction", query.direction.rawValue), ("parentmsg_category", query.commentsOn?.rawValue),
            ("chatmsg_only", query.onlyChats ? "yes" : nil), ("file_only", query.onlyFiles ? "yes" : nil),
            ("searchstring", query.search), ("size", String(query.size)),
        ])
    }

    private static func items(_ query: AvayaReferenceQuery) throws(ServiceError) -> [(String, String)] {
        try checked(size: query.size)
        return present([
            ("size", query.size.map(String.init)), ("nextRefObjId", query.next?.rawValue),
            ("prevRefObjId", query.previous?.rawValue),
        ])
    }

    private static func items(_ query: AvayaChangesQuery) throws(ServiceError) -> [(String, String)] {
        try checked(size: query.size)
        guard (1...AvayaChangesQuery.maximumSpaces).contains(query.spaces.count),
            query.spaces.allSatisfy({ !$0.rawValue.isEmpty && !$0.rawValue.contains(",") })
        else { throw .refused(.invalid, "The feed takes 1 to \(AvayaChangesQuery.maximumSpaces) spaces.") }
        return present([
            ("spacelist", query.spaces.map(\.rawValue).joined(separator: ",")), ("size", String(query.size)),
            ("includedeleted", String(query.includeDeleted)), ("after", milliseconds(query.after)),
        ])
    }

    private static func milliseconds(_ moment: Timestamp?) -> String? {
        moment.map { String($0.milliseconds) }
    }

    private static func present(_ items: [(String, String?)]) -> [(String, String)] {
        items.compactMap { item in item.1.map { (item.0, $0) } }
    }
}
