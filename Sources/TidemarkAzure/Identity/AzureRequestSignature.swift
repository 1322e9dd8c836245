#if Crypto
import Crypto
import Foundation
import HTTPTypes
package import TidemarkModel

/// Signs requests to the identity service with a resource's key (wire page §9).
package struct AzureRequestSignature: Sendable {
    private let key: SymmetricKey

    package init(key: [UInt8]) {
        self.key = SymmetricKey(data: key)
    }

    /// Sets the three headers that make the signature. What is signed is the method, the path with its query, the moment,
    /// the authority and the hash of the body: changing one of them afterwards makes the service answer 401.
    package func sign(_ request: inout AzureRequest, at moment: Timestamp) {
        let date = HTTPDate.text(moment)
        let hash = Data(SHA256.hash(data: request.body)).base64EncodedString()
        let signed = """
            \(request.head.method.rawValue)
            \(request.head.path ?? "/")
            \(date);\(request.head.authority ?? "");\(hash)
            """
        let code = HMAC<SHA256>.authenticationCode(for: Data(signed.utf8), using: key)
        request.head.headerFields[.literal("x-ms-date")] = date
        request.head.headerFields[.literal("x-ms-content-sha256")] = hash
        request.head.headerFields[.authorization] =
            "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=\(Data(code).base64EncodedString())"
    }
}
#endif
