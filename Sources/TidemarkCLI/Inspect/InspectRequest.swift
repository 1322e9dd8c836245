import Foundation
import HTTPTypes

/// What a request asks the page's server for, once it is known to come from the page. A value: it is decided without a socket.
struct InspectRequest: Hashable, Sendable {
    enum Refusal: Error, Hashable, Sendable {
        /// It was sent to another name, or by another page.
        case foreign
        case notGET
        case unknown

        var status: HTTPResponse.Status {
            switch self {
            case .foreign: .forbidden
            case .notGET: .methodNotAllowed
            case .unknown: .notFound
            }
        }
    }

    enum Subject: String, Hashable, Sendable, CaseIterable {
        case page = ""
        case script = "page.js"
        case parts = "parts.js"
        case style = "page.css"
        case icon = "icon.svg"
        case store = "api/store"
        case overview = "api/overview"
        case timeline = "api/timeline"
        case message = "api/message"
        case find = "api/find"
        case changes = "changes"
    }

    /// No id and no token is longer.
    static let longestQuery = 4096

    var subject: Subject
    private var values: [String: String]

    init(_ head: HTTPRequest, at address: InspectAddress) throws(Refusal) {
        guard let host = head.authority, address.hosts.contains(host.lowercased()) else { throw .foreign }
        try Self.checkSender(head.headerFields, address)
        guard head.method == .get else { throw .notGET }
        let parts = (head.path ?? "").split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = (parts.first ?? "").split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        // Without the slash the page would ask for its script at the wrong place.
        guard path.count == 3, path[0].isEmpty, address.isToken(path[1]) else { throw .unknown }
        guard let subject = Subject(rawValue: String(path[2])) else { throw .unknown }
        self.subject = subject
        let query = parts.count > 1 ? parts[1] : ""
        guard query.utf8.count <= Self.longestQuery else { throw .unknown }
        values = Self.values(query)
    }

    /// A browser says which page it asks for. Other programs say nothing of the kind.
    private static func checkSender(_ fields: HTTPFields, _ address: InspectAddress) throws(Refusal) {
        if let origin = fields[.origin], !address.origins.contains(origin.lowercased()) { throw .foreign }
        guard let name = HTTPField.Name("Sec-Fetch-Site"), let site = fields[name] else { return }
        guard site == "same-origin" || site == "none" else { throw .foreign }
    }

    subscript(name: String) -> String? {
        values[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func values(_ query: Substring) -> [String: String] {
        let pairs = query.split(separator: "&").map { pair -> (String, String) in
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = sides.count > 1 ? sides[1].replacing("+", with: " ") : ""
            return (String(sides.first ?? ""), value.removingPercentEncoding ?? "")
        }
        return Dictionary(pairs) { first, _ in first }
    }
}
