import TidemarkModel

/// Turns good bytes into bad ones, the same ones for the same seed.
struct Mutator {
    var generator: SeededGenerator

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
    }

    private mutating func pick(_ count: Int) -> Int {
        count <= 1 ? 0 : Int(generator.next() % UInt64(count))
    }

    /// Words that readers of JSON, times, links and tokens stumble over.
    private static let words: [String] = [
        "null", "true", "{}", "[]", "-1", "0", "9223372036854775808", "-9223372036854775809", "1e400", "-1e-400", "1.5",
        "18446744073709551616", "99999999999999999999999999999999999999", "\"\"", "\"\\u0000\"", "\"\\ud800\"",
        "\"\\udc00\\ud800\"",
        "\"9999-12-31T23:59:60.999999999Z\"", "\"0000-00-00T00:00:00Z\"", "\"-271821-04-20T00:00:00Z\"",
        "\"https://elsewhere.example/chat/threads?nextPage=1\"", "\"//\"", "\"http://[::1\"", "\"\\\"", "\u{FEFF}", "\\", ",",
        "}", "]",
        ":", "\"value\":", "\"nextLink\":", "\"id\":", "\"version\":", "\"metadata\":", "\"content\":",
    ]

    /// One to eight changes.
    mutating func mutate(_ bytes: [UInt8], with other: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0...pick(8) { change(&bytes, other) }
        return bytes
    }

    private mutating func change(_ bytes: inout [UInt8], _ other: [UInt8]) {
        guard !bytes.isEmpty else {
            bytes = [UInt8(truncatingIfNeeded: generator.next() as UInt64)]
            return
        }
        let place = pick(bytes.count)
        switch pick(10) {
        case 0: bytes[place] ^= 1 << UInt8(pick(8))
        case 1: bytes[place] = UInt8(truncatingIfNeeded: generator.next() as UInt64)
        case 2: bytes.removeSubrange(place...)
        case 3: bytes.removeSubrange(place..<min(bytes.count, place + 1 + pick(20)))
        case 4: bytes.insert(contentsOf: Array(Self.words[pick(Self.words.count)].utf8), at: place)
        case 5: replaceValue(&bytes, from: place)
        case 6: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 1 + pick(60))], at: pick(bytes.count))
        case 7 where !other.isEmpty:
            let start = pick(other.count)
            bytes.replaceSubrange(
                place..<min(bytes.count, place + pick(40)), with: other[start..<min(other.count, start + pick(80))])
        case 8:
            let deep = [UInt8](repeating: UInt8(ascii: pick(2) == 0 ? "[" : "{"), count: 1 << pick(14))
            bytes.insert(contentsOf: deep, at: place)
        default: bytes.insert(UInt8(truncatingIfNeeded: generator.next() as UInt64), at: place)
        }
        if bytes.count > 200_000 { bytes.removeSubrange(200_000...) }
    }

    /// Puts another value behind the next colon.
    private mutating func replaceValue(_ bytes: inout [UInt8], from place: Int) {
        guard let colon = bytes[place...].firstIndex(of: UInt8(ascii: ":")) else { return }
        let ends: Set<UInt8> = Set(",}]\n".utf8)
        let end = bytes[(colon + 1)...].firstIndex { ends.contains($0) } ?? bytes.endIndex
        bytes.replaceSubrange((colon + 1)..<end, with: Array(Self.words[pick(Self.words.count)].utf8))
    }
}
