import Foundation
import TidemarkModel

/// The fields of one line. Each is taken once; what nobody took is a mistake in the file.
struct Fields {
    let line: Int
    private var rest: [String: JSON]

    init(_ object: [String: JSON], line: Int) {
        rest = object
        self.line = line
    }

    var names: [String] { rest.keys.sorted() }

    mutating func take(_ name: String) -> JSON? {
        rest.removeValue(forKey: name)
    }

    mutating func text(_ name: String) throws -> String? {
        guard let value = take(name), value != .null else { return nil }
        guard let text = value.text else { throw error("\"\(name)\" has to be a text.") }
        return text
    }

    mutating func needed(_ name: String) throws -> String {
        guard let text = try text(name) else { throw error("\"\(name)\" is missing.") }
        return text
    }

    mutating func integer(_ name: String) throws -> Int64? {
        guard let value = take(name) else { return nil }
        guard let number = value.integer else { throw error("\"\(name)\" has to be a whole number.") }
        return number
    }

    mutating func bool(_ name: String) throws -> Bool {
        guard let value = take(name) else { return false }
        guard let bool = value.bool else { throw error("\"\(name)\" has to be true or false.") }
        return bool
    }

    mutating func texts(_ name: String) throws -> [String: String] {
        guard let value = take(name) else { return [:] }
        guard let object = value.object else { throw error("\"\(name)\" has to be an object of texts.") }
        return try object.mapValues { value in
            guard let text = value.text else { throw error("\"\(name)\" has to be an object of texts.") }
            return text
        }
    }

    /// `1500ms`, `30s`, `15m`, `2h`, `1d`, with a minus in front where time may go back.
    mutating func duration(_ name: String, mayBeNegative: Bool = false) throws -> Duration? {
        guard let text = try text(name) else { return nil }
        guard let duration = Self.duration(text), mayBeNegative || duration >= .zero else {
            throw error("\"\(name)\" has to be a span like 1500ms, 30s, 15m, 2h or 1d.")
        }
        return duration
    }

    static func duration(_ text: String) -> Duration? {
        let units: [(String, Int64)] = [
            ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
        ]
        guard let (unit, size) = units.first(where: { text.hasSuffix($0.0) }), let number = Int64(text.dropLast(unit.count)),
            abs(number) < 1_000_000_000
        else { return nil }
        return .milliseconds(number * size)
    }

    /// Says which fields nobody took.
    func end() throws {
        guard let name = names.first else { return }
        throw error("\"\(name)\" is not a field of this line; docs/transcripts.md has those that are.")
    }

    func error(_ sentence: String) -> TranscriptError { TranscriptError(sentence, line: line) }
}
