import Synchronization
import TidemarkModel

/// What was pushed and not taken yet, bounded: a flood is dropped and told as a gap.
final class RealtimeBuffer: Sendable {
    enum Item: Hashable, Sendable {
        case up
        case down
        case event(name: String, payload: [UInt8])
    }

    private struct State {
        var items: [Item] = []
        /// Those before it were taken.
        var first = 0
        var bytes = 0
        var isUp = false
        var reader: CheckedContinuation<Item?, Never>?
    }

    private let maximumItems: Int
    private let maximumBytes: Int
    private let state = Mutex(State())

    init(maximumItems: Int, maximumBytes: Int) {
        self.maximumItems = max(4, maximumItems)
        self.maximumBytes = maximumBytes
    }

    var count: Int { state.withLock { $0.items.count - $0.first } }

    /// Returns whether there was room; if not, all that waited is gone, and a gap stands in its place.
    @discardableResult
    func push(_ item: Item) -> Bool {
        let (reader, hadRoom) = state.withLock { state -> (CheckedContinuation<Item?, Never>?, Bool) in
            if item == .up { state.isUp = true }
            if item == .down { state.isUp = false }
            if let reader = state.reader {
                state.reader = nil
                return (reader, true)
            }
            guard state.items.count - state.first < maximumItems, state.bytes + Self.size(item) <= maximumBytes else {
                state.items = state.isUp ? [.down, .up] : [.down]
                (state.first, state.bytes) = (0, 0)
                return (nil, false)
            }
            state.items.append(item)
            state.bytes += Self.size(item)
            return (nil, true)
        }
        reader?.resume(returning: item)
        return hadRoom
    }

    /// Something may be missing here, although the connection holds.
    func pushGap() {
        guard state.withLock({ $0.isUp }) else { return }
        push(.down)
        push(.up)
    }

    /// The next one; `nil` when the task is cancelled. A second reader ends the waiting of the first.
    func next() async -> Item? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (item, displaced) = state.withLock { take(&$0, for: continuation) }
                displaced?.resume(returning: nil)
                if let item { continuation.resume(returning: item) }
            }
        } onCancel: {
            state.withLock { state in
                defer { state.reader = nil }
                return state.reader
            }?.resume(returning: nil)
        }
    }

    /// What to resume the reader with, if it doesn't have to wait, and another one that waited.
    private func take(
        _ state: inout State, for reader: CheckedContinuation<Item?, Never>
    ) -> (item: Item??, displaced: CheckedContinuation<Item?, Never>?) {
        if Task.isCancelled { return (.some(nil), nil) }
        guard state.first < state.items.count else {
            defer { state.reader = reader }
            return (nil, state.reader)
        }
        let item = state.items[state.first]
        state.first += 1
        state.bytes -= Self.size(item)
        if state.first == state.items.count { (state.items, state.first) = ([], 0) }
        // Taken ones are let go now and then, so that each is moved at most once.
        if state.first > maximumItems {
            state.items.removeFirst(state.first)
            state.first = 0
        }
        return (.some(item), nil)
    }

    private static func size(_ item: Item) -> Int {
        if case .event(let name, let payload) = item { name.utf8.count + payload.count } else { 0 }
    }
}
