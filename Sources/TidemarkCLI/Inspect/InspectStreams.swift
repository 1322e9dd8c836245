import Synchronization

/// How many pages are followed at once. Each reads the store after every change.
final class InspectStreams: Sendable {
    static let limit = 16

    private let count = Mutex(0)

    /// A place for one more page, as long as it is held; `nil`: there is none.
    func take() -> Place? {
        let isFree = count.withLock { count in
            guard count < Self.limit else { return false }
            count += 1
            return true
        }
        return isFree ? Place(streams: self) : nil
    }

    final class Place: Sendable {
        private let streams: InspectStreams

        fileprivate init(streams: InspectStreams) {
            self.streams = streams
        }

        deinit { streams.count.withLock { $0 -= 1 } }
    }
}
