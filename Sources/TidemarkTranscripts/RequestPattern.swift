import Foundation
import HTTPTypes
package import TidemarkModel

/// Which request is meant: method and path, and of the query, headers and body what has to be in them.
package struct RequestPattern: Hashable, Sendable {
    var method: String
    /// Without percent encoding.
    var path: String
    var query: [String: String]
    var headers: [String: String]
    var body: JSON?
    /// As it was written.
    var text: String

    init(_ text: String, _ fields: inout Fields) throws {
        let parts = text.split(separator: " ", maxSplits: 1)
        guard parts.count == 2 else { throw fields.error("A request is written as METHOD PATH.") }
        self.text = text
        method = String(parts[0])
        (path, query) = Self.split(String(parts[1]))
        headers = try fields.texts("headers").reduce(into: [:]) { $0[$1.key.lowercased()] = $1.value }
        body = fields.take("body")
    }

    /// How much of the request it names, or `nil` if it is another one.
    ///
    /// - Parameter names: those of a room's transcript; it has more of them after a match.
    func match(_ exchange: Exchange, _ names: inout Names?) -> Int? {
        guard case .request(let request) = exchange else { return nil }
        let (path, query) = Self.split(request.head.path ?? "")
        guard request.head.method.rawValue == method, path == self.path,
            self.query.allSatisfy({ query[$0.key] == $0.value }),
            headers.allSatisfy({ name, value in
                HTTPField.Name(name).flatMap { request.head.headerFields[$0] } == value
            })
        else { return nil }
        if let body {
            if var named = names {
                guard named.match(exchange.content, body) else { return nil }
                names = named
            } else {
                guard let sent = try? JSON(bytes: request.body), sent.covers(body) else { return nil }
            }
        }
        return self.query.count + headers.count + (body == nil ? 0 : 1)
    }

    /// How a request reads in a transcript: no host, no version, nothing encoded.
    package static func describe(_ request: WireRequest) -> String {
        let (path, query) = split(request.head.path ?? "")
        let items = query.filter { $0.key != "api-version" }.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return "\(request.head.method.rawValue) \(path)" + (items.isEmpty ? "" : "?" + items.joined(separator: "&"))
    }

    private static func split(_ target: String) -> (path: String, query: [String: String]) {
        let halves = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        var query: [String: String] = [:]
        for item in halves.dropFirst().joined().split(separator: "&") {
            let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            query[decoded(pair[0])] = pair.count > 1 ? decoded(pair[1]) : ""
        }
        return (decoded(halves.first ?? ""), query)
    }

    private static func decoded(_ text: String) -> String { text.removingPercentEncoding ?? text }
}
