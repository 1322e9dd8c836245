import Foundation
import Testing
@testable import TidemarkSimulator

@Suite(.enabled(if: Recordings.isExpected))
struct LiveKitTokenTests {
    private struct File: Decodable {
        struct Signed: Decodable {
            var name: String
            var token: String
        }

        struct Verification: Decodable {
            struct Result: Decodable {
                var ok: Bool
            }

            var name: String
            var token: String
            var verify_at_unix: Int64
            var result: Result
        }

        var api_key: String
        var api_secret: String
        var issued_at_unix: Int64
        var tokens: [Signed]
        var verifications: [Verification]
    }

    private func file() throws -> File {
        let url = Recordings.folder.appending(path: "livekit/access_tokens.json")
        return try JSONDecoder().decode(File.self, from: Data(contentsOf: url))
    }

    @Test func `recorded tokens are taken or refused as the real verifier did`() throws {
        let file = try file()
        #expect(file.verifications.count >= 14)
        for one in file.verifications {
            var bench = LiveKitBench()
            bench.now = one.verify_at_unix * 1000
            bench.livekit.open("lobby", now: bench.time)
            let answer = bench.call("ListParticipants", #"{"room":"lobby"}"#, token: "Bearer " + one.token)
            #expect((answer.status == 200) == one.result.ok, "\(one.name): \(answer.status) \(answer.text)")
            guard !one.result.ok else { continue }
            #expect(answer.status == 401 && answer.json == nil && answer.type.hasPrefix("text/plain"), "\(one.name)")
        }
    }

    @Test func `each recorded token grants what it says and nothing else`() throws {
        let file = try file()
        let calls = [
            ("SendData", #"{"room":"lobby","data":"AA=="}"#), ("ListParticipants", #"{"room":"lobby"}"#), ("ListRooms", "{}"),
            ("CreateRoom", #"{"name":"lobby"}"#),
        ]
        let granted = [
            "server_send_data": ["SendData", "ListParticipants"], "short_ttl": ["SendData", "ListParticipants"],
            "room_list": ["ListRooms"], "room_create": ["CreateRoom"],
        ]
        for signed in file.tokens {
            for (procedure, body) in calls {
                var bench = LiveKitBench()
                let answer = bench.call(procedure, body, token: signed.token)
                let isGranted = granted[signed.name]?.contains(procedure) == true
                #expect(answer.status == (isGranted ? 200 : 401), "\(signed.name) \(procedure): \(answer.text)")
                if !isGranted {
                    #expect(answer.code == "unauthenticated" && answer.json?["msg"]?.text == "permissions denied")
                }
            }
        }
    }

    @Test func `a token made here has the recorded claims`() throws {
        let file = try file()
        var grants = LiveKitGrants()
        grants.roomAdmin = true
        grants.room = "lobby"
        let made = LiveKitToken.sign(
            grants, identity: "", name: "", key: file.api_key, secret: file.api_secret, issued: file.issued_at_unix,
            seconds: 21_600)
        let again = try LiveKitToken.grants(
            made, key: file.api_key, secret: file.api_secret, requiresExpiry: true, now: file.issued_at_unix)
        #expect(again == grants)
        let recorded = try #require(file.tokens.first { $0.name == "server_send_data" })
        let verified = try LiveKitToken.grants(
            recorded.token, key: file.api_key, secret: file.api_secret, requiresExpiry: true, now: file.issued_at_unix)
        #expect(verified == grants)
    }

    @Test func `without an end a token is refused, or taken by a server of before 2026`() throws {
        let token = try #require(file().verifications.first { $0.name == "no_exp" }).token
        for (requires, status) in [(true, 401), (false, 200)] {
            var bench = LiveKitBench { $0.requiresExpiry = requires }
            #expect(bench.call("ListParticipants", #"{"room":"lobby"}"#, token: token).status == status)
        }
    }
}
