import Foundation
import HTTPTypes
import Testing
import TidemarkAvaya
import TidemarkModel

/// OAuth 2: a refresh token that is replaced at each renewal, and is never to be lost.
struct OAuthTests {
    /// The accounts service: each refresh token works once and gives the next.
    private final class Accounts: Sendable {
        let valid = Shared("r-0")
        let renewals = Shared(0)
        let lifetime: Int?

        init(lifetime: Int? = 3600) { self.lifetime = lifetime }

        func answer(_ sent: ScriptedHTTP.Sent) -> TransportResponse {
            guard sent.text.contains("refresh_token=\(valid.value)&") else {
                return .json(400, #"{"error":"invalid_grant","error_description":"spent"}"#)
            }
            let number = renewals.update { renewals in
                renewals += 1
                return renewals
            }
            valid.set("r-\(number)")
            let life = lifetime.map { #","expires_in":\#($0)"# } ?? ""
            return .json(200, #"{"access_token":"a-\#(number)","refresh_token":"r-\#(number)"\#(life)}"#)
        }

        var transport: ScriptedHTTP { ScriptedHTTP { sent, _ in self.answer(sent) } }
    }

    private func authenticator(
        _ transport: ScriptedHTTP, _ keeper: any RefreshTokenKeeper = MemoryRefreshTokenKeeper("r-0"),
        now: @escaping @Sendable () -> Timestamp = { Example.start }
    ) throws -> OAuth2Authenticator {
        OAuth2Authenticator(
            clientID: "id", clientSecret: "s&cret", keeper: keeper, servers: try Example.servers(), transport: transport, now: now
        )
    }

    @Test func `a renewal sends what the Python client sends`() async throws {
        let transport = Accounts().transport
        let access = try await authenticator(transport).access()
        #expect(access.scheme == .bearer && access.token == "a-1")
        let sent = try #require(transport.sent.first)
        #expect(sent.line == "POST /oauth2/access_token" && sent.head.authority == "accounts.example")
        #expect(sent.head.headerFields[.contentType] == "application/x-www-form-urlencoded")
        #expect(sent.text == "grant_type=refresh_token&refresh_token=r-0&client_id=id&client_secret=s%26cret")
        #expect(sent.authorization == nil)
    }

    @Test func `the new refresh token is kept before the access token is used`() async throws {
        let keeper = WatchedKeeper("r-0")
        let transport = Accounts().transport
        let authenticator = try authenticator(transport, keeper)
        keeper.fails.set(true)
        let before = await #expect(throws: ServiceError.self) { try await authenticator.access() }
        // Not even asked for: there would be nowhere to keep the next one.
        #expect(before?.certainty == .notApplied && transport.sent.isEmpty)
        keeper.fails.set(false)
        keeper.failsToKeepNew.set(true)
        let error = await #expect(throws: ServiceError.self) { try await authenticator.access() }
        #expect(error?.certainty == .notApplied && !authenticator.hasToken && transport.sent.count == 1)
        // It is not lost while the process lives, and not asked for again.
        keeper.failsToKeepNew.set(false)
        #expect(try await authenticator.access().token == "a-1" && transport.sent.count == 1)
        #expect(keeper.kept.value == KeptRefreshToken("r-1"))
        #expect(keeper.saved.value == [KeptRefreshToken("r-0", mayBeSpent: true), KeptRefreshToken("r-1")])
    }

    @Test func `many who wait cause one renewal`() async throws {
        let accounts = Accounts()
        let open = AsyncStream.makeStream(of: Void.self)
        let transport = ScriptedHTTP { sent, _ in
            for await _ in open.stream {}
            return accounts.answer(sent)
        }
        let authenticator = try authenticator(transport)
        let tokens = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<20 { group.addTask { try await authenticator.access().token } }
            open.continuation.finish()
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(tokens == ["a-1"] && accounts.renewals.value == 1)
    }

    @Test func `one who is cancelled leaves the others their renewal`() async throws {
        let accounts = Accounts()
        let arrived = AsyncStream.makeStream(of: Void.self)
        let open = AsyncStream.makeStream(of: Void.self)
        let transport = ScriptedHTTP { sent, _ in
            arrived.continuation.finish()
            for await _ in open.stream {}
            return accounts.answer(sent)
        }
        let authenticator = try authenticator(transport)
        let first = Task { try await authenticator.access() }
        for await _ in arrived.stream {}
        let second = Task { try await authenticator.access().token }
        first.cancel()
        // It ends at once, while the answer is still out.
        let error = await #expect(throws: ServiceError.self) { try await first.value }
        #expect(error?.code == .cancelled)
        open.continuation.finish()
        #expect(try await second.value == "a-1" && accounts.renewals.value == 1)
        #expect(try await authenticator.refreshToken() == "r-1")
    }

    @Test func `an access is renewed after nine tenths of its life and when it was refused`() async throws {
        let accounts = Accounts(lifetime: 1000)
        let now = Shared(Example.start)
        let authenticator = try authenticator(accounts.transport) { now.value }
        let first = try await authenticator.access()
        now.set(Example.start + .seconds(899))
        #expect(try await authenticator.access() == first)
        now.set(Example.start + .seconds(900))
        let second = try await authenticator.access()
        #expect(second.token == "a-2")
        #expect(try await authenticator.renewed(after: first) == second)
        #expect(try await authenticator.renewed(after: second).token == "a-3")
        #expect(accounts.renewals.value == 3)
    }

    @Test func `an access without a life is used until it is refused`() async throws {
        let accounts = Accounts(lifetime: nil)
        let now = Shared(Example.start)
        let authenticator = try authenticator(accounts.transport) { now.value }
        let first = try await authenticator.access()
        now.set(Example.start + .seconds(10_000_000))
        #expect(try await authenticator.access() == first && accounts.renewals.value == 1)
    }

    @Test func `an access that still lives outlasts a failed renewal`() async throws {
        let accounts = Accounts(lifetime: 1000)
        let isDown = Shared(false)
        let now = Shared(Example.start)
        let transport = ScriptedHTTP { sent, _ in isDown.value ? .empty(503) : accounts.answer(sent) }
        let authenticator = try authenticator(transport) { now.value }
        let first = try await authenticator.access()
        isDown.set(true)
        now.set(Example.start + .seconds(950))
        #expect(try await authenticator.access() == first && transport.sent.count == 2)
        // For a while it isn't tried again.
        #expect(try await authenticator.access() == first && transport.sent.count == 2)
        now.set(Example.start + .seconds(1000))
        let error = await #expect(throws: ServiceError.self) { try await authenticator.access() }
        #expect(error?.code == .serverFailure && error?.certainty == .notApplied)
    }

    @Test func `a lost answer to a renewal is said, and what became of it later too`() async throws {
        let accounts = Accounts()
        let loses = Shared(true)
        let transport = ScriptedHTTP { sent, _ throws(TransportError) in
            let answer = accounts.answer(sent)
            if loses.value { throw TransportError(.connectionLost, requestMayHaveArrived: true) }
            return answer
        }
        let keeper = MemoryRefreshTokenKeeper("r-0")
        let authenticator = try authenticator(transport, keeper)
        let lost = await #expect(throws: ServiceError.self) { try await authenticator.access() }
        #expect(lost?.code == .answerLost && lost?.serviceMessage?.contains("renewal was lost") == true)
        #expect(try await keeper.load() == KeptRefreshToken("r-0", mayBeSpent: true))
        loses.set(false)
        // The service had replaced the token; also for a process that was started since.
        let later = try self.authenticator(transport, keeper)
        let refused = await #expect(throws: ServiceError.self) { try await later.access() }
        #expect(refused?.code == .unauthenticated && refused?.serviceMessage?.contains("earlier renewal was lost") == true)
    }

    @Test func `a lost request costs nothing`() async throws {
        let accounts = Accounts()
        let loses = Shared(true)
        let transport = ScriptedHTTP { sent, _ throws(TransportError) in
            if loses.value { throw TransportError(.unreachable, requestMayHaveArrived: false) }
            return accounts.answer(sent)
        }
        let keeper = MemoryRefreshTokenKeeper("r-0")
        let authenticator = try authenticator(transport, keeper)
        let error = await #expect(throws: ServiceError.self) { try await authenticator.access() }
        #expect(error?.code == .unreachable)
        #expect(try await keeper.load() == KeptRefreshToken("r-0"))
        loses.set(false)
        #expect(try await authenticator.access().token == "a-1")
    }

    @Test func `a refused refresh token asks for a new sign-in`() async throws {
        let transport = ScriptedHTTP(.json(400, #"{"error":"invalid_grant"}"#))
        let authenticator = try authenticator(transport)
        let error = await #expect(throws: ServiceError.self) { try await authenticator.access() }
        #expect(error?.code == .unauthenticated && error?.scope == .account && error?.serviceCode == "invalid_grant")
        let none = OAuth2Authenticator(
            clientID: "id", clientSecret: nil, servers: try Example.servers(), transport: transport)
        let missing = await #expect(throws: ServiceError.self) { try await none.access() }
        #expect(missing?.code == .unauthenticated && transport.sent.count == 1)
    }

    @Test func `a service that replaces nothing is gone on with`() async throws {
        let transport = ScriptedHTTP(.json(200, #"{"access_token":"a-1"}"#))
        let keeper = MemoryRefreshTokenKeeper("r-0")
        #expect(try await authenticator(transport, keeper).access().token == "a-1")
        #expect(try await keeper.load() == KeptRefreshToken("r-0"))
    }

    @Test func `a code is changed into tokens with a verifier`() async throws {
        let transport = ScriptedHTTP(.json(200, #"{"access_token":"a-9","refresh_token":"r-9","expires_in":60}"#))
        let keeper = MemoryRefreshTokenKeeper()
        let authenticator = OAuth2Authenticator(
            clientID: "id", clientSecret: nil, keeper: keeper, servers: try Example.servers(), transport: transport,
            now: { Example.start })
        let url = try authenticator.authorizationURL(redirectURI: "app://back", state: "x y", challenge: "abc")
        #expect(
            url.absoluteString == "https://accounts.example/oauth2/authorize?client_id=id&redirect_uri=app%3A%2F%2Fback&"
                + "response_type=code&access_type=offline&scope=email%20profile%20spaces&state=x%20y&code_challenge=abc&"
                + "code_challenge_method=S256")
        try await authenticator.signIn(code: "c/1", redirectURI: "app://back", verifier: "v")
        #expect(
            transport.sent.first?.text == "grant_type=authorization_code&code=c%2F1&redirect_uri=app%3A%2F%2Fback&"
                + "code_verifier=v&scope=email%20profile%20spaces&client_id=id")
        #expect(try await keeper.load() == KeptRefreshToken("r-9"))
        #expect(try await authenticator.access().token == "a-9" && transport.sent.count == 1)
    }

    @Test func `a name and password sign in`() async throws {
        let transport = ScriptedHTTP(.json(200, #"{"access_token":"a-9","refresh_token":"r-9"}"#))
        let authenticator = try authenticator(transport, MemoryRefreshTokenKeeper())
        try await authenticator.signIn(username: "ann@example.com", password: "p w")
        #expect(transport.sent.first?.text.hasPrefix("grant_type=password&username=ann%40example.com&password=p%20w&") == true)
        #expect(try await authenticator.refreshToken() == "r-9")
    }

    @Test func `a revoked token is forgotten once the service said yes`() async throws {
        let isDown = Shared(true)
        let accounts = Accounts()
        let transport = ScriptedHTTP { sent, _ in
            guard sent.head.path == "/oauth2/revoke_token" else { return accounts.answer(sent) }
            return isDown.value ? .empty(503) : .empty(200)
        }
        let keeper = MemoryRefreshTokenKeeper("r-0")
        let authenticator = try authenticator(transport, keeper)
        _ = try await authenticator.access()
        await #expect(throws: ServiceError.self) { try await authenticator.revoke() }
        #expect(try await keeper.load() == KeptRefreshToken("r-1"))
        isDown.set(false)
        try await authenticator.revoke()
        #expect(transport.sent.last?.text == "refresh_token=r-1&client_id=id")
        #expect(try await keeper.load() == nil && !authenticator.hasToken)
        let error = await #expect(throws: ServiceError.self) { try await authenticator.access() }
        #expect(error?.code == .unauthenticated)
    }

    @Test func `a registered user is whom the service says, asked once for each access`() async throws {
        let accounts = Accounts()
        let transport = ScriptedHTTP { sent, _ in
            guard sent.head.path == "/api/users/me" else { return accounts.answer(sent) }
            return sent.authorization == "bearer a-1"
                ? .empty(401) : .json(200, #"{"_id":"u-1","aType":"user","displayname":"Ann"}"#)
        }
        let user = RegisteredUser(try authenticator(transport), servers: try Example.servers(), transport: transport)
        #expect(try await user.access().identity == nil)
        #expect(try await user.login().displayName == "Ann")
        let asked = transport.sent.count
        #expect(try await user.login().id == "u-1" && transport.sent.count == asked)
        #expect(try await user.access().identity == "u-1")
    }
}

/// Remembers what it was given, and fails when it is told to.
private final class WatchedKeeper: RefreshTokenKeeper {
    struct Full: Error {}

    let kept: Shared<KeptRefreshToken?>
    let saved = Shared<[KeptRefreshToken]>([])
    let fails = Shared(false)
    let failsToKeepNew = Shared(false)

    init(_ token: String) { kept = Shared(KeptRefreshToken(token)) }

    func load() async throws -> KeptRefreshToken? { kept.value }

    func save(_ token: KeptRefreshToken?) async throws {
        if fails.value || failsToKeepNew.value && token?.mayBeSpent == false { throw Full() }
        kept.set(token)
        if let token { saved.update { $0.append(token) } }
    }

    func exclusively<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        try await body()
    }
}
