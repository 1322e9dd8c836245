import Foundation
import HTTPTypes
import TidemarkModel

/// Signing in without its I/O: requests built, answers read (wire page §2). Nothing here repeats safely.
struct AvayaAccountsWire: Sendable {
    var servers: AvayaServers

    /// A guest's fields; what is empty is not sent.
    struct Guest: Hashable, Sendable {
        var displayName: String?
        var username: String?
        var pictureFile: String?
    }

    func login(_ guest: Guest) throws(ServiceError) -> WireRequest {
        var origin = try ServiceOrigin(servers.rest)
        if origin.path.hasSuffix("/api") { origin.path.removeLast(4) }
        let body = JSONValue.object(of: [
            "displayname": guest.displayName.map { .string($0) }, "username": guest.username.map { .string($0) },
            "picturefile": guest.pictureFile.map { .string($0) },
        ])
        return request(origin, "/api/anonymous/auth", "application/json", body.bytes)
    }

    /// The guest's token. Throws `.unreadable` if there is none.
    func guestToken(of response: TransportResponse) throws(ServiceError) -> String {
        let json = try json(of: response)
        guard let token = json.words("token") ?? json["data"]?.words("token") else {
            throw Self.failure.unreadable(response, "The answer has no token.").ofCredential
        }
        return try AvayaToken.checked(token)
    }

    // MARK: OAuth

    func form(_ fields: [(String, String?)], to path: String) throws(ServiceError) -> WireRequest {
        let present = fields.compactMap { field in field.1.map { (field.0, $0) } }
        return request(
            try ServiceOrigin(servers.accounts), path, "application/x-www-form-urlencoded",
            Array(PercentEncoding.query(present).utf8))
    }

    /// What a token answer holds. How long an access token lives is not established, so it may not say.
    struct Tokens: Hashable, Sendable {
        var accessToken: String
        var refreshToken: String?
        var lifetime: Duration?
    }

    func tokens(of response: TransportResponse) throws(ServiceError) -> Tokens {
        let json = try json(of: response)
        guard let access = json.words("access_token") else {
            throw Self.failure.unreadable(response, "The answer has no access token.").ofCredential
        }
        let seconds = json["expires_in"]?.double.flatMap { $0 > 0 && $0 < 315_360_000 ? Int64($0) : nil }
        return Tokens(
            accessToken: try AvayaToken.checked(access), refreshToken: json.words("refresh_token"),
            lifetime: seconds.map { .seconds($0) })
    }

    func checkSuccess(_ response: TransportResponse) throws(ServiceError) {
        guard (200..<300).contains(response.head.status.code) else { throw refusal(response) }
    }

    // MARK: Failures

    private static let failure = HTTPFailure(isRead: false, isLimitedPerUser: true)

    func failure(_ error: TransportError) -> ServiceError { Self.failure.error(error) }

    /// A 400 of the accounts service is its no to what was signed in with; the certainty stays as it is.
    private func refusal(_ response: TransportResponse) -> ServiceError {
        var error = Self.failure.error(response)
        if error.code == .invalid || error.code == .forbidden { error.code = .unauthenticated }
        error.serviceCode = error.serviceCode ?? (try? JSONValue(reading: response.body))?.words("error")
        error.scope = .account
        return error
    }

    private func json(of response: TransportResponse) throws(ServiceError) -> JSONValue {
        try checkSuccess(response)
        do {
            return try JSONValue(reading: response.body)
        } catch {
            throw Self.failure.unreadable(response, "The answer is broken JSON: \(error.reason).")
        }
    }

    private func request(_ origin: ServiceOrigin, _ path: String, _ type: String, _ body: [UInt8]) -> WireRequest {
        var head = HTTPRequest(
            method: .post, scheme: origin.scheme, authority: origin.authority, path: origin.path + path)
        head.headerFields[.accept] = "application/json"
        head.headerFields[.contentType] = type
        return WireRequest(head: head, body: body)
    }
}
