public import TidemarkModel

/// Somebody in a space (wire page §3, `members`).
public struct AvayaMember: Hashable, Sendable {
    public var id: ParticipantID
    /// `userId`, or how else the member is named.
    public var memberType: String?
    /// `admin`, `member` or `guest`.
    public var role: String?
    public var joined: Timestamp?
    public var username: String?
    public var displayName: String?
    public var pictureURL: String?

    package var participant: Participant {
        Participant(id: id, displayName: displayName ?? username, role: role)
    }
}

extension AvayaMember {
    init(json: JSONValue) throws(MalformedItem) {
        guard json.members != nil else { throw MalformedItem(reason: "The member is no object.") }
        guard let id = json["member"]?.objectID ?? json.words("memberId", "_id") else {
            throw MalformedItem(reason: "The member has no id.")
        }
        let person = json["member"]?.members == nil ? json : json["member"] ?? json
        self.init(
            id: ParticipantID(id), memberType: json.words("memberType"), role: json.words("role"),
            joined: json["joinTime"]?.moment, username: json.words("username") ?? person.words("username"),
            displayName: json.words("displayname") ?? person.words("displayname"),
            pictureURL: json.words("picture_url") ?? person.words("picture_url"))
    }
}

/// Whom to invite: a user by id, or anybody by e-mail address.
public struct AvayaInvitee: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable {
        case email
        case userId
    }

    public var kind: Kind
    public var invitee: String
    /// `admin`, `member` or `guest`.
    public var role: String

    public init(_ kind: Kind, _ invitee: String, role: String = "member") {
        self.kind = kind
        self.invitee = invitee
        self.role = role
    }

    /// What holds an `@` is an address: ids are hexadecimal digits.
    public init(_ participant: Participant) {
        self.init(
            participant.id.rawValue.contains("@") ? .email : .userId, participant.id.rawValue, role: participant.role ?? "member")
    }

    var json: JSONValue {
        .object(["inviteeType": .string(kind.rawValue), "invitee": .string(invitee), "role": .string(role)])
    }
}
