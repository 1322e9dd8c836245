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

    @Test(arguments: others) func `anything else is left to the decoder`(json: String) {
        #expect(PlainJSON.strings(json) == nil)
        #expect(PlainJSON.list(json) == nil)
        #expect(PlainJSON.participants(json) == nil)
    }

    @Test func `what is cut off is left to the decoder, wherever it is cut`() {
        for json in Self.objects + Self.lists + Self.people {
            for end in 0..<json.utf8.count {
                let cut = String(decoding: json.utf8.prefix(end), as: UTF8.self)
                #expect(PlainJSON.strings(cut) == nil && PlainJSON.list(cut) == nil && PlainJSON.participants(cut) == nil)
            }
        }
    }
}
