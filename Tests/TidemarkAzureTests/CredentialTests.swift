import Testing
import TidemarkAzure
import TidemarkModel

struct CredentialTests {
    private static let start = Timestamp(milliseconds: 1_700_000_000_000)

    private func token(minutes: Int64, of user: ParticipantID = Example.alice) -> String {
        Example.jwt(of: user, until: Self.start + .seconds(minutes * 60))
    }

    @Test(arguments: [
        (#"{"exp":1644381957.895,"skypeid":"acs:r_1"}"#, Int64?.some(1_644_381_957_895), ParticipantID?.some("8:acs:r_1")),
        (#"{"exp":"1644381957","skypeid":"8:acs:r_1"}"#, 1_644_381_957_000, "8:acs:r_1"),
        (#"{"exp":1e300}"#, .max, nil),
        (#"{"exp":"soon"}"#, nil, nil),
        (#"{"scp":1792,"text":"???>>>"}"#, nil, nil),
        ("[1]", nil, nil),
    ])
    func `a token tells its end and its user as far as it does`(claims: String, end: Int64?, user: ParticipantID?) throws {
        let token = try AzureAccessToken(Example.jwt(claims))
        #expect(token.expiresAt?.milliseconds == end && token.identity == user)
    }

    @Test(arguments: ["", "  ", "a\nb", "tök", String(repeating: "x", count: 20_000)])
    func `a text that no header can carry is no token`(text: String) {
        let error = #expect(throws: ServiceError.self) { try AzureAccessToken(text) }
        #expect(error?.code == .unauthenticated && error?.certainty == .notApplied)
    }

    @Test(arguments: [("_-8", [UInt8]([0xFF, 0xEF])), ("/+8=", [0xFF, 0xEF]), ("", []), ("AA", [0])])
    func `base64 is read in the alphabet of URLs`(text: String, bytes: [UInt8]) {
        #expect(JSONWebToken.decode(text) == bytes)
        #expect(JSONWebToken.decode("A") == nil && JSONWebToken.decode("A!AA") == nil)
    }

    @Test func `a token never shows itself`() throws {
        let secret = token(minutes: 5)
        var shown = ""
        dump(try AzureAccessToken(secret), to: &shown)
        dump(AzureTokenCredential.token(secret), to: &shown)
        shown +=
            "\(try AzureAccessToken(secret)) \(String(reflecting: try AzureAccessToken(secret))) \(AzureTokenCredential.token(secret))"
        let answer = TransportResponse.json(200, #"{"token":"\#(secret)","expiresOn":"2024-01-02T03:04:05Z"}"#)
        let issued = try AzureIdentityWire(endpoint: try Example.endpoint()).token(of: answer)
        dump(issued, to: &shown)
        shown += "\(issued)"
        #expect(issued.text == secret)
        #expect(!shown.contains(secret) && !shown.contains(secret.suffix(20)))
    }

    @Test func `a token is refreshed ten minutes before its end, and not earlier`() async throws {
        let now = Cell(Self.start)
        let calls = Cell(0)
        let tokens = [token(minutes: 60), token(minutes: 120)]
        let credential = AzureTokenCredential.refreshing(now: { now.value }) { tokens[calls.count() - 1] }
        _ = try await credential.accessToken()
        now.set(Self.start + .seconds(49 * 60))
        #expect(try await credential.accessToken().expiresAt == Self.start + .seconds(3600))
        #expect(calls.value == 1)
        now.set(Self.start + .seconds(50 * 60))
        #expect(try await credential.accessToken().expiresAt == Self.start + .seconds(7200))
        #expect(calls.value == 2)
    }

    @Test func `a token that comes with little life is used for half of it`() async throws {
        let now = Cell(Self.start)
        let calls = Cell(0)
        let short = token(minutes: 4)
        let credential = AzureTokenCredential.refreshing(now: { now.value }) {
            _ = calls.count()
            return short
        }
        for second in [0, 30, 119] {
            now.set(Self.start + .seconds(second))
            _ = try await credential.accessToken()
        }
        #expect(calls.value == 1)
        now.set(Self.start + .seconds(120))
        _ = try await credential.accessToken()
        #expect(calls.value == 2)
    }

    @Test func `one refresh runs and the others wait for it`() async throws {
        let gate = Gate()
        let started = Gate()
        let calls = Cell(0)
        let fresh = token(minutes: 60)
        let credential = AzureTokenCredential.refreshing(now: { Self.start }) {
            _ = calls.count()
            await gate.pass()
            return fresh
        }
        try await withThrowingTaskGroup(of: AzureAccessToken.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    started.arrive()
                    return try await credential.accessToken()
                }
            }
            await started.arrivals(20)
            await gate.arrivals(1)
            gate.open()
            for try await token in group { #expect(token.identity == Example.alice) }
        }
        #expect(calls.value == 1)
    }

    @Test func `a refresh that is cancelled leaves the waiting ones their turn`() async throws {
        let gate = Gate()
        let calls = Cell(0)
        let fresh = token(minutes: 60)
        let credential = AzureTokenCredential.refreshing(now: { Self.start }) {
            guard calls.count() == 1 else { return fresh }
            await gate.pass()
            try Task.checkCancellation()
            return fresh
        }
        let first = Task { try await credential.accessToken() }
        await gate.arrivals(1)
        let second = Task { try await credential.accessToken() }
        first.cancel()
        gate.open()
        let error = await #expect(throws: ServiceError.self) { try await first.value }
        #expect(error?.code == .cancelled && error?.certainty == .notApplied)
        #expect(try await second.value.identity == Example.alice)
    }

    @Test func `one that waits can be cancelled alone`() async throws {
        let gate = Gate()
        let calls = Cell(0)
        let fresh = token(minutes: 60)
        let credential = AzureTokenCredential.refreshing(now: { Self.start }) {
            // A second refresh must not happen; if it does, the test fails instead of waiting for ever.
            guard calls.count() == 1 else { return fresh }
            await gate.pass()
            return fresh
        }
        let first = Task { try await credential.accessToken() }
        await gate.arrivals(1)
        let second = Task { try await credential.accessToken() }
        second.cancel()
        let error = await #expect(throws: ServiceError.self) { try await second.value }
        #expect(error?.code == .cancelled)
        gate.open()
        #expect(try await first.value.identity == Example.alice)
    }

    @Test func `a refresher that returns an expired token is an error`() async throws {
        let stale = token(minutes: -1)
        let credential = AzureTokenCredential.refreshing(now: { Self.start }) { stale }
        let error = await #expect(throws: ServiceError.self) { try await credential.accessToken() }
        #expect(error?.code == .unauthenticated && error?.scope == .account)
    }

    private struct Offline: Error { var secret = "s3cret" }

    @Test func `a refresher that fails is a passing failure, unless it says otherwise`() async throws {
        let lost = AzureTokenCredential.refreshing(now: { Self.start }) { throw Offline() }
        let error = await #expect(throws: ServiceError.self) { try await lost.accessToken() }
        #expect(error?.code == .unreachable && error?.certainty == .notApplied && error?.scope == .account)
        #expect(error.map { "\($0)\($0.serviceMessage ?? "")".contains("s3cret") } == false)
        let denied = AzureTokenCredential.refreshing(now: { Self.start }) {
            throw ServiceError(.unauthenticated, certainty: .unknown)
        }
        let definite = await #expect(throws: ServiceError.self) { try await denied.accessToken() }
        #expect(definite?.code == .unauthenticated && definite?.certainty == .notApplied)
    }

    @Test func `an early refresh that fails leaves the token that still works`() async throws {
        let now = Cell(Self.start)
        let calls = Cell(0)
        let credential = AzureTokenCredential.refreshing(initialToken: token(minutes: 60), now: { now.value }) {
            _ = calls.count()
            throw Offline()
        }
        now.set(Self.start + .seconds(55 * 60))
        _ = try await credential.accessToken()
        _ = try await credential.accessToken()
        #expect(calls.value == 1)
        now.set(now.value + AzureTokenCredential.pauseAfterFailedRefresh)
        _ = try await credential.accessToken()
        #expect(calls.value == 2)
        now.set(Self.start + .seconds(60 * 60))
        await #expect(throws: ServiceError.self) { try await credential.accessToken() }
    }

    @Test func `a closed credential is of no use`() async throws {
        let credential = AzureTokenCredential.token("opaque")
        _ = try await credential.accessToken()
        credential.close()
        let error = await #expect(throws: ServiceError.self) { try await credential.accessToken() }
        #expect(error?.code == .unauthenticated)
    }
}
