import TidemarkModel

extension AvayaChatWire {
    /// Reads what one answer of the feed tells of several spaces (wire page §4).
    ///
    /// Each item is its `topicId`'s; one of a space that was not asked for is passed over. One that names none could be anybody's: it
    /// is set aside, and a page with rejects proves nothing of any of the spaces.
    func together(_ elements: [JSONValue], for request: PageRequest) -> Page {
        guard case .messages(let space) = request.subject else { return Page(items: .messages([])) }
        let spaces = Set([space] + request.furtherConversations)
        let asked = elements.filter { element in Self.space(of: element).map(spaces.contains) ?? true }
        let (messages, rejects) = MalformedItem.divide(asked) { json throws(MalformedItem) in
            guard let space = Self.space(of: json) else {
                throw MalformedItem(id: json.words("_id"), reason: "The item does not say which space it is of.")
            }
            return (space, try AvayaMessage(json: json).remote(from: .changes))
        }
        var told: [RemoteConversationID: [RemoteMessage]] = [:]
        for (space, message) in messages { told[space, default: []].append(message) }
        let own = told.removeValue(forKey: space) ?? []
        var page = Page(items: .messages(own), rejects: rejects)
        page.furtherMessages = told
        return page
    }

    private static func space(of item: JSONValue) -> RemoteConversationID? {
        item.words("topicId").map { RemoteConversationID($0) }
    }
}
