import Testing
@testable import TidemarkSimulator

struct AvayaSignInTests {
    private static let form = "application/x-www-form-urlencoded"

    @Test func `a guest logs in with a form as with JSON, and each login is another user`() {
        var bench = AvayaBench()
        let first = bench.call(
            "POST", "/api/anonymous/auth", "displayname=Ann+B%C3%A9&username=&picturefile=", authorization: "", type: Self.form)
        let second = bench.call("POST", "/api/anonymous/auth", #"{"displayname":"Ann Bé"}"#, authorization: "")
        let names = bench.avaya.users.suffix(2).map(\.displayName)
        #expect(names == ["Ann Bé", "Ann Bé"] && Set(bench.avaya.users.map(\.id)).count == 6)
        let me = bench.call("GET", "/api/users/me", authorization: "JWT \(second["token"]?.text ?? "")")
        #expect(me["aType"]?.text == "anonymous" && me["_id"]?.text == bench.avaya.users.last?.id)
        bench.now += 86_400_000
        #expect(bench.call("GET", "/api/users/me", authorization: "jwt \(first["token"]?.text ?? "")").status == 401)
    }

    @Test(arguments: [false, true]) func `a guest's second login with its name is the reading's user`(keeps: Bool) {
        var bench = AvayaBench { $0.guestsKeepTheirID = keeps }
        for _ in 0..<2 { bench.call("POST", "/api/anonymous/auth", #"{"username":"ann"}"#, authorization: "") }
        #expect(bench.avaya.users.count == (keeps ? 5 : 6))
    }

    @Test func `what proves nothing is refused`() {
        var bench = AvayaBench()
        let token = bench.avaya.users[0].token
        for bad in ["", "jwt", "jwt x.y.z", "bearer \(token)", "basic \(token)", "jwt \(token)x"] {
            let answer = bench.call("GET", "/api/users/me", authorization: bad)
            #expect(answer.status == 401 && answer["code"]?.text == "auth.unauthorized", "\(bad)")
        }
        bench.avaya.revokeTokens(of: bench.avaya.users[0].id)
        #expect(bench.call("GET", "/api/users/me").status == 401)
    }

    @Test func `a refresh token is good once`() throws {
        var bench = AvayaBench()
        let user = bench.avaya.users[0].id
        let old = bench.avaya.refreshToken(for: user)
        let client = "client_id=\(bench.avaya.clientID)&client_secret=\(bench.avaya.clientSecret)"
        func refresh(_ token: String, _ bench: inout AvayaBench) -> AvayaBench.Answer {
            bench.call(
                "POST", "/oauth2/access_token", "grant_type=refresh_token&refresh_token=\(token)&\(client)", authorization: "",
                type: Self.form)
        }
        let first = refresh(old, &bench)
        let access = try #require(first["access_token"]?.text)
        let new = try #require(first["refresh_token"]?.text)
        #expect(first.status == 200 && new != old && !bench.avaya.isGood(refreshToken: old))
        #expect(bench.call("GET", "/api/users/me", authorization: "Bearer \(access)")["_id"]?.text == user)
        let reused = refresh(old, &bench)
        #expect(reused.status == 400 && reused["error"]?.text == "invalid_grant")
        #expect(refresh(new, &bench).status == 200)
        bench.now += 3_600_000
        #expect(bench.call("GET", "/api/users/me", authorization: "Bearer \(access)").status == 401)
        let wrong = bench.call(
            "POST", "/oauth2/access_token", "grant_type=refresh_token&refresh_token=\(new)&client_id=x", authorization: "",
            type: Self.form)
        #expect(wrong.status == 401 && wrong["error"]?.text == "invalid_client")
    }

    @Test func `a code is exchanged with its verifier, and a revoked grant ends`() throws {
        var bench = AvayaBench()
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        // The pair of RFC 7636, appendix B.
        let code = bench.avaya.authorizationCode(
            for: bench.avaya.users[1].id, redirectURI: "app://back", challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
            now: bench.time)
        func exchange(_ verifier: String, _ bench: inout AvayaBench) -> AvayaBench.Answer {
            let id = bench.avaya.clientID
            return bench.call(
                "POST", "/oauth2/access_token",
                "grant_type=authorization_code&code=\(code)&redirect_uri=app%3A%2F%2Fback&client_id=\(id)"
                    + "&code_verifier=\(verifier)", authorization: "", type: Self.form)
        }
        #expect(exchange("wrong", &bench).status == 401)
        let tokens = exchange(verifier, &bench)
        let access = try #require(tokens["access_token"]?.text)
        let refresh = try #require(tokens["refresh_token"]?.text)
        #expect(exchange(verifier, &bench).status == 400)
        let revoke = "refresh_token=\(refresh)&client_id=\(bench.avaya.clientID)"
        #expect(bench.call("POST", "/oauth2/revoke_token", revoke, authorization: "", type: Self.form).status == 200)
        #expect(bench.call("GET", "/api/users/me", authorization: "bearer \(access)").status == 401)
        #expect(!bench.avaya.isGood(refreshToken: refresh))
    }
}
