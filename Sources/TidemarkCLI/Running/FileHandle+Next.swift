import Foundation

extension FileHandle {
    /// The next bytes, at most `count` of them, as soon as there are some; empty at the end.
    ///
    /// Foundation's own reading fails where a signal interrupts it, although nothing was read then: a person who suspends and
    /// resumes a command must not have it fail.
    func next(_ count: Int) throws -> Data {
        var bytes = Data(count: count)
        while true {
            let length = bytes.withUnsafeMutableBytes { readOnce(fileDescriptor, $0.baseAddress, count) }
            if length >= 0 { return bytes.prefix(length) }
            guard errno == EINTR else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        }
    }
}

/// The system's own; within the extension its name is that of a method.
private func readOnce(_ descriptor: Int32, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    read(descriptor, bytes, count)
}
