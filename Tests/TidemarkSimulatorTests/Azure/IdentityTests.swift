import HTTPTypes
import Testing
import TidemarkModel
@testable import TidemarkSimulator

struct IdentityTests {
    private func signed(_ path: String, _ body: String, method: String = "POST", key: String) -> HTTPRequest {
        var request = HTTPRequest(
            method: HTTPRequest.Method(method) ?? .post, scheme: "https", authority: "simulated.communication.azure.com",
            path: path + "?api-version=2023-10-01")
        Signature.sign(&request, Array(body.utf8), key: key)
        return request
    }

    @Test func `a signed call makes a user whose token is good`() {
        var bench = Bench()
        let body = #"{"createTokenWithScopes":["chat"],"expiresInMinutes":60}"#
        let made = bench.send(signed("/identities", body, key: bench.azure.accessKey), body)
        #expect(made.status == 201 && made["identity"]?["id"]?.text?.hasPrefix("8:acs:") == true)
        #expect(made["accessToken"]?["expiresOn"]?.text?.hasSuffix(".0000000+00:00") == true)
        let token = made["accessToken"]?["token"]?.text ?? ""
        #expect(bench.call("GET", "/chat/threads", token: token).status == 200)
        bench.now += 61 * 60_000
        #expect(bench.call("GET", "/chat/threads", token: token).status == 401)
    }

    @Test func `a wrong key, another body and no signature are refused`() {
        var bench = Bench()
        let key = bench.azure.accessKey
        #expect(bench.send(signed("/identities", "{}", key: WireText.base64(Array(repeating: 1, count: 32))), "{}").status == 401)
        #expect(bench.send(signed("/identities", "{}", key: key), "{ }").status == 401)
        var moved = signed("/identities", "{}", key: key)
        moved.path = "/identities?api-version=2022-10-01"
        #expect(bench.send(moved, "{}").status == 401)
        #expect(bench.call("POST", "/identities", "{}").status == 401)
        #expect(bench.azure.users.count == 4)
    }

    @Test(arguments: ["59", "1441", "1e300", "-1", "9223372036854775807"])
    func `a lifetime outside an hour and a day is refused`(minutes: String) {
        var bench = Bench()
        let body = #"{"scopes":["chat"],"expiresInMinutes":\#(minutes)}"#
        let path = "/identities/\(bench.azure.users[0].id)/:issueAccessToken"
        #expect(bench.send(signed(path, body, key: bench.azure.accessKey), body).status == 400)
    }

    @Test func `expired, revoked, forged and absent tokens are refused`() {
        var bench = Bench()
        #expect(bench.call("GET", "/chat/threads", token: "").status == 401)
        #expect(bench.call("GET", "/chat/threads", token: bench.azure.users[0].token + "x").status == 401)
        let revoke = signed("/identities/\(bench.azure.users[1].id)/:revokeAccessTokens", "", key: bench.azure.accessKey)
        #expect(bench.send(revoke, "").status == 204)
        #expect(bench.call("GET", "/chat/threads", as: 1).status == 401)
        #expect(bench.call("GET", "/chat/threads").status == 200)
        bench.now += 24 * 3_600_000
        #expect(bench.call("GET", "/chat/threads").status == 401)
        bench.azure.renewTokens(now: Timestamp(milliseconds: bench.now))
        #expect(bench.call("GET", "/chat/threads").status == 200)
    }

    /// FIPS 180-4's examples.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func `hashes are those of the standard`(text: String, hash: String) {
        #expect(hex(SHA256.hash(Array(text.utf8))) == hash)
    }

    /// RFC 4231, cases 1, 2 and 6: the last has a key that is longer than a block.
    @Test(arguments: [
        (
            [UInt8](repeating: 0x0B, count: 20), "Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), "what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
    ])
    func `authentication codes are those of the standard`(key: [UInt8], text: String, code: String) {
        #expect(hex(SHA256.authenticationCode(Array(text.utf8), key: key)) == code)
    }

    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
