#if canImport(Glibc)
@preconcurrency internal import Dispatch
internal import Foundation
internal import Glibc
internal import Synchronization

/// Tells those who wait that somebody wrote to a store's files, in whichever process. The kernel tells it: while nobody writes,
/// nothing runs.
///
/// It says that something was written, and not that it was committed: SQLite writes to its log first, and tells other processes of
/// the commit in memory that they share, of which no event comes. Who is woken has to look for a while.
final class FileEvents: Sendable {
    private static let wanted = UInt32(IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_DELETE)
    private static let headerBytes = 16

    private let signal = ChangeSignal()
    private let source: any DispatchSourceRead

    /// `nil`: the system has no more watches to give, or can't watch that folder.
    init?(_ path: String) {
        let file = URL(fileURLWithPath: path).resolvingSymlinksInPath()
        let descriptor = inotify_init1(Int32(O_NONBLOCK | O_CLOEXEC))
        guard descriptor >= 0 else { return nil }
        // The folder, and not the files: some of them come and go.
        guard inotify_add_watch(descriptor, file.deletingLastPathComponent().path, Self.wanted) >= 0 else {
            Glibc.close(descriptor)
            return nil
        }
        let names = Set(["", "-wal", "-journal"].map { file.lastPathComponent + $0 })
        let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: .global())
        source.setEventHandler { [signal] in
            if Self.drain(descriptor, names) { signal.announce() }
        }
        source.setCancelHandler { Glibc.close(descriptor) }
        source.activate()
        self.source = source
    }

    deinit { source.cancel() }

    var mark: ChangeSignal.Mark { signal.mark }

    /// Returns when something was written after the mark, or when the task is cancelled.
    func wait(after mark: ChangeSignal.Mark) async { await signal.wait(after: mark) }

    /// Takes what has come, and tells whether any of it was about these files.
    private static func drain(_ descriptor: CInt, _ names: Set<String>) -> Bool {
        var isOurs = false
        withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 8) { buffer in
            while case let count = read(descriptor, buffer.baseAddress, buffer.count), count > 0 {
                if concerns(names, UnsafeRawBufferPointer(rebasing: buffer[..<count])) { isOurs = true }
            }
        }
        return isOurs
    }

    /// Each event is its watch, its kind, a cookie, the size of the name, and the name up to its first NUL.
    private static func concerns(_ names: Set<String>, _ events: UnsafeRawBufferPointer) -> Bool {
        var place = 0
        while place + headerBytes <= events.count {
            let kind = events.loadUnaligned(fromByteOffset: place + 4, as: UInt32.self)
            let size = Int(events.loadUnaligned(fromByteOffset: place + 12, as: UInt32.self))
            let begin = place + headerBytes
            guard size <= events.count - begin else { return true }
            // Some were too many to be told.
            if kind & UInt32(IN_Q_OVERFLOW) != 0 { return true }
            let name = events[begin..<(begin + size)].prefix { $0 != 0 }
            if names.contains(String(decoding: name, as: UTF8.self)) { return true }
            place = begin + size
        }
        return false
    }
}
#else
/// Where the kernel is not asked, who waits looks again and again.
final class FileEvents: Sendable {
    init?(_ path: String) { nil }

    var mark: ChangeSignal.Mark { ChangeSignal.Mark(number: 0) }

    func wait(after mark: ChangeSignal.Mark) async {}

}
#endif
