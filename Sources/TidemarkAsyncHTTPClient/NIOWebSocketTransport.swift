#if NIO
import Foundation
public import HTTPTypes
import NIOSSL
public import TidemarkModel

/// Opens WebSocket connections with SwiftNIO: the transport for Linux, servers and the command line.
///
/// `https` is `wss`, with the system's trust roots and the certificate and its name verified; `http` is `ws`. Every frame
/// leaves with a random mask. No extension is offered, so nothing is compressed. Binary messages are passed over. What
/// breaks the protocol (RFC 6455) ends the connection.
///
/// While a consumer is so slow that reading has stopped, pings wait to be answered as well.
public struct NIOWebSocketTransport: WebSocketTransport {
    private let allowsPlainHTTP: Bool
    private let trustedCertificates: [UInt8]?

    /// - Parameter allowsPlainHTTP: Lets plain ws reach other machines than this one. Tokens and texts can then be
    ///   read on the way; for test networks only.
    public init(allowsPlainHTTP: Bool = false) {
        self.allowsPlainHTTP = allowsPlainHTTP
        trustedCertificates = nil
    }

    /// - Parameter trustedCertificates: certificates in PEM that are trusted instead of the system's.
    package init(trustedCertificates: [UInt8]) {
        allowsPlainHTTP = false
        self.trustedCertificates = trustedCertificates
    }

    /// Opens a connection: name, route, TLS and the handshake of WebSocket, all inside the limit's time.
    ///
    /// Cancelling gives up at once and closes what was open. `requestMayHaveArrived` is false as long as there was no
    /// connection, and where TLS failed. An answer with another status than 101 throws the code
    /// `TransportError.Code.refused(status:)`.
    public func connect(
        _ request: HTTPRequest, limits: WebSocketLimits
    ) async throws(TransportError) -> any WebSocketConnection {
        let address = try ExchangeAddress(request, allowsPlainHTTP: allowsPlainHTTP)
        if Task.isCancelled { throw TransportError(.cancelled, requestMayHaveArrived: false) }
        guard limits.connectTimeout > .zero else { throw TransportError(.timeout, requestMayHaveArrived: false) }
        let tls = address.url.scheme == "https" ? try security() : nil
        guard let opening = WebSocketOpening(address, request, limits: limits, tls: tls) else {
            throw TransportError(.invalidRequest, requestMayHaveArrived: false)
        }
        return try await opening.run()
    }

    private func security() throws(TransportError) -> NIOSSLContext {
        do {
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.certificateVerification = .fullVerification
            configuration.applicationProtocols = ["http/1.1"]
            if let trustedCertificates {
                configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(trustedCertificates))
            }
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw TransportError(.unreachable, requestMayHaveArrived: false)
        }
    }
}
#endif
