/// How JSON bytes are meant, found as Python's `json.loads` finds it: by a byte order mark, or by where the zeros stand.
enum LiveKitJSONEncoding {
    case utf8
    case utf16(isBigEndian: Bool)
    case utf32(isBigEndian: Bool)

    /// The bytes as UTF-8, or `nil` if they are not what they say they are.
    static func utf8(_ bytes: [UInt8]) -> [UInt8]? {
        let (encoding, mark) = detect(bytes)
        let rest = bytes.dropFirst(mark)
        switch encoding {
        case .utf8:
            return String(validating: rest, as: UTF8.self) == nil ? nil : Array(rest)
        case .utf16(let isBigEndian):
            guard let units = units(rest, of: UInt16.self, isBigEndian) else { return nil }
            return String(validating: units, as: UTF16.self).map { Array($0.utf8) }
        case .utf32(let isBigEndian):
            guard let units = units(rest, of: UInt32.self, isBigEndian) else { return nil }
            return String(validating: units, as: UTF32.self).map { Array($0.utf8) }
        }
    }

    private static func detect(_ bytes: [UInt8]) -> (LiveKitJSONEncoding, mark: Int) {
        if bytes.starts(with: [0, 0, 0xFE, 0xFF]) { return (.utf32(isBigEndian: true), 4) }
        if bytes.starts(with: [0xFF, 0xFE, 0, 0]) { return (.utf32(isBigEndian: false), 4) }
        if bytes.starts(with: [0xFE, 0xFF]) { return (.utf16(isBigEndian: true), 2) }
        if bytes.starts(with: [0xFF, 0xFE]) { return (.utf16(isBigEndian: false), 2) }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return (.utf8, 3) }
        guard bytes.count >= 2 else { return (.utf8, 0) }
        if bytes.count < 4 {
            if bytes.count == 2, bytes[0] == 0 { return (.utf16(isBigEndian: true), 0) }
            if bytes.count == 2, bytes[1] == 0 { return (.utf16(isBigEndian: false), 0) }
            return (.utf8, 0)
        }
        if bytes[0] == 0 { return (bytes[1] == 0 ? .utf32(isBigEndian: true) : .utf16(isBigEndian: true), 0) }
        if bytes[1] == 0 {
            return (bytes[2] == 0 && bytes[3] == 0 ? .utf32(isBigEndian: false) : .utf16(isBigEndian: false), 0)
        }
        return (.utf8, 0)
    }

    private static func units<Unit: FixedWidthInteger>(
        _ bytes: ArraySlice<UInt8>, of: Unit.Type, _ isBigEndian: Bool
    ) -> [Unit]? {
        let width = Unit.bitWidth / 8
        guard bytes.count.isMultiple(of: width) else { return nil }
        var units: [Unit] = []
        units.reserveCapacity(bytes.count / width)
        var rest = bytes
        while !rest.isEmpty {
            let unit = isBigEndian ? Array(rest.prefix(width)) : rest.prefix(width).reversed()
            units.append(unit.reduce(0) { $0 << 8 | Unit($1) })
            rest = rest.dropFirst(width)
        }
        return units
    }
}
