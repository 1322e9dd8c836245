internal import Foundation
internal import Synchronization

/// A file that is received: written beside its place, and moved there once it is whole.
///
/// Writing blocks, a disk's time. What is dropped without a commit is removed.
package final class FileDestination: Sendable {
    private enum State {
        case open(Int32)
        case over
    }

    private static let failure = TransportError(.fileUnwritable, requestMayHaveArrived: true)

    private let path: String
    private let part: String
    private let state: Mutex<State>

    /// Throws `.fileUnwritable`.
    package init(path: String) throws(TransportError) {
        self.path = path
        part = path + "." + String(UInt64.random(in: .min ... .max), radix: 36) + ".part"
        let descriptor = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure }
        state = Mutex(.open(descriptor))
    }

    deinit { discard() }

    package func write(_ bytes: UnsafeRawBufferPointer) throws(TransportError) {
        guard append(bytes) else { throw Self.failure }
    }

    package func write(_ bytes: [UInt8]) throws(TransportError) {
        guard bytes.withUnsafeBytes({ append($0) }) else { throw Self.failure }
    }

    private func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
        state.withLock { state in
            guard case .open(let descriptor) = state else { return false }
            var rest = bytes[...]
            while !rest.isEmpty {
                let slice = UnsafeRawBufferPointer(rebasing: rest)
                let count = Foundation.write(descriptor, slice.baseAddress, slice.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                rest = rest.dropFirst(count)
            }
            return true
        }
    }

    /// Syncs the file and moves it to its place, over what was there.
    package func commit() throws(TransportError) {
        let isMoved = state.withLock { state in
            guard case .open(let descriptor) = state else { return false }
            state = .over
            let isSynced = fsync(descriptor) == 0
            let isClosed = close(descriptor) == 0
            guard isSynced, isClosed, rename(part, path) == 0 else {
                unlink(part)
                return false
            }
            return true
        }
        guard isMoved else { throw Self.failure }
    }

    /// Removes what has come. Does nothing after a commit.
    package func discard() {
        state.withLock { state in
            guard case .open(let descriptor) = state else { return }
            state = .over
            close(descriptor)
            unlink(part)
        }
    }
}
