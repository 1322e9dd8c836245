internal import Foundation

/// A file that is sent. Its size is what it was at opening, and what is read later has to agree with it.
///
/// Reading blocks, a disk's time. Dropping it closes the file.
package final class FileSource: Sendable {
    package let size: Int64
    private let descriptor: Int32

    /// Throws `.fileUnreadable`, or `.fileChanged` where another size was announced; nothing has left then.
    package init(path: String, announced: Int64? = nil) throws(TransportError) {
        // Without waiting: opening a pipe would, for a writer.
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw TransportError(.fileUnreadable, requestMayHaveArrived: false) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw TransportError(.fileUnreadable, requestMayHaveArrived: false)
        }
        size = Int64(status.st_size)
        guard announced == nil || announced == size else {
            close(descriptor)
            throw TransportError(.fileChanged, requestMayHaveArrived: false)
        }
    }

    deinit { close(descriptor) }

    /// What stands at an offset: `maximum` bytes, or what is left. Throws `.fileChanged` where the file ends sooner, or at its
    /// last bytes where it now goes on behind them, and `.fileUnreadable`; `requestMayHaveArrived` is true.
    package func read(at offset: Int64, maximum: Int) throws(TransportError) -> [UInt8] {
        let wanted = Int(min(Int64(maximum), size - offset))
        guard wanted > 0 else { return [] }
        let isLast = offset + Int64(wanted) == size
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: wanted + 1) { buffer, count in
            let asked = isLast ? wanted + 1 : wanted
            while count < asked {
                let read = pread(descriptor, buffer.baseAddress?.advanced(by: count), asked - count, off_t(offset) + off_t(count))
                if read < 0, errno == EINTR { continue }
                failed = read < 0
                guard read > 0 else { break }
                count += read
            }
        }
        guard !failed else { throw TransportError(.fileUnreadable, requestMayHaveArrived: true) }
        guard bytes.count == wanted else { throw TransportError(.fileChanged, requestMayHaveArrived: true) }
        return bytes
    }

    /// Whether the file still has the size that it had at opening.
    package var isUnchanged: Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && Int64(status.st_size) == size
    }
}
