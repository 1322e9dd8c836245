#if os(macOS) || os(Linux)
import Synchronization

/// A room through a child process that speaks JSON lines (``BridgeLine``): for servers and command lines, which have no WebRTC
/// of their own.
///
/// Somebody has to call ``run()``; it starts the process, and starts it again with a growing pause whenever it ends or hangs.
/// Each such interruption is a gap: what was said in the room meanwhile is lost, because rooms have no history. Everything is
/// bounded; a flood is dropped and told as a gap.
public final class LiveKitBridge: TextStreamChannel {
    private struct State {
        var isRunning = false
        var child: BridgeChild?
    }

    private let configuration: LiveKitBridgeConfiguration
    private let sleep: @Sendable (Duration) async throws -> Void
    private let notice: @Sendable (LiveKitBridgeNotice) -> Void
    private let buffer: DataChannelBuffer
    private let state = Mutex(State())

    /// - Parameters:
    ///   - sleep: waits before a restart and for the silence timeout.
    ///   - notice: told what happens beside packets, from other threads, in order within one of the bridge's streams. What a
    ///     bridge writes may quote messages: a log is no place for it without a look.
    public init(
        _ configuration: LiveKitBridgeConfiguration,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        notice: @escaping @Sendable (LiveKitBridgeNotice) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.sleep = sleep
        self.notice = notice
        buffer = DataChannelBuffer(
            maximumPackets: configuration.maximumWaitingPackets, maximumBytes: configuration.maximumWaitingBytes)
    }

    /// Runs the bridge until the task is cancelled, then ends the process and returns. Only the first call runs; another one
    /// while it does returns at once.
    public func run() async {
        let isFirst = state.withLock { state in
            defer { state.isRunning = true }
            return !state.isRunning
        }
        guard isFirst else { return }
        defer { state.withLock { $0.isRunning = false } }
        var backoff = BridgeBackoff(first: configuration.firstDelay, longest: configuration.longestDelay)
        while !Task.isCancelled {
            let hasWorked = await runOnce()
            guard !Task.isCancelled else { return }
            let delay = backoff.delay(afterOneThatWorked: hasWorked)
            notice(.restarting(after: delay))
            guard (try? await sleep(delay)) != nil else { return }
        }
    }

    /// Hands a packet to the bridge. Returns when the process has it, which says nothing about the room. Throws
    /// ``DataChannelError``: `.notConnected` while none runs, `.full`, `.tooLarge`, or `.interrupted` if it broke meanwhile.
    public func publish(
        _ payload: [UInt8], topic: String, reliable: Bool = true, destinations: [String] = []
    ) async throws {
        try await write(BridgeLine.publishing(payload, topic: topic, reliable: reliable, destinations: destinations))
    }

    /// As ``publish(_:topic:reliable:destinations:)``, for a bridge that writes text streams.
    public func publishText(
        _ text: String, topic: String, streamID: String, destinations: [String] = []
    ) async throws {
        try await write(
            BridgeLine.publishing(Array(text.utf8), topic: topic, destinations: destinations, streamID: streamID))
    }

    private func write(_ line: [UInt8]) async throws(DataChannelError) {
        guard line.count <= configuration.maximumLineBytes else { throw DataChannelError(.tooLarge) }
        guard let child = state.withLock({ $0.child }) else { throw DataChannelError(.notConnected) }
        try await child.write(line)
    }

    /// The room's packets and the gaps between them, over all restarts. It waits while none runs and has no end of its own;
    /// cancel the reading task.
    public func packets() -> AsyncStream<DataChannelEvent> {
        buffer.events
    }

    /// Returns whether the process was in its room.
    private func runOnce() async -> Bool {
        let events = BridgeEvents(maximumLineBytes: configuration.maximumLineBytes, buffer: buffer, notice: notice)
        buffer.push(.started)
        guard let child = try? BridgeChild(configuration, events: events) else {
            notice(.startFailed)
            return false
        }
        state.withLock { $0.child = child }
        notice(.started)
        let end = await withTaskCancellationHandler {
            await withTaskGroup(of: Void.self) { group in
                if let timeout = configuration.silenceTimeout {
                    group.addTask { await self.watch(child, events, timeout) }
                }
                let end = await child.ended()
                group.cancelAll()
                return end
            }
        } onCancel: {
            child.stop()
        }
        state.withLock { $0.child = nil }
        buffer.push(end == .hung ? .hung : .exited)
        notice(.ended(end))
        return events.hasWorked
    }

    /// Ends a process that wrote no line for the whole of a timeout.
    private func watch(_ child: BridgeChild, _ events: BridgeEvents, _ timeout: Duration) async {
        var lines = events.lines
        while (try? await sleep(timeout)) != nil {
            let now = events.lines
            guard now != lines else { return child.stop(becauseHung: true) }
            lines = now
        }
    }
}
#endif
