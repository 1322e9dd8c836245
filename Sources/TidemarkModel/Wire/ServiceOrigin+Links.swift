import Foundation

extension ServiceOrigin {
    /// Longer links don't occur; a request line has to fit a proxy's limits.
    package static var longestLink: Int { 16_384 }

    /// What of a listing's link is asked for: its path and query, byte for byte, since they are the service's.
    ///
    /// The link has to lead to this origin's own host and scheme and into the paths that begin with `prefix` (behind what stands
    /// before all of the service's paths). Otherwise it throws `.untrustedCursor`, so that no credential goes to somebody else.
    package func target(following link: String, into prefix: String) throws(ServiceError) -> String {
        guard link.utf8.count <= Self.longestLink, link.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !link.contains("#"),
            !link.contains("\\")
        else { throw Self.untrusted }
        var target = Substring(link)
        if !link.hasPrefix("/") || link.hasPrefix("//") {
            guard let separator = link.range(of: "://") else { throw Self.untrusted }
            let afterScheme = link[separator.upperBound...]
            let end = afterScheme.firstIndex { $0 == "/" || $0 == "?" } ?? afterScheme.endIndex
            try check(scheme: link[..<separator.lowerBound], authority: afterScheme[..<end])
            target = afterScheme[end...]
        }
        let path = target.prefix { $0 != "?" }
        let steps = path.split(separator: "/").map { $0.lowercased().replacingOccurrences(of: "%2e", with: ".") }
        guard path.hasPrefix(self.path + prefix), !steps.contains("."), !steps.contains("..") else { throw Self.untrusted }
        return String(target)
    }

    private func check(scheme: Substring, authority: Substring) throws(ServiceError) {
        // The endpoint's own scheme only: https never falls back to plain http.
        guard scheme.lowercased() == self.scheme, !authority.contains("@") else { throw Self.untrusted }
        var host = authority
        var port: Int?
        if let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") {
            guard let number = Int(authority[authority.index(after: colon)...]) else { throw Self.untrusted }
            host = authority[..<colon]
            port = number
        }
        guard Self.authority(host: String(host), port: port, scheme: self.scheme) == self.authority else {
            throw Self.untrusted
        }
    }

    private static var untrusted: ServiceError {
        ServiceError(.untrustedCursor, certainty: .notApplied)
    }
}
