import Foundation

/// Reading as a test needs it: Foundation's own traps or throws where a signal interrupts it, although nothing was read then.
extension FileHandle {
    /// The next bytes as soon as there are some; empty at the end.
    func piece(_ count: Int = 65_536) throws -> Data {
        var bytes = Data(count: count)
        while true {
            let length = bytes.withUnsafeMutableBytes { readOnce(fileDescriptor, $0.baseAddress, count) }
            if length >= 0 { return bytes.prefix(length) }
            guard errno == EINTR else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        }
    }

    /// All that comes, up to the end.
    func all() throws -> Data {
        var bytes = Data()
        while case let more = try piece(), !more.isEmpty { bytes += more }
        return bytes
    }
}

/// The system's own; within the extension its name is that of a method.
private func readOnce(_ descriptor: Int32, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    read(descriptor, bytes, count)
}
