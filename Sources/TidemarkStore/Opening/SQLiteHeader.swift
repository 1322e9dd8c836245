internal import Foundation

/// The first bytes of a SQLite file (https://www.sqlite.org/fileformat2.html, 1.3), read without SQLite: looking at a
/// file that is not ours must not change anything beside it.
struct SQLiteHeader: Hashable, Sendable {
    static let length = 100

    var applicationID: UInt32
    /// As of the last checkpoint: the log may hold a newer one.
    var userVersion: UInt32

    /// `nil`: these bytes begin no SQLite file.
    init?(_ bytes: some Collection<UInt8>) {
        let bytes = Array(bytes.prefix(Self.length))
        guard bytes.count == Self.length, bytes.starts(with: "SQLite format 3\0".utf8) else { return nil }
        applicationID = Self.number(bytes[68..<72])
        userVersion = Self.number(bytes[60..<64])
    }

    static func read(_ path: String) -> [UInt8]? {
        guard let file = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? file.close() }
        return (try? file.read(upToCount: length)).map { Array($0) }
    }

    private static func number(_ bytes: some Sequence<UInt8>) -> UInt32 {
        bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }
}
