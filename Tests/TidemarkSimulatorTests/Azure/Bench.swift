import HTTPTypes
import TidemarkModel
@testable import TidemarkSimulator

/// Calls a simulator without a client, and moves its time.
struct Bench {
    struct Answer {
        var status: Int
        var json: JSON?
        var fields: HTTPFields
        var bytes: [UInt8]

        subscript(_ name: String) -> JSON? { json?[name] }
        var items: [JSON] { json?["value"]?.list ?? [] }
        var nextLink: String? { json?["nextLink"]?.text }
    }

    var azure: AzureSimulator
    var now: Int64 = 1_700_000_000_000
    var version = "2024-03-07"

    init(seed: UInt64 = 1, _ change: (inout AzureBehavior) -> Void = { _ in }) {
        var behavior = AzureBehavior()
        change(&behavior)
        azure = AzureSimulator(seed: seed, behavior: behavior)
    }

    static func request(_ method: String, _ target: String, token: String) -> HTTPRequest {
        var request = HTTPRequest(
            method: HTTPRequest.Method(method) ?? .get, scheme: "https",
            authority: "simulated.communication.azure.com", path: target)
        request.headerFields[.authorization] = "Bearer \(token)"
        return request
    }

    /// One call by the user of a number; a path without a query gets the version.
    @discardableResult
    mutating func call(
        _ method: String, _ path: String, _ body: String = "", as user: Int = 0, token: String? = nil,
        repeatability: String? = nil
    ) -> Answer {
        now += 5
        let target = path.contains("api-version=") ? path : "\(path)\(path.contains("?") ? "&" : "?")api-version=\(version)"
        var request = Self.request(method, target, token: token ?? azure.users[user].token)
        if let repeatability, let name = HTTPField.Name("repeatability-request-id") {
            request.headerFields[name] = repeatability
        }
        return send(request, body)
    }

    mutating func send(_ request: HTTPRequest, _ body: String) -> Answer {
        let response = azure.respond(to: request, body: Array(body.utf8), now: Timestamp(milliseconds: now))
        return Answer(
            status: response.head.status.code, json: JSON(response.body), fields: response.head.headerFields,
            bytes: response.body)
    }

    /// Follows a link as clients do: its path and query.
    mutating func follow(_ link: String) -> Answer {
        call("GET", String(link.dropFirst(azure.baseURL.count)))
    }

    /// A thread of the first user with the second in it; its path.
    mutating func thread(_ topic: String = "Topic") -> String {
        let member = #"[{"communicationIdentifier":{"communicationUser":{"id":"\#(azure.users[1].id)"}}}]"#
        let made = call("POST", "/chat/threads", #"{"topic":"\#(topic)","participants":\#(member)}"#)
        return "/chat/threads/" + (made["chatThread"]?["id"]?.text ?? "")
    }

    mutating func message(_ text: String, in thread: String, as user: Int = 0) -> String {
        call("POST", thread + "/messages", #"{"content":"\#(text)"}"#, as: user)["id"]?.text ?? ""
    }
}
