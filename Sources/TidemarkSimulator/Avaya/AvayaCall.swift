internal import HTTPTypes
internal import TidemarkModel

/// A request, taken apart.
struct AvayaCall {
    let method: String
    /// The path's parts, percent-decoded, with the host's first part (`api`, `oauth2`, `storage`).
    let path: [String]
    let query: [(String, String)]
    let fields: HTTPFields
    let body: [UInt8]
    let now: Int64

    init(_ request: HTTPRequest, _ body: [UInt8], now: Int64) {
        method = request.method.rawValue
        let target = request.path ?? "/"
        let parts = target.utf8.split(separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
        path = parts[0].split(separator: UInt8(ascii: "/")).map { WireText.decoded(Substring($0)) }
        query = parts.count > 1 ? Self.pairs(Substring(parts[1])) : []
        fields = request.headerFields
        self.body = body
        self.now = now
    }

    /// `name=value&name=value`, where `+` is a space.
    static func pairs(_ text: Substring) -> [(String, String)] {
        text.split(separator: "&").map { pair in
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                .map { WireText.decoded(Substring($0.replacing("+", with: " "))) }
            return (sides[0], sides.count > 1 ? sides[1] : "")
        }
    }

    func parameter(_ name: String) -> String? {
        query.first { $0.0 == name }?.1
    }

    func flag(_ name: String) -> Bool {
        ["true", "yes", "1"].contains(parameter(name)?.lowercased() ?? "")
    }

    /// How many items a page has: what is asked for, within what there may be.
    func size(_ usual: Int, most: Int = 50) -> Int {
        min(max(parameter("size").flatMap { Int($0) } ?? usual, 1), most)
    }

    /// The body as an object, or the refusal that the service gives.
    func object() throws(AvayaRefusal) -> JSON {
        guard !body.isEmpty else { return .members() }
        guard let json = JSON(body), json.members != nil else { throw .invalid("The request's body is not valid JSON.") }
        return json
    }

    /// The body's fields, whether they are sent as JSON or as a form (wire page §2).
    func textFields() throws(AvayaRefusal) -> [String: String] {
        let type = fields[.contentType]?.lowercased() ?? ""
        guard type.hasPrefix("application/x-www-form-urlencoded") else {
            let members = try object().members ?? []
            return Dictionary(members.compactMap { name, value in value.text.map { (name, $0) } }) { $1 }
        }
        return Dictionary(Self.pairs(Substring(String(decoding: body, as: UTF8.self)))) { $1 }
    }

    /// A name for counting and for rates: method and shape of the path.
    var operation: String {
        if path.first == "storage" { return "\(method) storage" }
        let parts = path.dropFirst(path.first == "api" ? 1 : 0).prefix(5).map { part in
            AvayaID.isWellFormed(part) ? "{id}" : part
        }
        return ([method] + parts).joined(separator: " ")
    }
}

enum AvayaID {
    /// 24 hex digits.
    static func isWellFormed(_ text: String) -> Bool {
        text.utf8.count == 24
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
            }
    }
}

/// An answer before it is bytes.
struct AvayaReply {
    var status = 200
    var body: JSON?
    /// What is answered as it is: a file.
    var content: [UInt8] = []
    var contentType = "application/json; charset=utf-8"
    var fields: [(HTTPField.Name, String)] = []

    init(status: Int = 200, _ body: JSON? = nil) {
        self.status = status
        self.body = body
    }

    /// Under `data`, as most answers are.
    static func data(_ items: [JSON], status: Int = 200) -> AvayaReply {
        AvayaReply(status: status, .members(("data", .list(items))))
    }

    var response: TransportResponse {
        var head = HTTPResponse(status: .init(code: status))
        for (name, value) in fields { head.headerFields[name] = value }
        let bytes = body?.bytes ?? content
        if !bytes.isEmpty { head.headerFields[.contentType] = contentType }
        return TransportResponse(head: head, body: bytes)
    }
}

/// A refusal in the service's words.
struct AvayaRefusal: Error {
    var status: Int
    var code: String
    var message: String
    var retryAfter: Int64?

    static let unauthorized = AvayaRefusal(
        status: 401, code: "auth.unauthorized", message: "The token is missing, unknown or has expired.")
    static let forbidden = AvayaRefusal(status: 403, code: "access.forbidden", message: "The user has no right to do this.")
    static let wrongPassword = AvayaRefusal(
        status: 403, code: "topic.password.invalid", message: "The space's password is missing or wrong.")
    static let notFound = AvayaRefusal(status: 404, code: "resource.notfound", message: "The resource was not found.")

    static func invalid(_ message: String) -> AvayaRefusal {
        AvayaRefusal(status: 400, code: "request.invalid", message: message)
    }

    func reply(_ behavior: AvayaBehavior) -> AvayaReply {
        let object = JSON.members(("code", .text(code)), ("message", .text(message)))
        var reply = AvayaReply(status: status, behavior.wrapsErrors ? .members(("error", object)) : object)
        if let retryAfter { reply.fields.append((.retryAfterSeconds, String(retryAfter))) }
        return reply
    }
}
