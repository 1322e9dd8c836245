internal import Synchronization

/// The text of a statement. Most stand in the source or are made once, and a connection finds what it has prepared from those without
/// reading them: to hash a text of a thousand letters takes longer than many statements run.
struct SQLText: Sendable, ExpressibleByStringInterpolation {
    private enum Source {
        case literal(StaticString)
        case made(String)
    }

    private let source: Source
    /// Equal for equal texts, where there is one; the text is made anew for each run where there is none.
    let key: UInt?

    init(stringLiteral literal: StaticString) {
        source = .literal(literal)
        key = literal.hasPointerRepresentation ? UInt(bitPattern: literal.utf8Start) : nil
    }

    init(stringInterpolation: Interpolation) {
        self.init(stringInterpolation.text)
    }

    init(_ text: String) {
        source = .made(text)
        key = nil
    }

    /// A text that is made once and kept.
    init(once text: String) {
        source = .made(text)
        // No address is so low and odd.
        key = Self.made.wrappingAdd(2, ordering: .relaxed).newValue | 1
    }

    private static let made = Atomic<UInt>(0)

    var text: String {
        switch source {
        case .literal(let literal): literal.description
        case .made(let text): text
        }
    }

    struct Interpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(2 * literalCapacity)
        }

        mutating func appendLiteral(_ literal: StaticString) {
            literal.withUTF8Buffer { text += String(decoding: $0, as: UTF8.self) }
        }

        mutating func appendInterpolation(_ part: some CustomStringConvertible) {
            text += part.description
        }

        mutating func appendInterpolation(_ part: SQLText) {
            text += part.text
        }
    }
}
