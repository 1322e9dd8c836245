import Synchronization

/// What waits between a channel and its reader, bounded in number and bytes. When it is full, what comes is dropped and one
/// overflow stands at the place where it would have been. Channels of an app's own can be built on it.
public final class DataChannelBuffer: Sendable {
    private struct State {
        var events: [DataChannelEvent] = []
        var bytes = 0
        var isFinished = false
        var reader: CheckedContinuation<DataChannelEvent?, Never>?
    }

    private let state = Mutex(State())
    private let maximumPackets: Int
    private let maximumBytes: Int

    public init(maximumPackets: Int = 1_000, maximumBytes: Int = 8 * 1024 * 1024) {
        self.maximumPackets = maximumPackets
        self.maximumBytes = maximumBytes
    }

    /// The events for one reader; it ends when the buffer is finished and read, and when the reading task is cancelled.
    public var events: AsyncStream<DataChannelEvent> {
        AsyncStream { [self] in await next() }
    }

    /// False if the packet was dropped.
    @discardableResult
    public func push(_ packet: LiveKitPacket) -> Bool {
        let size = packet.payload.count
        let (reader, isTaken) = state.withLock { state -> (CheckedContinuation<DataChannelEvent?, Never>?, Bool) in
            guard !state.isFinished else { return (nil, false) }
            if let reader = state.reader {
                state.reader = nil
                return (reader, true)
            }
            guard state.events.count < maximumPackets, state.bytes + size <= maximumBytes else {
                if state.events.last != .gap(.overflow) { state.events.append(.gap(.overflow)) }
                return (nil, false)
            }
            state.events.append(.packet(packet))
            state.bytes += size
            return (nil, true)
        }
        reader?.resume(returning: .packet(packet))
        return isTaken
    }

    /// A gap is always taken; one that says what the last one says is the same gap.
    public func push(_ gap: DataChannelGap) {
        let reader = state.withLock { state -> CheckedContinuation<DataChannelEvent?, Never>? in
            guard !state.isFinished else { return nil }
            if let reader = state.reader {
                state.reader = nil
                return reader
            }
            // The bridge that ends and begins again and again must not fill it with gaps either.
            let isFull = state.events.count >= maximumPackets * 2
            if state.events.last != .gap(gap), !isFull { state.events.append(.gap(gap)) }
            return nil
        }
        reader?.resume(returning: .gap(gap))
    }

    /// No event comes any more; what waits is still read.
    public func finish() {
        state.withLock { state -> CheckedContinuation<DataChannelEvent?, Never>? in
            state.isFinished = true
            defer { state.reader = nil }
            return state.reader
        }?.resume(returning: nil)
    }

    /// The next event; `nil` at the end and when the task is cancelled. A second reader ends the waiting of the first.
    public func next() async -> DataChannelEvent? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (event, displaced) = state.withLock { state in take(&state, for: continuation) }
                displaced?.resume(returning: nil)
                if let event { continuation.resume(returning: event) }
            }
        } onCancel: {
            state.withLock { state -> CheckedContinuation<DataChannelEvent?, Never>? in
                defer { state.reader = nil }
                return state.reader
            }?.resume(returning: nil)
        }
    }

    /// What to resume the reader with, if it does not have to wait, and another reader that waited.
    private func take(
        _ state: inout State, for reader: CheckedContinuation<DataChannelEvent?, Never>
    ) -> (event: DataChannelEvent??, displaced: CheckedContinuation<DataChannelEvent?, Never>?) {
        if !state.events.isEmpty {
            let event = state.events.removeFirst()
            if case .packet(let packet) = event { state.bytes -= packet.payload.count }
            return (.some(event), nil)
        }
        if state.isFinished || Task.isCancelled { return (.some(nil), nil) }
        defer { state.reader = reader }
        return (nil, state.reader)
    }
}
