/// Tells whether bytes are the same as before. Not a secret and not an identity: two sums of 64 bits, eight bytes at a time, since a
/// file may be large.
struct FileDigest {
    private var low: UInt64 = 0xCBF2_9CE4_8422_2325
    private var high: UInt64 = 0x9E37_79B9_7F4A_7C15
    private var rest: [UInt8] = []
    private var count: UInt64 = 0

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        count &+= UInt64(bytes.count)
        var place = 0
        if !rest.isEmpty {
            place = min(8 - rest.count, bytes.count)
            rest.append(contentsOf: bytes[..<place])
            guard rest.count == 8 else { return }
            add(word: rest.reversed().reduce(0) { $0 << 8 | UInt64($1) })
            rest = []
        }
        while bytes.count - place >= 8 {
            add(word: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)))
            place += 8
        }
        rest.append(contentsOf: bytes[place...])
    }

    private mutating func add(word: UInt64) {
        low = (low ^ word) &* 0x0000_0100_0000_01B3
        low = low << 29 | low >> 35
        high = (high &+ word) &* 0xBF58_476D_1CE4_E5B9
        high ^= high >> 31
    }

    var text: String {
        var last = self
        last.add(word: rest.reversed().reduce(0) { $0 << 8 | UInt64($1) })
        last.add(word: count)
        return "\(String(last.low, radix: 16))-\(String(last.high, radix: 16))"
    }
}
