package import TidemarkModel

/// What happens to a socket.
package enum SpacesSocketInput: Hashable, Sendable {
    case start
    case stop
    /// The transport's connection of this number is open, made with this access.
    case opened(connection: Int, AvayaAccess)
    case text(String, connection: Int)
    case closed(SpacesSocketEnd, connection: Int)
    /// The time has come that ``SpacesSocket/wakeUp`` told.
    case tick
    /// The whole list of spaces to be subscribed to: the answer to ``SpacesSocketEffect/list``.
    case want([RemoteConversationID])
    case listFailed
    case subscribe(RemoteConversationID, password: String?)
    case unsubscribe(RemoteConversationID)
    case send(SpacesMessage)
    /// The user is writing in a space. It is told now or never.
    case typing(RemoteConversationID)
    /// Whoever waits for a send waits no longer.
    case withdraw(Token)
}

/// What a socket wants done, in this order.
package enum SpacesSocketEffect: Hashable, Sendable {
    /// Ask the credential, for another access than the last one if that was refused, and open a connection. The ones of lower
    /// numbers have to be closed before.
    case connect(connection: Int, renewing: Bool)
    case write(String, connection: Int)
    case close(connection: Int)
    /// Find out which spaces are to be subscribed to.
    case list
    case tell(SpacesSocketNews)
    /// A send is over. Each ends exactly once.
    case settle(Token, Result<RemoteMessageID, ServiceError>)
}

/// How a connection ended, or didn't begin.
package enum SpacesSocketEnd: Hashable, Sendable {
    /// Broken, or closed by the other side, or not to be made.
    case lost
    /// The handshake was answered with an HTTP status.
    case refused(status: Int)
    /// The credential gave nothing to open it with.
    case noAccess(ServiceError)

    package init(_ error: TransportError) {
        self = error.code.refusedStatus.map { .refused(status: $0) } ?? .lost
    }
}

/// What a socket has to say to the program.
package enum SpacesSocketNews: Hashable, Sendable {
    /// All spaces that can be are subscribed to: what happened before is to be pulled. Again when more have come.
    case up
    /// Nothing is received from here on.
    case down
    /// A pushed event, by the service's name of it.
    case event(name: String, payload: [UInt8])
    case subscribed(RemoteConversationID)
    case subscriptionRefused(RemoteConversationID)
    case refused(SpacesSocketRefusal)
    /// A frame could not be read: something may be missing.
    case missed
}

/// Why the service doesn't let a socket in. It is tried again later in any case.
public enum SpacesSocketRefusal: Hashable, Sendable, CustomStringConvertible {
    /// The token: the credential is asked for another.
    case token
    /// The user has as many connections as the service allows: three (wire page §8).
    case tooManyConnections
    case other(status: Int?)

    public var description: String {
        switch self {
        case .token: "The service refused the socket's token; the credential is asked for another."
        case .tooManyConnections:
            "The service allows a user three connections at a time, and they are in use; close another program of this user."
        case .other(let status):
            "The service refused the socket\(status.map { " (HTTP \($0))" } ?? ""); it is tried again later."
        }
    }
}

/// A message to be sent by the socket.
package struct SpacesMessage: Hashable, Sendable {
    /// Comes back in the echo, and only there: it correlates, and makes no repeat safe (wire page §0).
    package var token: Token
    package var space: RemoteConversationID
    /// HTML, as the service keeps it.
    package var body: String
    package var category: String
    /// The post or task that it comments on.
    package var parent: RemoteMessageID?
    /// The attachments, a JSON array.
    package var attachments: SocketJSON

    package init(
        token: Token, space: RemoteConversationID, body: String, category: String = "chat", parent: RemoteMessageID? = nil,
        attachments: SocketJSON = SocketJSON("[]")
    ) {
        self.token = token
        self.space = space
        self.body = body
        self.category = category
        self.parent = parent
        self.attachments = attachments
    }
}
