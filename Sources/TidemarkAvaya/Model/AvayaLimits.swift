public import Foundation
import TidemarkModel

/// What the service allows: `GET /api/limit` (wire page §8). What it did not tell is `nil`.
public struct AvayaLimits: Hashable, Sendable {
    /// The largest file that the service takes: 1 GB (wire page §5).
    public static let largestFile: Int64 = 1 << 30

    public var restRequests: Int64?
    public var restInterval: Duration?
    /// The unit is not established: the printed example says 1048576 beside "1 GB".
    public var maximumUpload: Int64?
    public var socketConnections: Int64?
    public var socketEvents: Int64?
    public var socketInterval: Duration?
    public var socketPayloadKilobytes: Int64?
}

/// A region: its own REST interface and socket (wire page §1).
public struct AvayaFlavor: Hashable, Sendable {
    public var id: String
    public var rest: URL?
    public var socket: URL?

    /// These servers with the region's instead of the global ones.
    public func servers(instead servers: AvayaServers) -> AvayaServers {
        AvayaServers(rest: rest ?? servers.rest, socket: socket ?? servers.socket, accounts: servers.accounts)
    }
}

extension AvayaLimits {
    init(json: JSONValue) {
        let global = json["global"] ?? json["data"]?["global"]
        let rest = global?["rest_api"]
        let socket = global?["socketio"]
        restRequests = rest?["rate_limit"]?.integer
        restInterval = Self.seconds(rest?["rate_interval"])
        maximumUpload = rest?["max_upload_file_size"]?.integer
        socketConnections = socket?["max_connections"]?.integer
        socketEvents = socket?["rate_limit"]?.integer
        socketInterval = Self.seconds(socket?["rate_interval"])
        socketPayloadKilobytes = socket?["payload_size"]?.integer
    }

    private static func seconds(_ value: JSONValue?) -> Duration? {
        value?.integer.flatMap { (0...86_400_000).contains($0) ? .seconds($0) : nil }
    }
}

extension AvayaFlavor {
    init?(json: JSONValue) {
        guard let id = json.words("flavorId") else { return nil }
        let urls = json["urls"]
        self.init(
            id: id, rest: urls?.words("apis").flatMap { AvayaFileAddress.url($0) },
            socket: urls?.words("socket").flatMap { AvayaFileAddress.url($0) })
    }
}

extension AvayaServers {
    init(json: JSONValue, or servers: AvayaServers) {
        let answer = json["data"]?["spaces"] == nil ? json : json["data"] ?? json
        func url(_ value: JSONValue?, or known: URL) -> URL {
            value?.text.flatMap { AvayaFileAddress.url($0) } ?? known
        }
        self.init(
            rest: url(answer["spaces"]?["server_url"], or: servers.rest),
            socket: url(answer["spaces"]?["socketio_server_url"], or: servers.socket),
            accounts: url(answer["accounts"]?["server_url"], or: servers.accounts))
    }
}
