import Foundation
import HTTPTypes
import Testing
import TidemarkAzure
import TidemarkModel

/// What other clients of the service really sent, beside what this one builds for the same wish.
@Suite(.enabled(if: RecordingFolder.isExpected, "the recordings are not here; TIDEMARK_RECORDINGS names their folder"))
struct RecordedRequestsTests {
    private let exchanges: [RecordedExchange]

    init() throws {
        exchanges = try RecordedExchange.all()
    }

    // What was there when the tests were written. Less means that a reader has lost something.
    private static let compared = 384
    private static let bodies = 45
    private static let headers = 547
    private static let links = 28
    private static let followed = 27

    @Test func `requests are those that other clients sent`() throws {
        var count = Count()
        for exchange in exchanges where exchange.hasRequest && exchange.version >= "2021-03-07" {
            let call = try #require(RecordedCall(exchange), "\(exchange.file)")
            guard let request = try built(for: call, exchange) else { continue }
            compare(request, exchange, &count)
        }
        print("recordings: \(count.requests) requests compared, \(count.bodies) with bodies, \(count.headers) headers")
        #expect(count.requests >= Self.compared && count.bodies >= Self.bodies && count.headers >= Self.headers)
    }

    @Test func `a recorded nextLink is followed byte for byte`() throws {
        var links: [String: Int] = [:]
        var followed = 0
        for exchange in exchanges {
            if let url = URLComponents(string: exchange.url), exchange.url.contains("syncState") || exchange.url.contains("skip=")
            {
                let target = url.percentEncodedPath + "?" + (url.percentEncodedQuery ?? "")
                followed += links["\(exchange.file) \(target)"] ?? 0
            }
            guard let link = exchange.responseJSON["nextLink"] as? String, let host = URLComponents(string: link)?.host else {
                continue
            }
            let request = try Example.wire(at: "https://\(host)").request(following: Cursor(link))
            #expect("https://\(request.head.authority ?? "")\(request.head.path ?? "")" == link)
            links["\(exchange.file) \(request.head.path ?? "")"] = 1
        }
        print("recordings: \(links.count) nextLinks, \(followed) of them followed by the recorded client with the same bytes")
        #expect(links.count >= Self.links && followed >= Self.followed)
    }

    private struct Count {
        var requests = 0
        var bodies = 0
        var headers = 0
    }

    private func built(for call: RecordedCall, _ exchange: RecordedExchange) throws -> AzureRequest? {
        let address = try #require(URLComponents(string: exchange.url))
        let endpoint = "\(address.scheme ?? "https")://\(address.host ?? "")"
        let wire = try Example.wire(AzureAPIVersion(rawValue: exchange.version), at: endpoint)
        switch call {
        case .registration: return nil
        case .typing(let operation), .delivery(_, let operation):
            return try wire.request(for: operation, requestID: "an-id")
        case .page(let page):
            // What another page's link asked for is the service's own, and the other test's matter.
            guard exchange.query["syncState"] == nil else { return nil }
            return try wire.request(for: page, requestID: "an-id")
        case .identity(let operation):
            var identity = AzureIdentityWire(endpoint: try #require(URL(string: endpoint)))
            identity.version = exchange.version
            return try identity.request(for: operation, requestID: "an-id")
        }
    }

    private func compare(_ request: AzureRequest, _ exchange: RecordedExchange, _ count: inout Count) {
        let where_ = Comment(rawValue: "\(exchange.file): \(exchange.method) \(exchange.path)")
        let components = URLComponents(string: request.head.path ?? "")
        #expect(request.head.method.rawValue == exchange.method, where_)
        #expect(components?.percentEncodedPath.removingPercentEncoding == exchange.path, where_)
        var query: [String: String] = [:]
        for item in components?.queryItems ?? [] { query[item.name] = item.value ?? "" }
        #expect(query == exchange.query, where_)
        count.requests += 1
        if let recorded = exchange.requestBody, !recorded.isEmpty {
            let ours = (try? JSONSerialization.jsonObject(with: Data(request.body))) as? [String: Any] ?? [:]
            #expect(Self.lacks(exchange.requestJSON, in: ours).isEmpty, where_)
            #expect(Self.lacks(ours, in: exchange.requestJSON).isSubset(of: ["type", "rawId"]), where_)
            count.bodies += 1
        }
        compareHeaders(request, exchange, where_, &count)
    }

    private func compareHeaders(_ request: AzureRequest, _ exchange: RecordedExchange, _ where_: Comment, _ count: inout Count) {
        let fields = request.head.headerFields
        for name in ["content-type", "accept", "repeatability-request-id", "x-ms-client-request-id"] {
            guard let recorded = exchange.requestHeaders[name], let field = HTTPField.Name(name) else { continue }
            let ours = fields[field]
            switch name {
            case "content-type":
                // Some clients name a type also where there is no body.
                guard !request.body.isEmpty else { continue }
                #expect(ours == recorded.split(separator: ";").first.map(String.init), where_)
            case "accept": #expect(ours == "application/json", where_)
            case "repeatability-request-id": #expect(ours == recorded, where_)
            default: #expect(ours != nil, where_)
            }
            count.headers += 1
        }
    }

    /// The names whose values are not the same in the other, at any depth.
    private static func lacks(_ wanted: Any, in other: Any?) -> Set<String> {
        switch (wanted, other) {
        case (let wanted as [String: Any], let other as [String: Any]):
            return wanted.reduce(into: []) { missing, member in
                if let value = other[member.key] {
                    let inner = lacks(member.value, in: value)
                    missing.formUnion(inner == ["value"] ? [member.key] : inner)
                } else {
                    missing.insert(member.key)
                }
            }
        case (let wanted as [Any], let other as [Any]):
            guard wanted.count == other.count else { return ["value"] }
            return zip(wanted, other).reduce(into: []) { $0.formUnion(lacks($1.0, in: $1.1)) }
        case (let wanted as String, let other as String): return wanted == other ? [] : ["value"]
        case (let wanted as NSNumber, let other as NSNumber): return wanted == other ? [] : ["value"]
        default: return ["value"]
        }
    }
}
