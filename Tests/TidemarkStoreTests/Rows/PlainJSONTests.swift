import Foundation
import Testing
import TidemarkModel

@testable import TidemarkStore

/// What is read without a decoder is what a decoder reads.
@Suite struct PlainJSONTests {
    private static let objects = [
        "{}", #"{"a":"b"}"#, #"{"tidemarkToken":"0f3c","":"empty name","ü":"ä🎉","c":""}"#, #"{"a":"b","a2":"]},:"}"#,
    ]
    private static let lists = ["[]", #"["a"]"#, #"["8:acs:x","","ü🎉"]"#]
    private static let people = [
        "[]", #"[{"id":"a"}]"#, #"[{"id":"a"},{"displayName":"Anna","id":"b","role":"admin"}]"#, #"[{"id":""}]"#,
    ]
    private static let bodies: [IntentBody] = [
        IntentBody(), IntentBody(topic: "", participants: []),
        IntentBody(topic: "ü🎉", participants: [Participant(id: "a", displayName: "Anna")]),
        IntentBody(participant: "8:acs:x"), IntentBody(text: "changed", metadata: ["a": "", "b": "c"]),
        IntentBody(message: OutgoingMessage("")),
        IntentBody(message: OutgoingMessage("{\u{fe}]}", kind: .html, senderName: "Anna")),
        IntentBody(message: OutgoingMessage("text", kind: MessageKind(rawValue: "of tomorrow"), metadata: ["k": "v"])),
    ]
    /// What needs a decoder.
    private static let richBodies: [IntentBody] = [
        IntentBody(text: "line\nline"), IntentBody(topic: "\"quoted\""), IntentBody(message: OutgoingMessage("\u{0}")),
        IntentBody(participants: [Participant(id: "a", shareHistoryTime: Timestamp(milliseconds: 5))]),
        IntentBody(message: OutgoingMessage("text", attachments: [RemoteAttachment(file: "f", name: "n")])),
        IntentBody(message: OutgoingMessage("text", replyTo: "7")),
    ]
    private static let others = [
        "", " ", "{", "}", "null", "1", #"{"a":1}"#, #"{"a":null}"#, #"{"a":"b\n"}"#, #"{"a":"\u0041"}"#, #"{"a": "b"}"#,
        #"{"a":"b",}"#,
        #"{"a":{"b":"c"}}"#, #"{"a":"b"} "#, #"[["a"]]"#, #"["a",]"#, #"[1]"#, #"["a\t"]"#, #"[{"displayName":"x"}]"#,
        #"[{"id":"a","shareHistoryTime":5}]"#, #"[{"id":"a","other":"b"}]"#, "\"", "[\"a", "{\"a\":\"\u{1}\"}",
    ]

    private func decoded<Value: Decodable>(_ json: String) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(json.utf8))
    }

    @Test(arguments: objects) func `objects of strings`(json: String) throws {
        #expect(try PlainJSON.strings(json) == decoded(json))
    }

    @Test(arguments: lists) func `lists of strings`(json: String) throws {
        #expect(try PlainJSON.list(json) == decoded(json))
    }

    @Test(arguments: people) func `people with their names`(json: String) throws {
        #expect(try PlainJSON.participants(json) == decoded(json))
    }

    @Test(arguments: bodies) func `what intents carry`(body: IntentBody) throws {
        #expect(try PlainJSON.body(body.json()) == body)
    }

    @Test(arguments: richBodies) func `what else intents carry is left to the decoder, and is whole`(body: IntentBody) throws {
        #expect(try PlainJSON.body(body.json()) == nil)
        #expect(try IntentBody(json: body.json()) == body)
    }

    @Test(arguments: others) func `anything else is left to the decoder`(json: String) {
        #expect(PlainJSON.strings(json) == nil)
        #expect(PlainJSON.list(json) == nil)
        #expect(PlainJSON.participants(json) == nil)
        #expect(PlainJSON.body(json) == nil)
    }

    @Test func `what is cut off is left to the decoder, wherever it is cut`() throws {
        for json in Self.objects + Self.lists + Self.people {
            for end in 0..<json.utf8.count {
                let cut = String(decoding: json.utf8.prefix(end), as: UTF8.self)
                #expect(PlainJSON.strings(cut) == nil && PlainJSON.list(cut) == nil && PlainJSON.participants(cut) == nil)
            }
        }
        for json in try Self.bodies.map({ try $0.json() }) {
            for end in 0..<json.utf8.count {
                #expect(PlainJSON.body(String(decoding: json.utf8.prefix(end), as: UTF8.self)) == nil)
            }
        }
    }
}
