import Foundation
public import TidemarkModel

/// What makes sending through the server's API repeatable: sixteen bytes that are kept with the message over all its retries.
///
/// A room drops a packet whose nonce is among its last 100, and answers as if it had sent it. Beyond that window, and when the
/// room moves to another node, readers tell by the message's id (wire page §4).
public struct LiveKitNonce: Hashable, Sendable {
    public let bytes: [UInt8]

    /// Exactly sixteen bytes, or the server refuses the packet; not all zero, which counts as seen in every new room.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == 16, bytes.contains(where: { $0 != 0 }) else { return nil }
        self.bytes = bytes
    }

    /// The bytes of a UUID: every token of the engine is one. `packet` tells the packets of one message apart, so that an edit
    /// on two topics is not dropped on the second.
    public init?(_ token: Token, packet: UInt8 = 0) {
        guard let uuid = UUID(uuidString: token.rawValue) else { return nil }
        var bytes = withUnsafeBytes(of: uuid.uuid) { Array($0) }
        // The byte that says which variant of UUID it is has two bits that are always the same; all of it is mixed.
        bytes[8] ^= packet
        self.init(bytes)
    }

    public static func random() -> LiveKitNonce {
        var generator = SystemRandomNumberGenerator()
        return random(using: &generator)
    }

    public static func random(using generator: inout some RandomNumberGenerator) -> LiveKitNonce {
        while true {
            let halves = [generator.next(), generator.next()] as [UInt64]
            let bytes = halves.flatMap { half in (0..<8).map { UInt8(truncatingIfNeeded: half >> UInt64($0 * 8)) } }
            if let nonce = LiveKitNonce(bytes) { return nonce }
        }
    }
}
