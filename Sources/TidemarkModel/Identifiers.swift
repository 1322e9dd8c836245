/// An id that the store gives and never changes, written with a letter in front: `c3`, `m12`, `i45`.
///
/// A local id means something inside one store only; what travels between stores is the remote id or the token.
public protocol LocalID: Hashable, Comparable, Sendable, Codable, CustomStringConvertible, LosslessStringConvertible {
    static var letter: Character { get }
    var number: Int64 { get }
    init(_ number: Int64)
}

extension LocalID {
    public var description: String { "\(Self.letter)\(number)" }

    public init?(_ description: String) {
        guard description.first == Self.letter, let number = Int64(description.dropFirst()), number > 0,
            description.dropFirst().first != "+"
        else { return nil }
        self.init(number)
    }

    public static func < (left: Self, right: Self) -> Bool { left.number < right.number }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let id = Self(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "Not an id that begins with \(Self.letter).")
        }
        self = id
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// A conversation in the store: an Azure thread, an Avaya space, a LiveKit room.
public struct ConversationID: LocalID {
    public static var letter: Character { "c" }
    public let number: Int64
    public init(_ number: Int64) { self.number = number }
}

/// A message in the store. It is given when the message is written or first seen and stays when the remote id arrives.
public struct MessageID: LocalID {
    public static var letter: Character { "m" }
    public let number: Int64
    public init(_ number: Int64) { self.number = number }
}

/// One thing the user wants done.
public struct IntentID: LocalID {
    public static var letter: Character { "i" }
    public let number: Int64
    public init(_ number: Int64) { self.number = number }
}

/// A file of a message in the store.
public struct AttachmentID: LocalID {
    public static var letter: Character { "f" }
    public let number: Int64
    public init(_ number: Int64) { self.number = number }
}

/// Text that names something outside the store, kept apart by its type.
public protocol NameType: RawRepresentable, Hashable, Comparable, Sendable, Codable, CustomStringConvertible,
    ExpressibleByStringLiteral
where RawValue == String {
    init(rawValue: String)
}

extension NameType {
    public init(_ text: String) { self.init(rawValue: text) }
    public init(stringLiteral value: String) { self.init(rawValue: value) }
    public var description: String { rawValue }
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// The name under which a store keeps one account of one service.
public struct AccountName: NameType {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// The service's id of a conversation.
public struct RemoteConversationID: NameType {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// The service's id of a message; unique inside its conversation (Azure: only there).
public struct RemoteMessageID: NameType {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// The service's key of a file (Avaya: `fileKey`, and `fileId` in a message).
public struct RemoteFileID: NameType {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// The service's id of a person or program: Azure's `rawId`.
public struct ParticipantID: NameType {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// The client-made idempotency token: one per intent, kept over all its retries.
public struct Token: NameType {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// A random UUID (version 4) in lower case, drawn from a generator so that a history can be repeated.
    public static func random(using generator: inout some RandomNumberGenerator) -> Token {
        var high = generator.next() as UInt64
        var low = generator.next() as UInt64
        high = high & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        low = low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        let digits = [high, low].map { value in
            let text = String(value, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }.joined()
        var parts: [Substring] = []
        var rest = digits[...]
        for length in [8, 4, 4, 4, 12] {
            parts.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return Token(rawValue: parts.joined(separator: "-"))
    }
}

/// Where a listing goes on: opaque, made by the service, kept as it came (Azure: the whole `nextLink`).
public struct Cursor: NameType {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
}
