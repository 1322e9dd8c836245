import Foundation
import Testing
@testable import TidemarkSimulator

/// The simulator's reader and writer against bytes that the real classes made (`protobuf.json`).
@Suite(.enabled(if: Recordings.isExpected))
struct LiveKitProtobufTests {
    private func cases() throws -> [JSON] {
        let data = try Data(contentsOf: Recordings.folder.appending(path: "livekit/protobuf.json"))
        return try #require(JSON(Array(data))?["cases"]?.list)
    }

    private func bytes(_ one: JSON) throws -> [UInt8] {
        try #require(one["protobuf_base64"]?.text.flatMap { WireText.bytes(base64: $0) })
    }

    @Test func `every recorded message is read and written again to the byte, and no cut of it is`() throws {
        let cases = try cases()
        #expect(cases.count >= 20)
        for one in cases {
            let bytes = try bytes(one)
            let message = try #require(Protobuf(bytes), "\(one["name"]?.text ?? "")")
            #expect(message.bytes == bytes)
            guard !bytes.isEmpty else { continue }
            for length in 1..<bytes.count {
                // A cut between two fields is whole; what it reads it writes again.
                if let cut = Protobuf(Array(bytes.prefix(length))) { #expect(cut.bytes == Array(bytes.prefix(length))) }
            }
            #expect(Protobuf(Array(bytes.dropLast())) == nil)
        }
    }

    @Test func `a recorded send is the same in protobuf and in both spellings of JSON`() throws {
        let sends = try cases().filter { $0["type"]?.text == "livekit.SendDataRequest" }
        #expect(sends.count == 3)
        for one in sends {
            let forms: [([UInt8], String)] = try [
                (bytes(one), "application/protobuf"), (#require(one["json_camel"]).bytes, "application/json"),
                (#require(one["json_proto_names"]).bytes, "application/json; charset=utf-8"),
            ]
            var packets: [SimulatedPacket] = []
            for (body, type) in forms {
                var bench = LiveKitBench()
                let answer = bench.call("SendData", body, type: type)
                #expect(answer.status == 200, "\(one["name"]?.text ?? ""): \(answer.text)")
                #expect(answer.text == (type == "application/protobuf" ? "" : "{}"))
                packets.append(try #require(bench.livekit.accepted.first))
            }
            #expect(Set(packets).count == 1)
            let camel = try #require(one["json_camel"])
            #expect(WireText.base64(packets[0].payload) == camel["data"]?.text)
            #expect(packets[0].topic == camel["topic"]?.text && packets[0].isReliable == (camel["kind"] == nil))
            #expect(packets[0].destinations == camel["destinationIdentities"]?.list?.compactMap(\.text) ?? [])
            #expect(WireText.base64(packets[0].nonce) == camel["nonce"]?.text ?? "")
        }
    }

    @Test func `a list of participants has the recorded bytes, and the Go server's JSON`() throws {
        let one = try #require(try cases().first { $0["name"]?.text == "list_participants_response" })
        let alice = SimulatedParticipant(
            sid: "PA_1", identity: "alice", name: "N", attributes: ["k": "v"], joinedAt: 1_700_000_000_123, opensAt: 0)
        let message = LiveKitMessage(("participants", 1, .messages([alice.message])))
        // The second recorded participant has no permissions and another state, which none has here.
        let recorded = try #require(Protobuf(bytes(one)))
        #expect(message.protobuf.fields == Array(recorded.fields.prefix(1)))
        let expected = one["json_as_the_go_server_writes_it"]?["participants"]?.list?.first
        #expect(JSON(alice.message.json.bytes) == expected)
    }

    @Test func `numbers are read to their limits, and not beyond`() throws {
        let most: [UInt8] = [0x08] + Array(repeating: 0xFF, count: 9) + [0x01]
        #expect(Protobuf(most)?[1] == .varint(.max))
        #expect(Protobuf([0x08] + Array(repeating: 0xFF, count: 9) + [0x02]) == nil)
        #expect(Protobuf([0x08] + Array(repeating: 0x80, count: 10) + [0x01]) == nil)
        #expect(Protobuf([0x0A] + Array(repeating: 0xFF, count: 9) + [0x01]) == nil)
        #expect(Protobuf([0x09, 1, 2, 3, 4, 5, 6, 7, 8])?.bytes.count == 9)
        #expect(Protobuf([0x0D, 1, 2, 3]) == nil)
    }
}
