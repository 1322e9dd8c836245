public import TidemarkModel

/// What became of the messages of one `deletemessages` (wire page §4).
public struct AvayaDeleteResult: Hashable, Sendable {
    /// A message that is still there, and why.
    public struct Refusal: Hashable, Sendable {
        public var id: RemoteMessageID
        public var code: String?
        /// The service's own words.
        public var message: String?
    }

    public var deleted: [RemoteMessageID] = []
    /// Already gone, or never there: `notFoundMmessages`, as the service spells it.
    public var notFound: [RemoteMessageID] = []
    public var notDeleted: [Refusal] = []
    /// Not this user's to delete: `noPermittedMessages`.
    public var notPermitted: [Refusal] = []
}

extension AvayaDeleteResult {
    /// `nil` if none of the lists is there.
    init?(json: JSONValue) {
        let lists = [
            json["deletedMessages"], json["notFoundMmessages", "notFoundMessages"], json["notDeletedMessages"],
            json["noPermittedMessages", "notPermittedMessages"],
        ].map { $0?.elements }
        guard lists.contains(where: { $0 != nil }) else { return nil }
        let refusals = lists.map { list in (list ?? []).compactMap { Refusal(json: $0) } }
        (deleted, notFound) = (refusals[0].map(\.id), refusals[1].map(\.id))
        (notDeleted, notPermitted) = (refusals[2], refusals[3])
    }
}

extension AvayaDeleteResult.Refusal {
    /// A bare id, or `{messageId, reason{code, message}}`.
    init?(json: JSONValue) {
        guard let id = json.words("messageId") ?? json.objectID else { return nil }
        let reason = json["reason"]
        self.init(
            id: RemoteMessageID(id), code: reason?.words("code"), message: reason?.words("message") ?? reason?.text)
    }
}
