package import Foundation
import HTTPTypes
package import TidemarkModel

/// The identity service without its I/O: requests built, answers read. It adds no signature.
package struct AzureIdentityWire: Hashable, Sendable {
    package enum Operation: Hashable, Sendable {
        case createUser(withToken: [CommunicationTokenScope] = [], minutes: Int? = nil)
        case issueToken(CommunicationIdentifier, [CommunicationTokenScope], minutes: Int? = nil)
        case revokeTokens(CommunicationIdentifier)
        case deleteUser(CommunicationIdentifier)
    }

    package var endpoint: URL
    package var version = "2023-10-01"

    package init(endpoint: URL) {
        self.endpoint = endpoint
    }

    package func request(for operation: Operation, requestID: String? = nil) throws(ServiceError) -> AzureRequest {
        let origin = try ServiceOrigin(endpoint)
        let path = try Self.path(of: operation)
        var head = HTTPRequest(
            method: Self.method(of: operation), scheme: origin.scheme, authority: origin.authority,
            path: origin.path + path + "?" + PercentEncoding.query([("api-version", version)]))
        head.headerFields[.accept] = "application/json"
        if let requestID { head.headerFields[.azureRequestID] = requestID }
        guard let json = Self.payload(of: operation) else { return AzureRequest(head: head, body: []) }
        head.headerFields[.contentType] = "application/json"
        return AzureRequest(head: head, body: json.bytes)
    }

    private static func method(of operation: Operation) -> HTTPRequest.Method {
        if case .deleteUser = operation { .delete } else { .post }
    }

    private static func path(of operation: Operation) throws(ServiceError) -> String {
        switch operation {
        case .createUser: "/identities"
        case .issueToken(let user, _, _): "/identities" + (try PercentEncoding.path([user.rawID])) + "/:issueAccessToken"
        case .revokeTokens(let user): "/identities" + (try PercentEncoding.path([user.rawID])) + "/:revokeAccessTokens"
        case .deleteUser(let user): "/identities" + (try PercentEncoding.path([user.rawID]))
        }
    }

    private static func payload(of operation: Operation) -> JSONValue? {
        switch operation {
        case .createUser(let scopes, let minutes):
            .object(of: [
                "createTokenWithScopes": scopes.isEmpty ? nil : list(scopes),
                "expiresInMinutes": minutes.map { .number(String($0)) },
            ])
        case .issueToken(_, let scopes, let minutes):
            .object(of: ["scopes": list(scopes), "expiresInMinutes": minutes.map { .number(String($0)) }])
        case .revokeTokens, .deleteUser:
            nil
        }
    }

    private static func list(_ scopes: [CommunicationTokenScope]) -> JSONValue {
        .array(scopes.map { .string($0.rawValue) })
    }
}

extension AzureIdentityWire {
    package func failure(_ error: TransportError) -> ServiceError {
        HTTPFailure(isRead: false, isLimitedPerUser: true).error(error)
    }

    package func checkSuccess(_ response: TransportResponse) throws(ServiceError) {
        guard (200..<300).contains(response.head.status.code) else {
            throw HTTPFailure(isRead: false, isLimitedPerUser: true).error(response)
        }
    }

    package func user(of response: TransportResponse) throws(ServiceError) -> CommunicationIdentifier {
        let json = try json(of: response)
        // Before 2021-03-07 the id stood at the top.
        guard let id = (json["identity"]?["id"] ?? json["id"])?.text, !id.isEmpty else {
            throw HTTPFailure(isRead: false).unreadable(response, "The answer has no identity.")
        }
        return CommunicationIdentifier(rawID: id)
    }

    package func token(of response: TransportResponse) throws(ServiceError) -> IssuedToken {
        let json = try json(of: response)
        let part = json["accessToken"] ?? json
        guard let text = part["token"]?.text, !text.isEmpty,
            let end = part["expiresOn"]?.text.flatMap({ Timestamp(rfc3339: $0) })
        else { throw HTTPFailure(isRead: false).unreadable(response, "The answer has no token.") }
        return IssuedToken(text: text, expiresOn: end)
    }

    private func json(of response: TransportResponse) throws(ServiceError) -> JSONValue {
        try checkSuccess(response)
        do {
            return try JSONValue(reading: response.body)
        } catch {
            throw HTTPFailure(isRead: false).unreadable(response, "The answer is broken JSON: \(error.reason).")
        }
    }
}
