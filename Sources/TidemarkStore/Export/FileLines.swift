internal import Foundation

/// The lines of a file, one after the other: never more than one and a piece are held.
struct FileLines {
    /// What is longer is no line of an export.
    static let longest = 16 << 20
    private static let piece = 1 << 16

    private let file: FileHandle
    private var rest: ArraySlice<UInt8> = []
    private var isAtEnd = false
    /// The number of the line that was read last.
    private(set) var number = 0

    init(_ path: String) throws {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw StoreError(.cannotOpen, "\(path) can't be read; check that it exists and may be read.")
        }
        self.file = file
    }

    func close() {
        try? file.close()
    }

    /// The next line without its end; `nil`: there is none.
    mutating func next() throws -> Data? {
        var looked = rest.startIndex
        while true {
            if let end = rest[looked...].firstIndex(of: 0x0A) {
                let line = Data(rest[..<end])
                rest = rest[(end + 1)...]
                number += 1
                return line
            }
            looked = rest.endIndex
            guard !isAtEnd else { break }
            let more = try file.read(upToCount: Self.piece) ?? Data()
            isAtEnd = more.isEmpty
            let consumed = looked - rest.startIndex
            rest = ArraySlice(Array(rest) + more)
            looked = rest.startIndex + consumed
            guard rest.count <= Self.longest else {
                throw StoreError(.badLine, "Line \(number + 1) is longer than any line of an export; nothing was imported.")
            }
        }
        guard !rest.isEmpty else { return nil }
        defer { rest = [] }
        number += 1
        return Data(rest)
    }
}
