import Foundation
import HTTPTypes
package import TidemarkModel

extension AvayaChatWire {
    /// Follows a link of a listing. It has to lead to the endpoint's own host and into `/api/`; otherwise it throws
    /// `.untrustedCursor`, so that no credential goes to somebody else.
    package func request(following cursor: Cursor, of operation: AvayaOperation) throws(ServiceError) -> WireRequest {
        try request(.get, try origin.target(following: cursor.rawValue, into: "/api/"), of: operation)
    }

    /// Where a listing goes on, and where it came from.
    struct Links: Hashable {
        var next: Cursor?
        var previous: Cursor?
    }

    /// Reads an answer's links: absent, `""` and `"end"` are the end of the list (wire page §4, paging).
    ///
    /// A link that is no text makes the answer unreadable: taking it for the end would pass over everything behind it.
    func links(
        in json: JSONValue, _ response: TransportResponse, of operation: AvayaOperation, at path: String
    ) throws(ServiceError) -> Links {
        let data = json["data"]?.members == nil ? nil : json["data"]
        var links: [Cursor?] = []
        for names in [["nextPageUrl"], ["prevPageUrl", "previousPageUrl"]] {
            let found = names.lazy.compactMap { json[$0] ?? data?[$0] }.first
            guard let found else {
                links.append(nil)
                continue
            }
            guard case .string(let text) = found else {
                throw unreadable(response, of: operation, "The answer's link to another page is no text.")
            }
            links.append(Self.isEnd(text) ? nil : Cursor(resolved(text, at: path)))
        }
        return Links(next: links[0], previous: links[1])
    }

    private static func isEnd(_ link: String) -> Bool {
        let link = link.trimmingCharacters(in: .whitespaces)
        return link.isEmpty || link.lowercased() == "end"
    }

    /// A link that can be followed by itself later: one without a host gets what it lacks from the request it answers, and no
    /// secret stands in any.
    private func resolved(_ link: String, at path: String) -> String {
        let link = Self.withoutSecrets(link)
        if link.contains("://") || link.hasPrefix("//") { return link }
        guard let base = (try? origin)?.path else { return link }
        if link.hasPrefix(base + "/api/") { return link }
        let bare = path.prefix { $0 != "?" }
        if link.hasPrefix("/") { return base + "/api" + link }
        if link.hasPrefix("?") { return bare + link }
        if link.hasPrefix("api/") { return base + "/" + link }
        return bare[..<(bare.lastIndex(of: "/") ?? bare.startIndex)] + "/" + link
    }

    private static let secrets: Set<Substring> = ["token", "access_token", "jwt", "spaces-x-space-password"]

    /// Cursors are stored, and a store holds no secret (promise P12): requests bear theirs in a header.
    private static func withoutSecrets(_ link: String) -> String {
        guard let mark = link.firstIndex(of: "?") else { return link }
        let items = link[link.index(after: mark)...].split(separator: "&", omittingEmptySubsequences: false)
        let kept = items.filter { !secrets.contains($0.prefix { $0 != "=" }) }
        guard kept.count < items.count else { return link }
        return kept.isEmpty ? String(link[..<mark]) : link[...mark] + kept.joined(separator: "&")
    }
}
