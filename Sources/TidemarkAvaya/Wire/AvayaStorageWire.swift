import Foundation
package import HTTPTypes
package import TidemarkModel

/// The storage behind signed addresses (wire page §5), without I/O: another service than the REST interface, that knows no
/// user. No credential and no password goes there.
package enum AvayaStorageWire {
    /// A `PUT` of exactly so many bytes of the type that was announced.
    package static func request(putting upload: AvayaUpload, to place: AvayaUploadURL) throws(ServiceError) -> HTTPRequest {
        var request = try request(.put, place.url)
        request.headerFields[.contentType] = upload.mediaType
        request.headerFields[.contentLength] = String(upload.bytes)
        return request
    }

    package static func request(getting place: AvayaDownloadURL) throws(ServiceError) -> HTTPRequest {
        try request(.get, place.url)
    }

    /// The address byte for byte, since it is signed. Only https and this machine are gone to, whatever else the transport
    /// may: the service named the address, and nobody looked at it.
    private static func request(_ method: HTTPRequest.Method, _ url: URL) throws(ServiceError) -> HTTPRequest {
        let text = url.absoluteString.prefix { $0 != "#" }
        let parts = text.components(separatedBy: "://")
        let rest = parts.dropFirst().joined(separator: "://")
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        var path = String(rest.dropFirst(authority.count))
        if !path.hasPrefix("/") { path = "/" + path }
        let request = HTTPRequest(method: method, scheme: parts.first, authority: String(authority), path: path)
        do {
            _ = try ExchangeAddress(request, allowsPlainHTTP: false)
        } catch {
            throw ServiceError(
                .unreadable, certainty: .notApplied,
                serviceMessage: "The service named a place for files that is neither https nor on this machine.")
        }
        return request
    }

    /// Whether the storage says that the address is not, or no longer, good (400 and 403 by what such storages do; wire
    /// page §11): another is asked for, once.
    package static func isRefused(_ response: TransportResponse) -> Bool {
        [400, 401, 403, 410].contains(response.head.status.code)
    }

    /// What an answer other than success means. It says nothing about the account or its credential, and its words may repeat
    /// the address, so they are left out.
    ///
    /// Of an upload whose answer is missing it is `.unknown` whether the storage has it. That harms nobody: no message names the
    /// file, and the next attempt goes to a place of its own.
    package static func failure(_ response: TransportResponse, isRead: Bool) -> ServiceError {
        var error = HTTPFailure(isRead: isRead).error(response)
        if error.code == .unauthenticated { error.code = .forbidden }
        error.scope = .lane
        (error.serviceCode, error.serviceMessage) = (nil, nil)
        return error
    }

    package static func failure(_ error: TransportError, isRead: Bool) -> ServiceError {
        var failure = HTTPFailure(isRead: isRead).error(error)
        failure.scope = .lane
        return failure
    }
}
