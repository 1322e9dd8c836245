internal import Foundation

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// Who takes a lease, in words for whoever finds it taken: `process 4711 (tidemark) on anna-laptop [3k2jx9]`.
///
/// What stands in brackets tells two engines of one process apart; nobody needs to read it.
package enum LeaseHolder {
    /// This process.
    package static func current(engine: String) -> String {
        "process \(ProcessInfo.processInfo.processIdentifier) (\(plain(ProcessInfo.processInfo.processName, limit: 40))) on "
            + "\(plain(host, limit: 64)) [\(engine)]"
    }

    /// A holder without what stands in brackets.
    package static func name(of holder: String) -> String {
        guard holder.hasSuffix("]"), let start = holder.range(of: " [", options: .backwards) else { return holder }
        return String(holder[..<start.lowerBound])
    }

    /// The name alone, without asking the network what it is.
    private static var host: String {
        var bytes = [CChar](repeating: 0, count: 256)
        guard gethostname(&bytes, bytes.count - 1) == 0 else { return "" }
        return String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Nothing that a terminal obeys, and nothing that looks like our own brackets.
    private static func plain(_ text: String, limit: Int) -> String {
        let kept = text.unicodeScalars.filter { scalar in
            scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "-_.:".unicodeScalars.contains(scalar)
        }
        let name = String(String.UnicodeScalarView(kept.prefix(limit)))
        return name.isEmpty ? "unknown" : name
    }
}
