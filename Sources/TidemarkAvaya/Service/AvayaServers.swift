public import Foundation

/// Where the service's parts live. They are data: a region has its own (wire page §1), and a test has its own machine.
public struct AvayaServers: Hashable, Sendable {
    /// The REST interface, without `/api`.
    public var rest: URL
    /// The socket, without `/socket.io`.
    public var socket: URL
    /// Where OAuth tokens come from.
    public var accounts: URL

    public init(rest: URL, socket: URL, accounts: URL) {
        self.rest = rest
        self.socket = socket
        self.accounts = accounts
    }

    public static let production = AvayaServers(
        rest: web("spacesapis.avayacloud.com"), socket: web("spacesapis-socket.avayacloud.com"),
        accounts: web("accounts.avayacloud.com"))

    public static let staging = AvayaServers(
        rest: web("loganstagingapis.esna.com"), socket: web("loganstagingapis-socket.esna.com"),
        accounts: web("onesnastaging.esna.com"))

    private static func web(_ host: StaticString) -> URL {
        guard let url = URL(string: "https://\(host)") else { preconditionFailure("A host that is written here is one.") }
        return url
    }
}
