package import Foundation
package import HTTPTypes

/// Where a request goes, checked before anything is opened: the one place that decides what a transport may talk to.
package struct ExchangeAddress: Hashable, Sendable {
    package let url: URL

    /// Throws `.invalidRequest` unless the request's parts name one plain http or https address, and `.insecure` for
    /// plain http to another machine. Neither lets a byte out.
    package init(_ request: HTTPRequest, allowsPlainHTTP: Bool) throws(TransportError) {
        let invalid = TransportError(.invalidRequest, requestMayHaveArrived: false)
        guard
            let scheme = request.scheme?.lowercased(), scheme == "http" || scheme == "https",
            let authority = request.authority, !authority.isEmpty,
            // What stands before an `@` is a user's name: `localhost@elsewhere` is elsewhere.
            !authority.contains(where: { "@/?#\\".contains($0) }),
            // Without its slash a path would lengthen the host: `http://localhost` + `.elsewhere/`.
            let path = request.path, path.hasPrefix("/"), !path.contains("#"),
            let url = URL(string: "\(scheme)://\(authority)\(path)", encodingInvalidCharacters: false),
            let host = url.host(percentEncoded: false), !host.isEmpty
        else { throw invalid }
        // A port that isn't one reads as nil, and would silently become the scheme's own.
        if Self.namesPort(authority) {
            guard let port = url.port, (1...65535).contains(port) else { throw invalid }
        }
        guard scheme == "https" || allowsPlainHTTP || Self.isLoopback(host) else {
            throw TransportError(.insecure, requestMayHaveArrived: false)
        }
        self.url = url
    }

    /// Names that can't leave this machine. Other addresses of 127.0.0.0/8 are left out: nobody needs them by accident.
    private static func isLoopback(_ host: String) -> Bool {
        ["localhost", "127.0.0.1", "::1", "[::1]"].contains(host.lowercased())
    }

    private static func namesPort(_ authority: String) -> Bool {
        let afterAddress = authority.split(separator: "]", omittingEmptySubsequences: false).last ?? ""
        return afterAddress.contains(":")
    }
}

extension HTTPFields {
    /// The fields without those that frame the message or belong to the connection: the transport writes these itself.
    package var withoutFraming: HTTPFields {
        var fields = self
        for name in ["host", "content-length", "transfer-encoding", "connection"] {
            if let name = HTTPField.Name(name) { fields[name] = nil }
        }
        return fields
    }
}
