import Foundation
import Testing
import TidemarkLiveKit
import TidemarkModel

@Suite struct DecodingTests {
    @Test(.enabled(if: Recording.isExpected)) func `every recorded packet is accepted, refused or passed over as by Python`()
        throws
    {
        for item in try Recording.list("chat_decode.json", "cases") {
            let name = try item.text("name")
            let packet = LiveKitPacket(
                topic: item.present("topic") as? String, payload: try Recording.bytes(item["payload_base64"]),
                identity: item.present("identity") as? String)
            let python = try item.object("python")
            switch (LiveKitChatWire().read(packet), try python.text("outcome")) {
            case (.observation(let observation), "event"):
                try compare(observation, try python.object("event"), name)
                #expect(observation.change != .create || packet.topic == LiveKitTopic.chat, "\(name)")
            case (.reject(let reject), "dropped"):
                #expect(reject.payload == packet.payload && reject.sender == packet.identity, "\(name)")
            case (.ignored, "ignored"): break
            case (let reading, let outcome): Issue.record("\(name): \(reading), but Python: \(outcome)")
            }
        }
    }

    private func compare(_ observation: LiveKitObservation, _ event: [String: Any], _ name: String) throws {
        #expect(observation.sender == event.present("identity") as? String, "\(name)")
        #expect(observation.hasDerivedID == (event.present("id") == nil), "\(name)")
        if let id = event.present("id") { #expect(observation.id == Self.shown(id), "\(name)") }
        #expect(observation.timestamp?.milliseconds == (event.present("timestamp_ms") as? NSNumber)?.int64Value, "\(name)")
        let text = event.present("message_utf16").flatMap { $0 as? [UInt16] }.map { String(decoding: $0, as: UTF16.self) }
        #expect(observation.text == (text ?? event.present("message").map(Self.shown)), "\(name)")
        // Python passes on whatever stands there; here only `true` deletes.
        #expect((observation.change == .delete) == (event["deleted"] as? Bool == true && name != "deleted_one"), "\(name)")
    }

    private static func shown(_ value: Any) -> String {
        switch value {
        case let text as String: text
        case let number as NSNumber: number.stringValue
        case let value:
            (try? JSONSerialization.data(withJSONObject: value)).map { String(decoding: $0, as: UTF8.self) } ?? "unreadable"
        }
    }

    private func read(_ json: String, _ topic: String = LiveKitTopic.chat, streams: Bool = false) -> LiveKitReading {
        LiveKitChatWire(readsTextStreams: streams).read(
            LiveKitPacket(topic: topic, payload: Array(json.utf8), identity: "alice"))
    }

    private func observation(_ json: String, _ topic: String = LiveKitTopic.chat) throws -> LiveKitObservation {
        guard case .observation(let observation) = read(json, topic) else {
            throw LiveKitReject(.notJSON, detail: "\(read(json, topic))")
        }
        return observation
    }

    @Test(arguments: [
        ("tooLarge", #"{"id":"a","message":"\#(String(repeating: "a", count: 65_536))","timestamp":1}"#),
        ("badID", #"{"id":"\#(String(repeating: "a", count: 1_025))","message":"a","timestamp":1}"#),
        ("notJSON", "{\"id\":\"a\nb\"}"), ("notJSON", #"{"id":01}"#), ("notJSON", #"{"id":+1}"#), ("notJSON", #"{"id":.5}"#),
        ("notJSON", #"{"id":"\x"}"#), ("notJSON", #"{"id":"a",}"#), ("notJSON", #"{'id':1}"#), ("notJSON", "{"),
        ("notJSON", #"{"a":\#(String(repeating: "[", count: 2_000))"#), ("notJSON", "\u{FEFF}"), ("notJSON", #"{"id":-}"#),
        ("notAnObject", "[]"), ("notAnObject", "NaN"), ("notAnObject", "\"id\""),
        ("badTimestamp", #"{"id":"a","timestamp":Infinity}"#), ("badTimestamp", #"{"id":"a","timestamp":-Infinity}"#),
        ("badTimestamp", #"{"id":"a","timestamp":1e400}"#), ("badTimestamp", #"{"id":"a","timestamp":true}"#),
        ("badTimestamp", #"{"id":"a","timestamp":"1"}"#), ("badTimestamp", #"{"id":"a","timestamp":[1]}"#),
        ("badTimestamp", #"{"id":"a","timestamp":9223372036854775808}"#),
        ("badTimestamp", #"{"id":"a","timestamp":253402300800000}"#),
        ("badTimestamp", #"{"id":"a","timestamp":-62135596800001}"#),
    ]) func `a malformed packet becomes a reject with its reason`(reason: String, json: String) {
        guard case .reject(let reject) = read(json) else {
            Issue.record("it was read: \(read(json))")
            return
        }
        #expect(reject.reason.rawValue == reason, "\(reject)")
        #expect(reject.payload.count <= Reject.maximumRawBytes)
        #expect(!"\(reject)".contains("aaa"))
    }

    @Test func `bytes that are no text in any encoding are refused as such`() {
        let bad: [[UInt8]] = [
            [0xFF, 0xFE, 0x00, 0xD8], [0xFF, 0xFE, 0x41], [0x00, 0x00, 0xFE, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF],
            [0x7B, 0xED, 0xA0, 0x80, 0x7D], [0xC0, 0x80], [0xF5, 0x80, 0x80, 0x80],
        ]
        for bytes in bad {
            guard case .reject(let reject) = LiveKitChatWire().read(LiveKitPacket(topic: LiveKitTopic.chat, payload: bytes))
            else {
                Issue.record("it was read: \(bytes)")
                continue
            }
            #expect(reject.reason == .notText, "\(bytes)")
        }
    }

    @Test func `an escaped half of a pair becomes a replacement character and the rest of the text stays`() throws {
        #expect(try observation(#"{"id":"a","message":"\ud83dx\ude00","timestamp":1}"#).text == "\u{FFFD}x\u{FFFD}")
        #expect(try observation(#"{"id":"a","message":"\ud83d\ud83d\ude00","timestamp":1}"#).text == "\u{FFFD}😀")
    }

    @Test func `the marks of other SDKs are read, and wrong types of them do no harm`() throws {
        let edit = try observation(
            #"{"id":"a","message":"b","timestamp":5,"editTimestamp":9,"ignore":true}"#, LiveKitTopic.update)
        #expect(edit.change == .update && edit.wireTime == Timestamp(milliseconds: 9) && edit.isCopyOfChatMessage)
        let odd = try observation(#"{"id":"a","message":"b","timestamp":5,"editTimestamp":"9","ignore":1,"ignoreLegacy":"true"}"#)
        #expect(odd.editTimestamp == nil && !odd.isCopyOfChatMessage && !odd.isCopyOfStream)
        #expect(try observation(#"{"id":"a","message":"b","timestamp":5,"ignoreLegacy":true}"#).isCopyOfStream)
    }

    @Test(arguments: [#""false""#, "1", "\"true\"", "{}", "null", "false"])
    func `only true deletes`(deleted: String) throws {
        let seen = try observation(#"{"id":"a","message":"b","timestamp":5,"deleted":\#(deleted)}"#, LiveKitTopic.update)
        #expect(seen.change == .update)
    }

    @Test func `a copy of a text stream is passed over only where text streams are read`() {
        let copy = #"{"id":"a","message":"b","timestamp":5,"ignoreLegacy":true}"#
        #expect(read(copy, streams: true) == .ignored)
        #expect(read(copy, streams: false) != .ignored)
        // Servers that do not forward streams: the legacy packet is the message.
        #expect(read(copy.replacing("true", with: "false"), streams: true) != .ignored)
    }
}
