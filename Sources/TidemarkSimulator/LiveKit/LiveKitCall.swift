internal import HTTPTypes
internal import TidemarkModel

/// A request to the room service, taken apart.
struct LiveKitCall {
    static let service = "/twirp/livekit.RoomService/"

    let method: String
    let path: String
    /// The procedure's name, `nil` for another path.
    let procedure: String?
    let contentType: String
    /// As it stands in the header; `nil`: none.
    let authorization: String?
    let body: [UInt8]
    /// Unix milliseconds.
    let now: Int64

    init(_ request: HTTPRequest, _ body: [UInt8], now: Int64) {
        method = request.method.rawValue
        path = String((request.path ?? "/").prefix { $0 != "?" })
        procedure = path.hasPrefix(Self.service) ? String(path.dropFirst(Self.service.count)) : nil
        let type = request.headerFields[.contentType] ?? ""
        contentType = type.prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
        authorization = request.headerFields[.authorization]
        self.body = body
        self.now = now
    }

    var isJSON: Bool { contentType == "application/json" }

    var isProtobuf: Bool { contentType == "application/protobuf" }

    func request() throws(LiveKitRefusal) -> LiveKitRequest {
        guard let request = LiveKitRequest(body, isJSON: isJSON) else { throw .malformed(isJSON: isJSON) }
        return request
    }
}

/// A refusal in the server's words: an error of Twirp, or plain text from in front of it (wire page §4).
enum LiveKitRefusal: Error, Hashable {
    case twirp(code: String, message: String, meta: [String: String] = [:])
    case plain(status: Int, text: String)

    static let denied = twirp(code: "unauthenticated", message: "permissions denied")
    static let noResponse = twirp(code: "unavailable", message: "no response from servers")

    static func malformed(isJSON: Bool) -> LiveKitRefusal {
        twirp(code: "malformed", message: "the \(isJSON ? "json" : "protobuf") request could not be decoded")
    }

    static func invalid(_ argument: String, _ message: String) -> LiveKitRefusal {
        twirp(code: "invalid_argument", message: "\(argument) \(message)", meta: ["argument": argument])
    }

    static func notFound(_ message: String) -> LiveKitRefusal { twirp(code: "not_found", message: message) }

    static func badRoute(_ call: LiveKitCall, _ message: String) -> LiveKitRefusal {
        twirp(code: "bad_route", message: message, meta: ["twirp_invalid_route": "\(call.method) \(call.path)"])
    }

    private static let statuses = [
        "invalid_argument": 400, "malformed": 400, "unauthenticated": 401, "not_found": 404, "bad_route": 404,
        "deadline_exceeded": 408, "resource_exhausted": 429, "internal": 500, "unimplemented": 501, "unavailable": 503,
    ]

    /// What the server says with a status, where a fault wants that status.
    static func of(status: Int) -> LiveKitRefusal {
        switch status {
        case 401: .plain(status: 401, text: "invalid authorization token")
        case 404: .notFound("requested room does not exist")
        case 408: .twirp(code: "deadline_exceeded", message: "request timed out")
        case 429: .twirp(code: "resource_exhausted", message: "too many requests")
        case 500: .twirp(code: "internal", message: "internal error")
        case 503: .noResponse
        default: .plain(status: status, text: "a simulated fault")
        }
    }

    var response: TransportResponse {
        switch self {
        case .plain(let status, let text):
            var head = HTTPResponse(status: .init(code: status))
            head.headerFields[.contentType] = "text/plain; charset=utf-8"
            return TransportResponse(head: head, body: Array(text.utf8))
        case .twirp(let code, let message, let meta):
            var head = HTTPResponse(status: .init(code: Self.statuses[code] ?? 500))
            head.headerFields[.contentType] = "application/json"
            let details = meta.sorted { $0.key < $1.key }.map { ($0.key, JSON.text($0.value)) }
            let body = JSON.members(
                ("code", .text(code)), ("msg", .text(message)), ("meta", details.isEmpty ? nil : .object(details)))
            return TransportResponse(head: head, body: body.bytes)
        }
    }
}
