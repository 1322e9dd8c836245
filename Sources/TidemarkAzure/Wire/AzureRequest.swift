package import HTTPTypes

/// A request that is complete except for the credential, which the shell adds.
package struct AzureRequest: Hashable, Sendable {
    package var head: HTTPRequest
    package var body: [UInt8]
}
