internal import HTTPTypes
internal import TidemarkModel

/// A request, taken apart.
struct AzureCall {
    static let versions = ["2021-03-07", "2021-04-05-preview6", "2021-09-07", "2023-11-07", "2024-03-07", "2025-03-15"]

    let method: String
    /// The path's parts, percent-decoded.
    let path: [String]
    let rawTarget: String
    let query: [(String, String)]
    let fields: HTTPFields
    let body: [UInt8]
    let now: Int64
    let authority: String

    init(_ request: HTTPRequest, _ body: [UInt8], now: Int64) {
        method = request.method.rawValue
        rawTarget = request.path ?? "/"
        authority = request.authority ?? ""
        // By bytes: the separators are ASCII, and a target is read for every request of a history.
        let parts = rawTarget.utf8.split(separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
        path = parts[0].split(separator: UInt8(ascii: "/")).map { WireText.decoded(Substring($0)) }
        query =
            parts.count > 1
            ? parts[1].split(separator: UInt8(ascii: "&")).map { pair in
                let sides = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
                    .map { WireText.decoded(Substring($0)) }
                return (sides[0], sides.count > 1 ? sides[1] : "")
            } : []
        fields = request.headerFields
        self.body = body
        self.now = now
    }

    func parameter(_ name: String) -> String? {
        query.first { $0.0.lowercased() == name.lowercased() }?.1
    }

    var version: String { parameter("api-version") ?? "" }

    var pageSize: Int? { parameter("maxPageSize").flatMap { Int($0) } }

    var bearer: String? {
        guard let value = fields[.authorization], value.lowercased().hasPrefix("bearer ") else { return nil }
        return String(value.dropFirst(7))
    }

    /// The body as an object, or the refusal that the service gives.
    func object() throws(AzureRefusal) -> JSON {
        guard let json = JSON(body), json.members != nil else {
            throw AzureRefusal(status: 400, code: "BadRequest", message: "The request's body is not valid JSON.")
        }
        return json
    }

    /// A name for counting: method and shape of the path.
    var operation: String {
        if path.first == "identities" { return "identity" }
        let tail = path.dropFirst(3).map { Int64($0) == nil ? $0 : "{id}" }
        return ([method, path.count > 2 ? "thread" : "threads"] + tail).joined(separator: " ")
    }
}

/// An answer before it is bytes.
struct AzureReply {
    var status: Int
    var body: JSON?
    var fields: [(HTTPField.Name, String)] = []

    var response: TransportResponse {
        var head = HTTPResponse(status: .init(code: status))
        for (name, value) in fields { head.headerFields[name] = value }
        guard let body else { return TransportResponse(head: head) }
        head.headerFields[.contentType] = "application/json; charset=utf-8"
        return TransportResponse(head: head, body: body.bytes)
    }
}

/// A refusal in the service's words.
struct AzureRefusal: Error {
    var status: Int
    var code: String?
    var message = ""
    var retryAfter: Int64?

    static let unauthorized = AzureRefusal(status: 401)
    static let forbidden = AzureRefusal(status: 403, code: "Forbidden", message: "The user is not allowed to do this.")
    static let notFound = AzureRefusal(status: 404, code: "NotFound", message: "The resource was not found.")
    static let invalid = AzureRefusal(status: 400, code: "BadRequest", message: "The request is not valid.")

    /// The wrapper follows the version: capitalised up to 2021-09-07 (recorded), lower case in the specification.
    func reply(for call: AzureCall) -> AzureReply {
        var reply = AzureReply(status: status)
        if let retryAfter { reply.fields.append((.retryAfterSeconds, String(retryAfter))) }
        guard let code else { return reply }
        let isOld = call.version <= "2021-09-07" && call.path.first == "chat"
        reply.body =
            isOld
            ? .members(
                ("CommunicationError", .members(("Code", .text(code)), ("Message", .text(message)), ("Details", .list([])))))
            : .members(("error", .members(("code", .text(code)), ("message", .text(message)))))
        return reply
    }
}
