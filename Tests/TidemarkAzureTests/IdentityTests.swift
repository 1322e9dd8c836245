#if Crypto
import Crypto
import Foundation
import HTTPTypes
import Testing
import TidemarkAzure
import TidemarkModel

struct IdentityTests {
    private static let key = Data("0123456789abcdef0123456789abcdef".utf8).base64EncodedString()
    private static let connection = "endpoint=https://contoso.communication.azure.com/;accesskey=\(key)"
    private static let moment = Timestamp(milliseconds: 1_616_461_182_000)

    private func client(_ transport: ScriptedTransport) throws -> AzureIdentityClient {
        try AzureIdentityClient(connectionString: Self.connection, transport: transport, now: { Self.moment })
    }

    private static let userAndToken =
        #"{"identity":{"id":"8:acs:r_1"},"accessToken":{"token":"a.b.c","expiresOn":"2021-02-27T00:40:12.6889615+00:00"}}"#

    @Test func `a user and its token are made by a signed request`() async throws {
        let transport = ScriptedTransport(.json(201, Self.userAndToken))
        let made = try await client(transport).createUserAndToken(expiresInMinutes: 60)
        #expect(made.user.rawID == "8:acs:r_1" && made.token.text == "a.b.c")
        #expect(made.token.expiresOn == Timestamp(milliseconds: 1_614_386_412_688))
        let sent = try #require(transport.sent.first)
        #expect(sent.json as NSDictionary == ["createTokenWithScopes": ["chat"], "expiresInMinutes": 60])
        #expect(sent.head.path == "/identities?api-version=2023-10-01")
        try checkSignature(sent)
    }

    /// Computes the signature again from what was sent, step by step after the wire page §9.
    private func checkSignature(_ sent: ScriptedTransport.Sent) throws {
        func header(_ name: String) throws -> String {
            let field = try #require(HTTPField.Name(name))
            return try #require(sent.head.headerFields[field])
        }
        let date = try header("x-ms-date")
        #expect(date == "Tue, 23 Mar 2021 00:59:42 GMT")
        let hash = try header("x-ms-content-sha256")
        #expect(hash == Data(SHA256.hash(data: sent.body)).base64EncodedString())
        let text = "\(sent.head.method.rawValue)\n\(sent.head.path ?? "")\n\(date);\(sent.head.authority ?? "");\(hash)"
        let code = HMAC<SHA256>.authenticationCode(
            for: Data(text.utf8), using: SymmetricKey(data: Data("0123456789abcdef0123456789abcdef".utf8)))
        let signature = Data(code).base64EncodedString()
        #expect(
            sent.head.headerFields[.authorization]
                == "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=\(signature)")
    }

    @Test func `tokens are issued and revoked and users deleted`() async throws {
        let issued = #"{"token":"a.b.c","expiresOn":"2021-02-27T00:40:12+00:00"}"#
        let transport = ScriptedTransport { sent, number throws(TransportError) in
            [.json(201, #"{"identity":{"id":"8:acs:r_1"}}"#), .json(200, issued), .empty(204), .empty(204)][number - 1]
        }
        let client = try client(transport)
        let user = try await client.createUser()
        #expect(try await client.issueToken(for: user, scopes: [.chatJoin]).text == "a.b.c")
        try await client.revokeTokens(of: user)
        try await client.deleteUser(user)
        #expect(
            transport.sent.map { "\($0.head.method) \($0.head.path?.prefix { $0 != "?" } ?? "")" } == [
                "POST /identities", "POST /identities/8%3Aacs%3Ar_1/:issueAccessToken",
                "POST /identities/8%3Aacs%3Ar_1/:revokeAccessTokens", "DELETE /identities/8%3Aacs%3Ar_1",
            ])
        for sent in transport.sent { try checkSignature(sent) }
    }

    @Test(arguments: [(401, ServiceError.Code.unauthenticated), (429, .throttled), (500, .serverFailure)])
    func `what the identity service refuses is told`(status: Int, code: ServiceError.Code) async throws {
        let transport = ScriptedTransport(.json(status, #"{"error":{"code":"Denied","message":"m"}}"#))
        let error = await #expect(throws: ServiceError.self) { try await client(transport).createUser() }
        #expect(error?.code == code && error?.serviceCode == "Denied" && error?.status == status)
    }

    @Test(arguments: [TransportResponse.json(201, "{}"), .json(201, "<"), .json(201, #"{"identity":{"id":"8:acs:r_1"}}"#)])
    func `an answer without user or token is unreadable`(response: TransportResponse) async throws {
        let client = try client(ScriptedTransport(response))
        let error = await #expect(throws: ServiceError.self) { try await client.createUserAndToken() }
        #expect(error?.code == .unreadable && error?.certainty == .unknown)
    }
}
#endif
