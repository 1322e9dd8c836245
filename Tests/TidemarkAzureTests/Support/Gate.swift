import Synchronization

/// Holds tasks back until it is opened, and tells how many came.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var arrived = 0
        var held: [CheckedContinuation<Void, Never>] = []
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    /// Counts an arrival, and returns when the gate is open.
    func pass() async {
        arrive()
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.held.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    /// Counts an arrival without waiting.
    func arrive() {
        let ready = state.withLock { state in
            state.arrived += 1
            let ready = state.watchers.filter { $0.count <= state.arrived }
            state.watchers.removeAll { $0.count <= state.arrived }
            return ready
        }
        for watcher in ready { watcher.continuation.resume() }
    }

    func open() {
        let held = state.withLock { state in
            state.isOpen = true
            let held = state.held
            state.held = []
            return held
        }
        for continuation in held { continuation.resume() }
    }

    /// Returns when this many have arrived.
    func arrivals(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                if state.arrived < count { state.watchers.append((count, continuation)) }
                return state.arrived >= count
            }
            if isReached { continuation.resume() }
        }
    }
}

/// A value that tests change while others read it: the hands of a clock, a count.
final class Cell<Value: Sendable>: Sendable {
    private let storage: Mutex<Value>
    init(_ value: Value) { storage = Mutex(value) }
    var value: Value { storage.withLock { $0 } }
    func set(_ value: Value) { storage.withLock { $0 = value } }
}

extension Cell where Value == Int {
    /// Adds one and returns the sum.
    func count() -> Int {
        storage.withLock { number in
            number += 1
            return number
        }
    }
}
