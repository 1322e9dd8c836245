package import Foundation

/// Where a service lives: an endpoint taken apart.
package struct ServiceOrigin: Hashable {
    package var scheme: String
    /// Host, and port if it isn't the scheme's own; lower case.
    package var authority: String
    /// What stands before the service's own paths, without a slash at its end.
    package var path: String

    package init(_ endpoint: URL) throws(ServiceError) {
        guard let scheme = endpoint.scheme?.lowercased(), scheme == "https" || scheme == "http",
            let host = endpoint.host(percentEncoded: true), !host.isEmpty, endpoint.user == nil
        else { throw .refused(.unreachable, "The endpoint is no http or https address with a host.") }
        self.scheme = scheme
        authority = Self.authority(host: host, port: endpoint.port, scheme: scheme)
        var path = endpoint.path(percentEncoded: true)
        while path.hasSuffix("/") { path.removeLast() }
        self.path = path
    }

    package static func authority(host: String, port: Int?, scheme: String) -> String {
        let host = host.lowercased()
        let named = host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
        guard let port, port != (scheme == "https" ? 443 : 80) else { return named }
        return "\(named):\(port)"
    }
}

/// Paths and queries, percent-encoded so that no id can change which path is meant.
package enum PercentEncoding {
    package static func path(_ parts: [String]) throws(ServiceError) -> String {
        var path = ""
        for part in parts {
            // An empty or dotted part would name another resource: deleting the message ".." deletes its thread.
            guard !part.isEmpty, part != ".", part != ".." else {
                throw .refused(.invalid, "An id is empty or made of dots; there is no such thing at the service.")
            }
            path += "/" + encoded(part)
        }
        return path
    }

    package static func query(_ items: [(String, String)]) -> String {
        items.map { "\($0)=\(encoded($1))" }.joined(separator: "&")
    }

    /// Everything but RFC 3986's unreserved characters as `%XX`.
    package static func encoded(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += (byte < 16 ? "%0" : "%") + digits
            }
        }
        return encoded
    }
}
