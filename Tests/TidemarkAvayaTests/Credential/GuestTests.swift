import Foundation
import HTTPTypes
import Testing
import TidemarkAvaya
import TidemarkModel

/// Guests: a day, no renewal, and another user after a second login.
struct GuestTests {
    /// A service that makes one guest after the other; those of `ended` are refused.
    private final class Guests: Sendable {
        let made = Shared(0)
        let ended = Shared<Set<String>>([])

        var transport: ScriptedHTTP {
            ScriptedHTTP { [made, ended] sent, _ in
                if sent.head.path == "/api/anonymous/auth" {
                    let number = made.update { made in
                        made += 1
                        return made
                    }
                    let claims = #"{"anonymous_id":"claimed-\#(number)","iat":1493041917,"exp":1493128317}"#
                    return .json(200, #"{"token":"\#(Example.jwt(claims + String(repeating: " ", count: number)))"}"#)
                }
                let token = sent.authorization?.dropFirst(4).description ?? ""
                guard !ended.value.contains(token) else { return .empty(401) }
                return .json(200, #"{"_id":"guest-of-\#(token.count)","aType":"anonymous","displayname":"Ann"}"#)
            }
        }
    }

    private func guest(_ transport: ScriptedHTTP, token: String? = nil, anew: Bool = false) throws -> AnonymousUser {
        AnonymousUser(
            displayName: "Ann", token: token, logsInAnew: anew, servers: try Example.servers(), transport: transport)
    }

    @Test func `a login makes a guest, and the service says who it is`() async throws {
        let transport = Guests().transport
        let guest = try guest(transport)
        #expect(!guest.hasToken)
        let user = try await guest.login()
        #expect(user.isGuest && guest.hasToken)
        let access = try await guest.access()
        let token = try await guest.token()
        #expect(access.scheme == .jwt && access.identity == user.id && access.token == token)
        // By the service's clock: the day is long over by this one's, and nothing is made of that.
        #expect(access.expiresAt == Timestamp(milliseconds: 1_493_128_317_000))
        #expect(transport.sent.map(\.line) == ["POST /api/anonymous/auth", "GET /api/users/me"])
        #expect(transport.sent.first?.text == #"{"displayname":"Ann"}"#)
        #expect(transport.sent.first?.head.headerFields[.contentType] == "application/json")
    }

    @Test func `a second login is the same guest`() async throws {
        let guests = Guests()
        let guest = try guest(guests.transport)
        let first = try await guest.login()
        #expect(try await guest.login() == first && guests.made.value == 1)
    }

    @Test func `a guest whose day is over stays over`() async throws {
        let guests = Guests()
        let guest = try guest(guests.transport)
        let access = try await guest.access()
        guests.ended.set([access.token])
        for _ in 0..<2 {
            let error = await #expect(throws: ServiceError.self) { try await guest.renewed(after: access) }
            #expect(error?.code == .unauthenticated && error?.certainty == .notApplied)
        }
        #expect(guests.made.value == 1)
    }

    @Test func `a guest that may log in anew becomes another user`() async throws {
        let guests = Guests()
        let guest = try guest(guests.transport, anew: true)
        let access = try await guest.access()
        guests.ended.set([access.token])
        let other = try await guest.renewed(after: access)
        #expect(other.token != access.token && other.identity != access.identity && guests.made.value == 2)
        #expect(ServiceTraits.avaya(isGuest: true).identityChanges)
        // Somebody who was refused at the same time gets the same one.
        #expect(try await guest.renewed(after: access) == other && guests.made.value == 2)
    }

    @Test func `a guest goes on with an earlier token`() async throws {
        let guests = Guests()
        let transport = guests.transport
        let user = try await guest(transport, token: "earlier").login()
        #expect(user.id == "guest-of-7" && transport.sent.map(\.line) == ["GET /api/users/me"])
        guests.ended.set(["earlier"])
        let strict = try guest(transport, token: "earlier")
        for _ in 0..<2 {
            let error = await #expect(throws: ServiceError.self) { try await strict.login() }
            #expect(error?.code == .unauthenticated)
        }
        #expect(guests.made.value == 0)
        let willing = try guest(transport, token: "earlier", anew: true)
        _ = try await willing.login()
        #expect(guests.made.value == 1)
    }

    @Test func `who it is is asked again without another login`() async throws {
        let guests = Guests()
        let answers = guests.transport
        let fails = Shared(true)
        let transport = ScriptedHTTP { sent, _ throws(TransportError) in
            if sent.head.path == "/api/users/me", fails.value {
                throw TransportError(.connectionLost, requestMayHaveArrived: true)
            }
            return try await answers.send(sent.head, body: sent.body, limits: HTTPLimits())
        }
        let guest = try guest(transport)
        let error = await #expect(throws: ServiceError.self) { try await guest.login() }
        #expect(error?.certainty == .notApplied && error?.scope == .account)
        fails.set(false)
        _ = try await guest.login()
        #expect(guests.made.value == 1)
    }

    @Test(arguments: [
        (TransportResponse.json(200, "{}"), ServiceError.Code.unreadable), (.json(200, #"{"token":"a b"}"#), .unauthenticated),
        (.html(200), .unreadable), (.empty(503), .serverFailure), (.empty(429, [("Retry-After", "9")]), .throttled),
    ])
    func `a login that fails says how, and nothing of a request had left`(
        answer: TransportResponse, code: ServiceError.Code
    ) async throws {
        let guest = try guest(ScriptedHTTP(answer))
        let error = await #expect(throws: ServiceError.self) { try await guest.login() }
        #expect(error?.code == code && error?.certainty == .notApplied && error?.scope == .account)
        #expect(error?.retryAfter == (code == .throttled ? .seconds(9) : nil))
    }

    @Test func `a plain token is used until it is refused`() async throws {
        let token = Example.jwt(#"{"exp":1493128317}"#)
        let credential = try JWTAuthenticator(token: token, identity: Example.ann)
        let access = try await credential.access()
        #expect(access.token == token && access.scheme == .jwt && access.identity == Example.ann)
        #expect(credential.expiresAt == Timestamp(milliseconds: 1_493_128_317_000))
        let error = await #expect(throws: ServiceError.self) { try await credential.renewed(after: access) }
        #expect(error?.code == .unauthenticated)
    }

    @Test(arguments: ["", "a b", "a\r\nb", "é", String(repeating: "a", count: 20_000)])
    func `a text that no header can carry is no token`(text: String) {
        #expect(throws: ServiceError.self) { try JWTAuthenticator(token: text) }
    }

    @Test(.enabled(if: AvayaRecording.isExpected)) func `the printed login is made, and its answer read`() async throws {
        let answer = try AvayaRecording.answer("anonymous-auth.response.json")
        let transport = ScriptedHTTP { sent, _ in
            sent.head.path == "/api/users/me" ? .json(200, #"{"_id":"58fe02fd0c6c4405d407a2af"}"#) : answer
        }
        let guest = AnonymousUser(
            displayName: "anonymous ab", username: "aUniqueNameABC", servers: try Example.servers(), transport: transport)
        let access = try await guest.access()
        #expect(access.expiresAt == Timestamp(milliseconds: 1_493_128_317_000))
        let sent = try #require(transport.sent.first)
        let made = try #require(try JSONSerialization.jsonObject(with: Data(sent.body)) as? NSDictionary)
        let printed = try JSONSerialization.jsonObject(with: Data(try AvayaRecording.bytes("anonymous-auth.request.json")))
        #expect(made == printed as? NSDictionary)
    }

    @Test func `no credential shows its secret`() async throws {
        let transport = ScriptedHTTP(.json(200, #"{"access_token":"SECRET","refresh_token":"SECRET","_id":"u"}"#))
        let servers = try Example.servers()
        let jwt = try JWTAuthenticator(token: "SECRET")
        let oauth = OAuth2Authenticator(
            clientID: "id", clientSecret: "SECRET", refreshToken: "SECRET", servers: servers, transport: transport)
        _ = try await oauth.access()
        let things: [Any] = [
            jwt, oauth, AnonymousUser(token: "SECRET", servers: servers, transport: transport),
            RegisteredUser(jwt, servers: servers, transport: transport), KeptRefreshToken("SECRET"), try await jwt.access(),
        ]
        for thing in things {
            #expect(!"\(thing)".contains("SECRET") && !String(reflecting: thing).contains("SECRET"))
        }
    }
}
