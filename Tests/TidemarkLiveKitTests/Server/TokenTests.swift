#if Crypto
import Foundation
import Testing
import TidemarkLiveKit
import TidemarkModel

@Suite struct TokenTests {
    private func claims(_ json: [String: Any]) throws -> LiveKitTokenClaims {
        let video = try json.object("video")
        func yes(_ name: String) -> Bool { video[name] as? Bool == true }
        var grant = LiveKitVideoGrant()
        grant.roomAdmin = yes("roomAdmin")
        grant.roomJoin = yes("roomJoin")
        grant.roomList = yes("roomList")
        grant.roomCreate = yes("roomCreate")
        grant.room = video["room"] as? String
        grant.canPublish = yes("canPublish")
        grant.canSubscribe = yes("canSubscribe")
        grant.canPublishData = yes("canPublishData")
        grant.isHidden = yes("hidden")
        return LiveKitTokenClaims(
            identity: try json.text("sub"), name: json["name"] as? String, metadata: json["metadata"] as? String,
            attributes: json["attributes"] as? [String: String] ?? [:], grant: grant)
    }

    private func decoded(_ part: Substring) throws -> NSDictionary {
        var text = part.replacing("-", with: "+").replacing("_", with: "/")
        text += String(repeating: "=", count: (4 - text.count % 4) % 4)
        let data = try #require(Data(base64Encoded: String(text)))
        return try #require(try JSONSerialization.jsonObject(with: data) as? NSDictionary)
    }

    @Test(.enabled(if: Recording.isExpected)) func `tokens are those of LiveKit's Python class, byte for byte`() throws {
        let file = try Recording.file("access_tokens.json")
        let key = try #require(LiveKitAPIKey(key: try file.text("api_key"), secret: try file.text("api_secret")))
        for item in try Recording.list("access_tokens.json", "tokens") {
            let name = try item.text("name")
            let recorded = try item.object("claims")
            let claims = try claims(recorded)
            let start = Timestamp(milliseconds: try recorded.integer("nbf") * 1000)
            let lifetime = Duration.seconds(try recorded.integer("exp") - recorded.integer("nbf"))
            let token = try key.token(claims, at: start, lifetime: lifetime)
            let parts = token.split(separator: ".")
            #expect(try decoded(parts[1]) == recorded as NSDictionary, "\(name)")
            // Python keeps the order in which attributes were given; two of them stand in another order here.
            if claims.attributes.count < 2 { #expect(token == (try item.text("token")), "\(name)") }
        }
    }

    @Test(.enabled(if: Recording.isExpected)) func `another secret or another issuer makes the recorded refused tokens`() throws {
        let file = try Recording.file("access_tokens.json")
        let key = try #require(LiveKitAPIKey(key: try file.text("api_key"), secret: "another"))
        let tokens = try Recording.list("access_tokens.json", "verifications").reduce(into: [String: String]()) {
            $0[try $1.text("name")] = try $1.text("token")
        }
        let start = Timestamp(milliseconds: 1_700_000_000_000)
        let own = try key.token(LiveKitTokenClaims(grant: .administer("lobby")), at: start)
        #expect(own.split(separator: ".").dropLast() == tokens["valid"]?.split(separator: ".").dropLast())
        #expect(own != tokens["valid"])
        let other = try #require(LiveKitAPIKey(key: "APIsomeoneElse", secret: try file.text("api_secret")))
        #expect(try other.token(LiveKitTokenClaims(grant: .administer("lobby")), at: start) == tokens["wrong_issuer"])
    }

    @Test func `the grants of this package allow what they are for`() {
        #expect(LiveKitVideoGrant.administer("r").roomAdmin && !LiveKitVideoGrant.administer("r").roomJoin)
        let listen = LiveKitVideoGrant.listen("r")
        #expect(listen.roomJoin && listen.isHidden && !listen.canPublishData && !listen.canPublish && listen.canSubscribe)
        let join = LiveKitVideoGrant.join("r")
        #expect(join.canPublishData && !join.canPublish && !join.isHidden)
    }

    @Test func `claims that the server would take in another sense are refused`() throws {
        let key = try #require(LiveKitAPIKey(key: "k", secret: "s"))
        let now = Timestamp(milliseconds: 1_700_000_000_000)
        let bad = [
            LiveKitTokenClaims(grant: .join("lobby")), LiveKitTokenClaims(identity: "a", grant: .join("")),
            LiveKitTokenClaims(grant: .administer("")),
            LiveKitTokenClaims(identity: "a", grant: .join(String(repeating: "é", count: 129))),
            LiveKitTokenClaims(identity: String(repeating: "a", count: 257), grant: .join("lobby")),
        ]
        for claims in bad {
            #expect(throws: LiveKitTokenClaims.Malformed.self) { try key.token(claims, at: now) }
        }
        #expect(LiveKitAPIKey(key: "", secret: "s") == nil && LiveKitAPIKey(key: "k", secret: "") == nil)
    }

    @Test func `a secret shows itself nowhere`() throws {
        let key = try #require(LiveKitAPIKey(key: "APIkey", secret: "hush-hush"))
        for text in ["\(key)", String(reflecting: key), "\(LiveKitCredential(key))"] { #expect(!text.contains("hush")) }
        var dumped = ""
        dump(key, to: &dumped)
        dump(LiveKitCredential(key), to: &dumped)
        #expect(!dumped.contains("hush"))
    }
}
#endif
