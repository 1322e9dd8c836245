import Foundation
import TidemarkModel

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

extension TransportError {
    /// What an error of the session means. Only codes that come before the request, and never after it, say that
    /// nothing arrived: a refused client certificate, for one, can come after it (TLS 1.3), and is not among them.
    init(_ error: any Error) {
        switch (error as? URLError)?.code {
        case .cannotFindHost, .dnsLookupFailed, .cannotConnectToHost, .notConnectedToInternet, .internationalRoamingOff,
            .callIsActive, .dataNotAllowed, .secureConnectionFailed, .serverCertificateUntrusted, .serverCertificateHasBadDate,
            .serverCertificateHasUnknownRoot, .serverCertificateNotYetValid:
            self.init(.unreachable, requestMayHaveArrived: false)
        case .badURL, .unsupportedURL:
            self.init(.invalidRequest, requestMayHaveArrived: false)
        case .appTransportSecurityRequiresSecureConnection:
            self.init(.insecure, requestMayHaveArrived: false)
        case .timedOut:
            self.init(.timeout, requestMayHaveArrived: true)
        case .cancelled:
            self.init(.cancelled, requestMayHaveArrived: true)
        default:
            self.init(.connectionLost, requestMayHaveArrived: true)
        }
    }
}
