import HTTPTypes
package import TidemarkModel

extension AzureChatWire {
    /// Follows a `nextLink` byte for byte: its parameters are the service's and partly not even in its own date format.
    ///
    /// It has to lead to the endpoint's own host and into the chat's paths, over TLS unless the endpoint itself is plain
    /// http. Otherwise it throws `.untrustedCursor`, so that the bearer token never goes to somebody else.
    package func request(following cursor: Cursor, requestID: String? = nil) throws(ServiceError) -> AzureRequest {
        let origin = try ServiceOrigin(endpoint)
        let target = try origin.target(following: cursor.rawValue, into: "/chat/threads")
        var head = HTTPRequest(method: .get, scheme: origin.scheme, authority: origin.authority, path: target)
        head.headerFields[.accept] = "application/json"
        if let requestID { head.headerFields[.azureRequestID] = requestID }
        return AzureRequest(head: head, body: [])
    }
}
