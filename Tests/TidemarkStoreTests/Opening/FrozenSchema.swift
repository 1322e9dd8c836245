import TidemarkSchema
import Testing

/// Released migrations never change: stores that they made are out there.
struct FrozenSchema {
    /// FNV-1a, 64 bits, of each migration's text.
    static let hashes: [UInt64] = [
        0x3e6f_48ef_0ef9_a743, 0xbad1_97f4_3f9c_9e81, 0x6a93_ad4c_dd40_9256, 0x204c_baec_832d_e062, 0x40ef_e763_55c2_4fab,
        0x6010_6dd7_b5a4_4e7c,
    ]

    static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }

    @Test func `a released migration never changes`() {
        for migration in Schema.migrations {
            let index = migration.number - 1
            let found = Self.hash(migration.sql)
            guard Self.hashes.indices.contains(index) else {
                Issue.record("Migration \(migration.number) is new: add 0x\(String(found, radix: 16)) to FrozenSchema.hashes.")
                continue
            }
            #expect(
                found == Self.hashes[index],
                """
                Migration \(migration.number) changed. Was it released? Then undo that and write migration \
                \(Schema.version + 1) instead. If not, put 0x\(String(found, radix: 16)) into FrozenSchema.hashes.
                """)
        }
    }
}
