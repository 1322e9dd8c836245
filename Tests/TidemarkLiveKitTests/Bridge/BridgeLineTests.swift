import Foundation
import Testing
import TidemarkLiveKit
import TidemarkModel

@Suite struct BridgeLineTests {
    @Test(.enabled(if: Recording.isExpected)) func `recorded packets are read as lines, whatever keys stand beside them`() throws
    {
        for item in try Recording.list("session_two_peers.json", "packets") {
            let packet = try item.object("packet")
            let line = try JSONSerialization.data(withJSONObject: packet)
            let expected = LiveKitPacket(
                topic: try packet.text("topic"), payload: try Recording.bytes(packet["payload_base64"]),
                identity: try packet.text("identity"))
            #expect(BridgeLine(Array(line)) == .packet(expected))
        }
    }

    @Test(.enabled(if: Recording.isExpected)) func `every recorded payload comes through a line as it was`() throws {
        for item in try Recording.list("chat_decode.json", "cases") {
            let packet = LiveKitPacket(
                topic: item.present("topic") as? String, payload: try Recording.bytes(item["payload_base64"]),
                identity: item.present("identity") as? String)
            let line = BridgeLine.publishing(packet.payload, topic: packet.topic ?? "", destinations: ["a\n\"b"])
            #expect(line.last == UInt8(ascii: "\n") && line.filter { $0 == UInt8(ascii: "\n") }.count == 1)
            let json = try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
            #expect(try Recording.bytes(json["payload_base64"]) == packet.payload && json["identity"] is NSNull)
            #expect(json["topic"] as? String == packet.topic ?? "" && json["reliable"] as? Bool == true)
            #expect(json["destination_identities"] as? [String] == ["a\n\"b"])
            #expect(BridgeLine(line.dropLast()) == .packet(LiveKitPacket(topic: packet.topic ?? "", payload: packet.payload)))
        }
    }

    @Test func `a finished text stream is a packet with its id and time`() {
        let line =
            #"{"topic":"lk.chat","payload_base64":"aGk=","identity":"a","stream_id":"s-1","timestamp":1700000000123,"x":{}}"#
        let stream = LiveKitStream(id: "s-1", timestamp: Timestamp(milliseconds: 1_700_000_000_123))
        #expect(
            BridgeLine(Array(line.utf8))
                == .packet(LiveKitPacket(topic: "lk.chat", payload: Array("hi".utf8), identity: "a", stream: stream)))
    }

    @Test func `a line with an event is status, also if it looks like a packet`() {
        let line = #"{"event":"ready","room":"lobby","count":3,"list":[1],"topic":"lk-chat-topic","payload_base64":""}"#
        #expect(
            BridgeLine(Array(line.utf8))
                == .status(
                    BridgeStatus(
                        event: "ready", members: ["room": "lobby", "count": "3", "topic": "lk-chat-topic", "payload_base64": ""]))
        )
        #expect(BridgeLine(Array(#"{"event":null}"#.utf8)) == .status(BridgeStatus(event: "null")))
    }

    @Test(arguments: [
        "", "x", "[]", "{}", #"{"topic":"t"}"#, #"{"topic":"t","payload_base64":7}"#, #"{"topic":"t","payload_base64":"*"}"#,
        #"{"topic":7,"payload_base64":""}"#, #"{"topic":"t","payload_base64":"","identity":7}"#, "\u{0}", "{\"a\":\u{1}}",
    ]) func `another line is malformed and says why without quoting it`(line: String) {
        guard case .malformed(let reason) = BridgeLine(Array(line.utf8)) else {
            Issue.record("it was read: \(line)")
            return
        }
        #expect(!reason.isEmpty)
    }

    @Test func `lines are cut wherever the bytes are cut, and too long ones are dropped to their end`() {
        let flow = Array("one\r\n\ntwo\n\(String(repeating: "x", count: 11))\n0123456789\nlast".utf8)
        let expected: [LineSplitter.Piece] = ["one", "two", nil, "0123456789", "last"].map { text in
            text.map { .line(Array($0.utf8)) } ?? .dropped
        }
        for size in 1...flow.count {
            var splitter = LineSplitter(maximumBytes: 10)
            var pieces: [LineSplitter.Piece] = []
            var rest = flow[...]
            while !rest.isEmpty {
                pieces += splitter.push(rest.prefix(size))
                rest = rest.dropFirst(size)
            }
            pieces += splitter.finish().map { [$0] } ?? []
            #expect(pieces == expected, "in pieces of \(size)")
        }
    }

    @Test func `the pause grows to its limit and begins anew after a run that worked`() {
        var backoff = BridgeBackoff(first: .seconds(1), longest: .seconds(5))
        let pauses = [false, false, false, false, true, false].map { backoff.delay(afterOneThatWorked: $0) }
        #expect(pauses == [1, 2, 4, 5, 1, 2].map(Duration.seconds))
    }
}
