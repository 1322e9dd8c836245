public import Foundation

/// A resource's address and key, as Azure's portal shows them: `endpoint=https://…/;accesskey=…`.
///
/// The key opens the whole resource, so neither this value nor its errors show it.
public struct AzureConnectionString: Hashable, Sendable {
    public let endpoint: URL
    package let key: [UInt8]

    /// Throws a ``Malformed`` that says which part is missing or wrong.
    public init(_ text: String) throws(Malformed) {
        var parts: [String: String] = [:]
        for part in text.split(separator: ";") {
            let trimmed = part.trimmingCharacters(in: .whitespacesAndNewlines)
            guard !trimmed.isEmpty else { continue }
            // The key ends in equals signs of its own.
            guard let equals = trimmed.firstIndex(of: "=") else {
                throw Malformed("A part of the connection string has no `=`.")
            }
            parts[trimmed[..<equals].lowercased()] = String(trimmed[trimmed.index(after: equals)...])
        }
        guard let address = parts["endpoint"], !address.isEmpty else {
            throw Malformed("The connection string has no `endpoint=`.")
        }
        guard let endpoint = URL(string: address), let scheme = endpoint.scheme?.lowercased(),
            scheme == "https" || scheme == "http", let host = endpoint.host(), !host.isEmpty
        else { throw Malformed("The endpoint of the connection string is no http or https address.") }
        guard let encoded = parts["accesskey"], !encoded.isEmpty else {
            throw Malformed("The connection string has no `accesskey=`.")
        }
        guard let key = Data(base64Encoded: encoded), !key.isEmpty else {
            throw Malformed("The access key of the connection string is not base64.")
        }
        self.endpoint = endpoint
        self.key = Array(key)
    }

    /// What is wrong with a connection string, without quoting it.
    public struct Malformed: Error, Hashable, Sendable, CustomStringConvertible {
        public let description: String
        init(_ description: String) { self.description = description }
    }
}

extension AzureConnectionString: CustomStringConvertible, CustomReflectable {
    public var description: String { "AzureConnectionString(\(endpoint.host() ?? ""), key …)" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
