public import TidemarkModel

/// A user as the service tells of one: in `users/me`, as a message's sender.
public struct AvayaUser: Hashable, Sendable {
    public var id: ParticipantID
    /// `user` or `anonymous`: `aType` of `users/me`, `type` of a sender.
    public var type: String?
    /// An e-mail address, or any name that a guest gave; empty for a guest who gave none.
    public var username: String?
    public var displayName: String?
    public var pictureURL: String?
    /// JSON of fields that this type doesn't name; bounded.
    public var serviceData: String?

    public var isGuest: Bool { type == "anonymous" }
}

extension AvayaUser {
    private static let known: Set<String> = [
        "_id", "aType", "type", "username", "displayname", "picture_url", "picturefile",
    ]

    init?(json: JSONValue) {
        guard json.members != nil, let id = json.words("_id") else { return nil }
        self.id = ParticipantID(id)
        type = json.words("aType", "type")
        username = json.words("username")
        displayName = json.words("displayname")
        pictureURL = json.words("picture_url", "picturefile")
        serviceData = ServiceData.of(json, without: Self.known)
    }
}
