internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// A lock on the folder of files, between threads and processes. The kernel lets go of it when the process dies.
final class FileHold: Sendable {
    private let descriptor: Mutex<CInt?>

    /// `nil`: the folder is not there or, where it is to be had alone, somebody else holds it. `mayCreate`: who only looks finds
    /// nobody's lock where there is no file for it.
    init?(_ folder: String, isExclusive: Bool, mayCreate: Bool = true) {
        let opened = open(folder + "/.hold", (mayCreate ? O_CREAT | O_RDWR : O_RDONLY) | O_CLOEXEC, 0o600)
        guard opened >= 0 else { return nil }
        guard flock(opened, isExclusive ? LOCK_EX | LOCK_NB : LOCK_SH) == 0 else {
            _ = close(opened)
            return nil
        }
        descriptor = Mutex(opened)
    }

    deinit {
        end()
    }

    func end() {
        let held = descriptor.withLock { descriptor in
            defer { descriptor = nil }
            return descriptor
        }
        if let held { _ = close(held) }
    }
}
