import Foundation
import Testing
import TidemarkLiveKit
import TidemarkModel

@Suite struct EncodingTests {
    @Test(.enabled(if: Recording.isExpected)) func `every recorded message is written byte for byte as Python writes it`() throws
    {
        for item in try Recording.list("chat_encode.json", "cases") {
            let name = try item.text("name")
            let input = try item.object("input")
            let body = LiveKitChatBody(
                id: try input.text("id"), text: input.present("message") as? String,
                timestamp: Timestamp(milliseconds: try input.integer("timestamp_ms")),
                isDeleted: input["deleted"] as? Bool == true)
            let expected = try Recording.bytes(item["payload_base64"])
            #expect(try LiveKitChatWire.payload(body, form: .python) == expected, "\(name)")
            let compact = try LiveKitChatWire.payload(body, form: .compact)
            #expect(compact.count == Int(try item.integer("compact_utf8_bytes")), "\(name)")
            // Another reader's view of the compact form.
            let read = try #require(try JSONSerialization.jsonObject(with: Data(compact)) as? NSDictionary, "\(name)")
            #expect(read == (try item.object("asjsondict")) as NSDictionary, "\(name)")
        }
    }

    @Test(.enabled(if: Recording.isExpected)) func `both forms of every recorded message read back as what was written`() throws {
        for item in try Recording.list("chat_encode.json", "cases") {
            let name = try item.text("name")
            let input = try item.object("input")
            let timestamp = Timestamp(milliseconds: try input.integer("timestamp_ms"))
            let isDeleted = input["deleted"] as? Bool == true
            let body = LiveKitChatBody(
                id: try input.text("id"), text: input.present("message") as? String, timestamp: timestamp, isDeleted: isDeleted)
            for form in [LiveKitPayloadForm.python, .compact] {
                let payload = try LiveKitChatWire.payload(body, form: form)
                let reading = LiveKitChatWire().read(
                    LiveKitPacket(topic: LiveKitTopic.chat, payload: payload, identity: "alice"))
                let expected = LiveKitObservation(
                    change: isDeleted ? .delete : .create, id: body.id, sender: "alice", text: body.text,
                    // A zero is no time to the readers.
                    timestamp: timestamp.milliseconds == 0 ? nil : timestamp)
                #expect(reading == .observation(expected), "\(name), \(form)")
            }
        }
    }

    @Test func `the members that only some readers know stand behind the others`() throws {
        let body = LiveKitChatBody(
            id: "id", text: "é", timestamp: Timestamp(milliseconds: 1), isDeleted: true,
            editTimestamp: Timestamp(milliseconds: 2), isCopyOfStream: true)
        let members = #""deleted":true,"editTimestamp":2,"ignoreLegacy":true}"#
        #expect(
            String(decoding: try LiveKitChatWire.payload(body), as: UTF8.self)
                == #"{"id":"id","message":"é","timestamp":1,"# + members)
        #expect(
            String(decoding: try LiveKitChatWire.payload(body, form: .python), as: UTF8.self).contains(
                #""\u00e9", "timestamp": 1"#))
    }

    @Test(arguments: [
        (LiveKitChatBody(id: "", text: "a", timestamp: Timestamp(milliseconds: 1)), LiveKitUnsendable.Code.emptyID),
        (LiveKitChatBody(id: "a", text: "a", timestamp: Timestamp(milliseconds: .max)), .badTimestamp),
        (LiveKitChatBody(id: "a", text: "a", timestamp: Timestamp(milliseconds: 253_402_300_800_000)), .badTimestamp),
        (LiveKitChatBody(id: "a", text: "a", timestamp: Timestamp(milliseconds: .min)), .badTimestamp),
        (
            LiveKitChatBody(
                id: "a", text: "a", timestamp: Timestamp(milliseconds: 1), editTimestamp: Timestamp(milliseconds: .max)),
            .badTimestamp
        ),
    ]) func `what readers would drop is not written`(body: LiveKitChatBody, code: LiveKitUnsendable.Code) {
        let error = #expect(throws: LiveKitUnsendable.self) { try LiveKitChatWire.payload(body) }
        #expect(error?.code == code)
    }
}
