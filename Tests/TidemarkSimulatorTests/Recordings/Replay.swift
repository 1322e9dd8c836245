import Foundation
import HTTPTypes
import TidemarkModel
@testable import TidemarkSimulator

/// Gives the simulator the requests of recorded sessions, with the ids that it made itself in place of the recorded ones.
///
/// Android and Java recorded no bodies. Theirs are derived: a message from the copy that the session reads later, a
/// refused identifier from the refusal's words, the rest from nothing.
struct Replay {
    var simulator = AzureSimulator(seed: 7)
    private let session: [RecordedExchange]
    private var now: Int64 = 1_700_000_000_000
    private var ids: [String: String] = [:]
    /// The recorded id of who made a thread: the one client of its session.
    private var callers: [String: String] = [:]
    private var lastCaller = ""
    private var lastSent: [String: String] = [:]
    private var added: [String: [String]] = [:]
    private var nextLinks: [String: String] = [:]

    init(_ session: [RecordedExchange]) {
        self.session = session
        for exchange in session {
            if let thread = exchange.answer?["chatThread"] {
                callers[thread["id"]?.text ?? ""] = thread["createdByCommunicationIdentifier"]?["rawId"]?.text
            }
        }
    }

    /// The simulator's answer, or `nil` for the page of a walk that ended earlier here, where no other history is around.
    mutating func answer(_ exchange: RecordedExchange) -> (status: Int, body: JSON?)? {
        now += 1000
        learnUsers(exchange)
        guard let target = target(exchange) else { return nil }
        var request = HTTPRequest(
            method: HTTPRequest.Method(exchange.method) ?? .get, scheme: "https", authority: "simulated", path: target)
        let body = exchange.hasBodies ? exchange.body.map { mapped($0.written) } : derived(exchange).map(\.written)
        let bytes = Array((body ?? "").utf8)
        if exchange.path.hasPrefix("/identities") {
            Signature.sign(&request, bytes, key: simulator.accessKey)
        } else {
            request.headerFields[.authorization] = "Bearer \(token(exchange))"
        }
        let repeated = exchange.repeatabilityID ?? exchange.answer?["chatThread"]?["id"]?.text
        if let repeated, let name = HTTPField.Name("Repeatability-Request-ID") { request.headerFields[name] = repeated }
        let response = simulator.respond(to: request, body: bytes, now: Timestamp(milliseconds: now))
        let answer = JSON(response.body)
        learn(exchange, answer)
        return (response.head.status.code, answer)
    }

    // MARK: Requests

    private func mapped(_ text: String) -> String {
        ids.reduce(text) { $0.replacing($1.key, with: $1.value) }
    }

    private func target(_ exchange: RecordedExchange) -> String? {
        let path = mapped(exchange.path)
        if exchange.query.contains(where: { $0.name == "syncState" }) {
            return nextLinks[path].flatMap { URLComponents(string: $0) }.map { "\($0.path)?\($0.percentEncodedQuery ?? "")" }
        }
        var components = URLComponents()
        components.queryItems = exchange.query
        return "\(path)?\(components.percentEncodedQuery ?? "")"
    }

    private func token(_ exchange: RecordedExchange) -> String {
        let caller =
            callers[exchange.thread ?? ""] ?? exchange.answer?["chatThread"]
            .flatMap { $0["createdByCommunicationIdentifier"]?["rawId"]?.text } ?? lastCaller
        let id = ids[caller] ?? ""
        return (simulator.users.first { $0.id == id } ?? simulator.users[0]).token
    }

    private mutating func derived(_ exchange: RecordedExchange) -> JSON? {
        let refused = exchange.answerText.firstMatch(of: /invalid \(([^)]*)\)/).map { String($0.1) }
        let thread = exchange.thread ?? ""
        func person(_ id: String) -> JSON { .members(("communicationUser", .members(("id", .text(id))))) }
        func people(_ ids: [String]) -> JSON {
            .list(ids.map { .members(("communicationIdentifier", person($0)), ("displayName", .text("Somebody"))) })
        }
        let parts = exchange.path.split(separator: "/")
        switch (exchange.method, parts.dropFirst(3).first, parts.last) {
        case ("POST", nil, "threads"):
            return .members(("topic", .text("Test")), ("participants", refused.map { people([$0]) }))
        case ("POST", nil, "identities"), (_, _, ":issueAccessToken"):
            return .members(("scopes", .list([.text("chat")])))
        case (_, "messages", "messages") where exchange.method == "POST": return sent(exchange)
        case ("PATCH", "messages", _): return .members(("content", .text("Changed")))
        case ("PATCH", nil, _): return .members(("topic", .text("Changed")))
        case (_, _, ":add"):
            if let refused { return .members(("participants", people([refused]))) }
            // As many as are there when the session looks next.
            let count = max(1, listed(thread) - 1)
            let users = (0..<count).map { _ in simulator.addUser("Added", now: Timestamp(milliseconds: now)).id }
            added[thread, default: []] += users
            return .members(("participants", people(users)))
        case (_, _, ":remove"): return person(refused ?? added[thread]?.popLast() ?? simulator.users[3].id)
        case ("POST", "readReceipts", _): return .members(("chatMessageId", .text(lastSent[thread] ?? "1")))
        default: return nil
        }
    }

    /// How many people a session sees in a thread, over all pages.
    private func listed(_ thread: String) -> Int {
        let lists = session.filter { $0.thread == thread && $0.path.hasSuffix("/participants") }
            .compactMap { $0.answer?["value"]?.list }
        return Set(lists.joined().compactMap { $0["communicationIdentifier"]?["rawId"]?.text }).count
    }

    /// What a session reads later under the id that it got is what it sent.
    private func sent(_ exchange: RecordedExchange) -> JSON {
        let id = exchange.answer?["id"]?.text
        let copies = session.filter { $0.thread == exchange.thread }.flatMap { one in
            (one.answer?["value"]?.list ?? []) + (one.answer.map { [$0] } ?? [])
        }
        let copy = copies.first { $0["id"]?.text == id && $0["content"] != nil }
        return .members(
            ("content", .text(copy?["content"]?["message"]?.text ?? "Content")), ("type", copy?["type"]),
            ("senderDisplayName", copy?["senderDisplayName"]), ("metadata", copy?["metadata"]))
    }

    // MARK: Ids

    /// People that a session did not make itself.
    private mutating func learnUsers(_ exchange: RecordedExchange) {
        guard exchange.path != "/identities" else { return }
        let text = exchange.path + (exchange.body?.written ?? "") + exchange.answerText
        for match in text.matches(of: /8:acs:[0-9a-f-]{36}_[0-9a-f-]{27,36}/) where ids[String(match.output)] == nil {
            ids[String(match.output)] = simulator.addUser("Somebody", now: Timestamp(milliseconds: now)).id
        }
    }

    private mutating func learn(_ exchange: RecordedExchange, _ answer: JSON?) {
        if exchange.path == "/identities", let old = exchange.answer?["identity"]?["id"]?.text {
            ids[old] = answer?["identity"]?["id"]?.text
        }
        if let old = exchange.answer?["chatThread"]?["id"]?.text, let new = answer?["chatThread"]?["id"]?.text {
            ids[old] = new
            lastCaller = callers[old] ?? lastCaller
        }
        if exchange.method == "POST", exchange.path.hasSuffix("/messages"), let old = exchange.answer?["id"]?.text {
            ids[old] = answer?["id"]?.text
            lastSent[exchange.thread ?? ""] = answer?["id"]?.text
        }
        if exchange.method == "GET" { nextLinks[mapped(exchange.path)] = answer?["nextLink"]?.text }
    }
}
