public import TidemarkModel

/// What a token is good for.
public struct CommunicationTokenScope: RawRepresentable, Hashable, Sendable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    public static let chat = CommunicationTokenScope(rawValue: "chat")
    /// Chat without making, deleting or changing threads.
    public static let chatJoin = CommunicationTokenScope(rawValue: "chat.join")
    /// As `chatJoin`, and without adding or removing participants.
    public static let chatJoinLimited = CommunicationTokenScope(rawValue: "chat.join.limited")
    public static let voip = CommunicationTokenScope(rawValue: "voip")
    public static let voipJoin = CommunicationTokenScope(rawValue: "voip.join")
}

/// A token that the identity service made. It never shows itself; ``text`` is the secret.
public struct IssuedToken: Hashable, Sendable {
    public let text: String
    public let expiresOn: Timestamp
}

extension IssuedToken: CustomStringConvertible, CustomReflectable {
    public var description: String { "IssuedToken(until \(expiresOn.rfc3339))" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// A new user with its first token.
public struct CommunicationUserAndToken: Hashable, Sendable {
    public let user: CommunicationIdentifier
    public let token: IssuedToken
}
