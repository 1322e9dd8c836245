import TidemarkModel

/// Makes the ids of messages. Equal ids of two senders corrupt the lists of web clients, so they have to be unique in the world.
public enum LiveKitMessageID {
    public static let length = 12
    static let digits = Array("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")

    /// Twelve characters of `0-9a-zA-Z`, the form of LiveKit's Python class: 71 bits, each character equally likely.
    ///
    /// Python draws them from a generator that can be foretold; this one is the system's, which can't.
    public static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        return random(using: &generator)
    }

    public static func random(using generator: inout some RandomNumberGenerator) -> String {
        // `next(upperBound:)` draws again instead of folding, so that no character is likelier than another.
        String((0..<length).map { _ in digits[Int(generator.next(upperBound: UInt64(digits.count)))] })
    }

    /// The id of a packet that has none: `idless-` and 32 hexadecimal digits of the 128-bit FNV-1a hash of sender, time and
    /// text, each with its length in front.
    ///
    /// It is the same on every device and in every version, so that a repeated packet is one message. Two messages of one
    /// sender with equal text and time (or without a time) are one, too: nothing on the wire tells them apart. The hash keeps
    /// nobody from making equal ids on purpose, but messages are kept by sender *and* id, so only the sender's own would meet.
    static func derived(sender: String?, timestamp: Timestamp?, text: String?) -> String {
        var hash = LiveKitFingerprint()
        hash.combine(sender)
        hash.combine(timestamp.map { String($0.milliseconds) })
        hash.combine(text)
        return "idless-\(hash.hexadecimal)"
    }
}

/// FNV-1a with 128 bits: stable over versions and machines, unlike `Hasher`. It is no defence against people.
package struct LiveKitFingerprint: Hashable, Sendable {
    package private(set) var value: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d
    private static let prime: UInt128 = 0x0000_0000_0100_0000_0000_0000_0000_013B

    package init() {}

    /// A text with its length in front, so that ("a", "bc") and ("ab", "c") differ; absent and empty differ too.
    package mutating func combine(_ text: String?) {
        combine(text.map { Array($0.utf8) })
    }

    package mutating func combine(_ bytes: [UInt8]?) {
        let length = bytes.map { UInt64($0.count) } ?? .max
        for shift in stride(from: 0, to: 64, by: 8) { combine(UInt8(truncatingIfNeeded: length >> UInt64(shift))) }
        for byte in bytes ?? [] { combine(byte) }
    }

    private mutating func combine(_ byte: UInt8) {
        value = (value ^ UInt128(byte)) &* Self.prime
    }

    package var hexadecimal: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }
}
