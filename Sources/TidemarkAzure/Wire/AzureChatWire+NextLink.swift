import Foundation
import HTTPTypes
package import TidemarkModel

extension AzureChatWire {
    /// Longer links don't occur; a request line has to fit a proxy's limits.
    static let longestNextLink = 16_384

    /// Follows a `nextLink` byte for byte: its parameters are the service's and partly not even in its own date format.
    ///
    /// It has to lead to the endpoint's own host and into the chat's paths, over TLS unless the endpoint itself is plain
    /// http. Otherwise it throws `.untrustedCursor`, so that the bearer token never goes to somebody else.
    package func request(following cursor: Cursor, requestID: String? = nil) throws(ServiceError) -> AzureRequest {
        let origin = try AzureOrigin(endpoint)
        let target = try Self.target(of: cursor.rawValue, at: origin)
        var head = HTTPRequest(method: .get, scheme: origin.scheme, authority: origin.authority, path: target)
        head.headerFields[.accept] = "application/json"
        if let requestID { head.headerFields[.azureRequestID] = requestID }
        return AzureRequest(head: head, body: [])
    }

    private static func target(of link: String, at origin: AzureOrigin) throws(ServiceError) -> String {
        guard link.utf8.count <= longestNextLink, link.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !link.contains("#"),
            !link.contains("\\")
        else { throw untrusted }
        var target = Substring(link)
        if !link.hasPrefix("/") || link.hasPrefix("//") {
            guard let separator = link.range(of: "://") else { throw untrusted }
            let afterScheme = link[separator.upperBound...]
            let end = afterScheme.firstIndex { $0 == "/" || $0 == "?" } ?? afterScheme.endIndex
            try check(scheme: link[..<separator.lowerBound], authority: afterScheme[..<end], against: origin)
            target = afterScheme[end...]
        }
        let path = target.prefix { $0 != "?" }
        let steps = path.split(separator: "/").map { $0.lowercased().replacingOccurrences(of: "%2e", with: ".") }
        guard path.hasPrefix(origin.path + "/chat/threads"), !steps.contains("."), !steps.contains("..") else {
            throw untrusted
        }
        return String(target)
    }

    private static func check(
        scheme: Substring, authority: Substring, against origin: AzureOrigin
    ) throws(ServiceError) {
        // The endpoint's own scheme only: https never falls back to plain http.
        guard scheme.lowercased() == origin.scheme, !authority.contains("@") else { throw untrusted }
        var host = authority
        var port: Int?
        if let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") {
            guard let number = Int(authority[authority.index(after: colon)...]) else { throw untrusted }
            host = authority[..<colon]
            port = number
        }
        guard AzureOrigin.authority(host: String(host), port: port, scheme: origin.scheme) == origin.authority else {
            throw untrusted
        }
    }

    private static var untrusted: ServiceError {
        ServiceError(.untrustedCursor, certainty: .notApplied)
    }
}
