import Foundation
import Tidemark

/// A service's address, as a person names it.
enum Endpoint {
    /// An address that requests can go to: encrypted, or plain to this machine, or plain where it was allowed.
    static func checked(
        _ text: String, schemes: Set<String> = ["https", "http"], example: String = "https://resource.communication.azure.com",
        allowsPlainHTTP: Bool
    ) throws -> URL {
        guard let url = URL(string: text), let scheme = url.scheme?.lowercased(), schemes.contains(scheme),
            let host = url.host(percentEncoded: false), !host.isEmpty, url.user == nil, url.query == nil, url.fragment == nil
        else {
            throw Failure.usage("The endpoint is no address like \(example).")
        }
        if let port = url.port, !(1...65_535).contains(port) {
            throw Failure.usage("The endpoint's port is not between 1 and 65535.")
        }
        let isLoopback = ["localhost", "127.0.0.1", "::1", "[::1]"].contains(host.lowercased())
        guard ["https", "wss"].contains(scheme) || isLoopback || allowsPlainHTTP else {
            throw Failure.usage(
                "The endpoint is plain \(scheme) on another machine: tokens and texts could be read on the way.",
                hint: "Use \(scheme)s, or --allow-plain-http on a test network.")
        }
        return url
    }
}
