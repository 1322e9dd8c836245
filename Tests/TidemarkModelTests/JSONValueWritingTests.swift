import Testing
import TidemarkModel

@Suite struct `JSON as it is written` {
    private static let texts = [
        "", "plain", "a \"quoted\" word", "back\\slash", "line\nline\rline\ttab", "\u{0}\u{1}\u{F}\u{10}\u{1F}", "grüße 🚋 日本語",
        "\u{7F}\u{2028}",
        "\"", "\\\\\"", "end\u{1}",
    ]

    @Test(arguments: texts)
    func `a text is read back as it was`(text: String) throws {
        let value = JSONValue.object([text: .array([.string(text), .null, .bool(true), .number("12.50")])])
        #expect(try JSONValue(reading: value.bytes) == value)
    }

    @Test func `control characters are marked with four digits`() {
        #expect(JSONValue.string("\u{0}\u{1}\u{1F}\n").serialized == #""\u0000\u0001\u001f\n""#)
    }

    @Test func `names stand in their order, whatever the order of making`() {
        let value = JSONValue.object(["b": .number("1"), "a": .object(["z": .null, "c": .array([])])])
        #expect(value.serialized == #"{"a":{"c":[],"z":null},"b":1}"#)
    }
}

@Suite struct `Fields of a service that nobody models` {
    @Test func `are kept in their order without those that were read`() {
        let json = JSONValue.object(["b": .string("x"), "a": .number("1"), "known": .number("2"), "nothing": .null])
        #expect(ServiceData.of(json, without: ["known"]) == #"{"a":1,"b":"x"}"#)
        #expect(ServiceData.of(json, without: ["a", "b", "known"]) == nil)
    }

    @Test func `the small ones are kept and the loss is marked`() throws {
        let large = String(repeating: "x", count: ServiceData.maximumBytes)
        let text = try #require(ServiceData.text(of: ["large": .string(large), "small": .bool(true)]))
        #expect(text == #"{"small":true,"tidemarkTruncated":true}"#)
    }

    @Test func `a field that bears the name of the mark does not stand there twice`() throws {
        let large = String(repeating: "x", count: ServiceData.maximumBytes)
        let text = try #require(ServiceData.text(of: ["large": .string(large), ServiceData.truncationMark: .bool(false)]))
        #expect(text == #"{"tidemarkTruncated":true}"#)
    }

    @Test func `never exceed the bound, whatever their sizes`() throws {
        let members = (1...400).map { ("name\($0)", JSONValue.string(String(repeating: "y", count: $0))) }
        let text = try #require(ServiceData.text(of: Dictionary(uniqueKeysWithValues: members)))
        #expect(text.utf8.count <= ServiceData.maximumBytes)
        #expect(text.utf8.count > ServiceData.maximumBytes - 512)
        #expect(text.contains("name1\"") && !text.contains("name400"))
    }
}
