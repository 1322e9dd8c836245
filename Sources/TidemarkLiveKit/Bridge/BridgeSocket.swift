#if os(macOS) || os(Linux)
import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// One end of a pair of sockets that stands for a child's standard stream.
///
/// Pipes would do, but writing into one whose reader is gone raises a signal that ends the whole program, and a reader that
/// waits at one can't be woken. Children can't tell the difference.
struct BridgeSocket: Sendable {
    struct Failure: Error {}

    let own: Int32

    /// Opens a pair and gives the child's end to the caller, who closes it.
    init(childEnd: inout FileHandle?) throws(Failure) {
        var ends: [Int32] = [-1, -1]
        #if canImport(Glibc)
        let kind = Int32(SOCK_STREAM.rawValue)
        #else
        let kind = SOCK_STREAM
        #endif
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw Failure() }
        // Other children that begin meanwhile must not hold it open.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        #if canImport(Darwin)
        var on: Int32 = 1
        _ = setsockopt(ends[0], SOL_SOCKET, SO_NOSIGPIPE, &on, socklen_t(MemoryLayout<Int32>.size))
        #endif
        own = ends[0]
        childEnd = FileHandle(fileDescriptor: ends[1], closeOnDealloc: true)
    }

    /// Makes writes that wait longer fail.
    func limitWrites(to timeout: Duration) {
        let milliseconds = min(max(timeout / .milliseconds(1), 1), 86_400_000)
        var value = timeval()
        value.tv_sec = Int(milliseconds) / 1000
        value.tv_usec = .init(Int(milliseconds) % 1000 * 1000)
        _ = setsockopt(own, SOL_SOCKET, SO_SNDTIMEO, &value, socklen_t(MemoryLayout<timeval>.size))
    }

    /// Waits for bytes; none means that there will be no more.
    func read(atMost count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        while true {
            let read = recv(own, &bytes, count, 0)
            if read > 0 { return Array(bytes.prefix(read)) }
            if read < 0, errno == EINTR { continue }
            return []
        }
    }

    enum Written {
        case all
        /// The other side is gone.
        case gone
        /// The other side reads nothing.
        case stuck
    }

    func write(_ bytes: [UInt8]) -> Written {
        #if canImport(Darwin)
        let flags: Int32 = 0
        #else
        let flags = Int32(MSG_NOSIGNAL)
        #endif
        var rest = bytes[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { send(own, $0.baseAddress, $0.count, flags) }
            if sent < 0 {
                if errno == EINTR { continue }
                return errno == EAGAIN || errno == EWOULDBLOCK ? .stuck : .gone
            }
            rest = rest.dropFirst(sent)
        }
        return .all
    }

    /// Tells the other side that nothing more comes. Bytes that wait can still be read.
    func endWriting() {
        _ = shutdown(own, Int32(SHUT_WR))
    }

    /// Wakes whoever waits here, when what has come is read.
    func endReading() {
        _ = shutdown(own, Int32(SHUT_RD))
    }

    func close() {
        #if canImport(Darwin)
        _ = Darwin.close(own)
        #elseif canImport(Musl)
        _ = Musl.close(own)
        #else
        _ = Glibc.close(own)
        #endif
    }
}
#endif
