internal import TidemarkModel

/// What is wrong with a specification, as a sentence.
public struct SpecificationError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Reads `name=value,name=value`.
enum Specification {
    static func pairs(_ text: String) throws -> [(String, String)] {
        try text.split(separator: ",").map { part in
            let sides = part.split(separator: "=", maxSplits: 1)
            guard sides.count == 2 else {
                throw SpecificationError("“\(part)” is not of the form name=value, e.g. drop-request=0.05.")
            }
            return (sides[0].trimmingSpaces, sides[1].trimmingSpaces)
        }
    }

    static func share(_ text: String, _ name: String) throws -> Double {
        guard let value = Double(text), (0...1).contains(value) else {
            throw SpecificationError("\(name) takes a share between 0 and 1, not “\(text)”.")
        }
        return value
    }

    static func count(_ text: String, _ name: String) throws -> Int {
        guard let value = Int(text), (0...10_000_000).contains(value) else {
            throw SpecificationError("\(name) takes a whole number up to 10000000, not “\(text)”.")
        }
        return value
    }

    /// `20ms` or `2s`, in milliseconds.
    static func milliseconds(_ text: String, _ name: String) throws -> Int64 {
        let (digits, factor): (Substring, Int64) =
            text.hasSuffix("ms") ? (text.dropLast(2), 1) : text.hasSuffix("s") ? (text.dropLast(), 1000) : (text[...], 1)
        guard let value = Int64(digits), (0...3_600_000).contains(value) else {
            throw SpecificationError("\(name) takes a duration like 20ms or 2s, not “\(text)”.")
        }
        return value * factor
    }
}

extension Substring {
    fileprivate var trimmingSpaces: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
