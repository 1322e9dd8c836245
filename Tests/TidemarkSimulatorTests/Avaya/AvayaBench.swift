import HTTPTypes
import TidemarkModel
@testable import TidemarkSimulator

/// Calls a simulator of Avaya without a client, and moves its time.
struct AvayaBench {
    struct Answer {
        var status: Int
        var json: JSON?
        var fields: HTTPFields
        var bytes: [UInt8]

        subscript(_ name: String) -> JSON? { json?[name] }
        var items: [JSON] { json?["data"]?.list ?? [] }
        var ids: [String] { items.compactMap { $0["_id"]?.text } }
        var texts: [String] { items.compactMap { $0["content"]?["bodyText"]?.text } }
        var nextLink: String? { json?["nextPageUrl"]?.text.flatMap { ["", "end"].contains($0) ? nil : $0 } }
        /// A bare object, or the one under `data`.
        var object: JSON? { json?["data"]?.list?.first ?? json?["data"] ?? json }
    }

    var avaya: AvayaSimulator
    var now: Int64 = 1_700_000_000_000

    init(seed: UInt64 = 1, _ change: (inout AvayaBehavior) -> Void = { _ in }) {
        var behavior = AvayaBehavior()
        change(&behavior)
        avaya = AvayaSimulator(seed: seed, behavior: behavior)
    }

    var time: Timestamp { Timestamp(milliseconds: now) }

    /// One call, by the user of a number or with an `Authorization` of its own; `""` is none.
    @discardableResult
    mutating func call(
        _ method: String, _ target: String, _ body: String = "", as user: Int = 0, authorization: String? = nil,
        type: String = "application/json", password: String? = nil
    ) -> Answer {
        now += 5
        var request = request(method, target)
        let proof = authorization ?? "jwt \(avaya.users[user].token)"
        request.headerFields[.authorization] = proof.isEmpty ? nil : proof
        request.headerFields[.contentType] = type
        if let password, let name = HTTPField.Name("spaces-x-space-password") { request.headerFields[name] = password }
        let response = avaya.respond(to: request, body: Array(body.utf8), now: time)
        return Answer(
            status: response.head.status.code, json: JSON(response.body), fields: response.head.headerFields,
            bytes: response.body)
    }

    /// As the first user would ask.
    func request(_ method: String, _ target: String) -> HTTPRequest {
        let path = target.hasPrefix("https://") ? String(target.dropFirst(8).drop { $0 != "/" }) : target
        var request = HTTPRequest(
            method: HTTPRequest.Method(method) ?? .get, scheme: "https", authority: "spacesapis.simulated.example", path: path)
        request.headerFields[.authorization] = "jwt \(avaya.users[0].token)"
        return request
    }

    /// A group space of the first user with the second in it.
    mutating func space(_ title: String = "Space", password: String? = nil, guestsSeeHistory: Bool = true) -> String {
        now += 5
        return avaya.createSpace(
            title, by: avaya.users[0].id, with: [avaya.users[1].id], password: password, guestsSeeHistory: guestsSeeHistory,
            now: time)
    }

    /// Sends a chat; gives its id.
    mutating func send(_ text: String, in space: String, as user: Int = 0) -> String {
        let body = JSON.members(("content", .members(("bodyText", .text(text)))))
        return call("POST", "/api/spaces/\(space)/chats", body.written, as: user).ids.first ?? ""
    }

    /// Every page from a first address on, as clients walk.
    mutating func walk(_ target: String, as user: Int = 0) -> [Answer] {
        var pages = [call("GET", target, as: user)]
        while let link = pages.last?.nextLink, pages.count < 50 { pages.append(call("GET", link, as: user)) }
        return pages
    }

    mutating func feed(_ space: String, _ after: Int64 = 0, _ more: String = "&includedeleted=true", as user: Int = 0) -> [JSON] {
        walk("/api/users/me/messages?spacelist=\(space)&after=\(after)\(more)", as: user).flatMap(\.items)
    }

    mutating func guest(_ name: String = "Ann") -> Int {
        now += 5
        avaya.addGuest(name, now: time)
        return avaya.users.count - 1
    }
}
