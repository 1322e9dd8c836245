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
        var events: BridgeEvents?
        /// Who it was in the room when it last said so.
        var identity: String?
    }

    private let configuration: LiveKitBridgeConfiguration
    private let environment: @Sendable () async throws -> [String: String]?
    private let sleep: @Sendable (Duration) async throws -> Void
    private let notice: @Sendable (LiveKitBridgeNotice) -> Void
    private let buffer: DataChannelBuffer
    private let state = Mutex(State())

    /// - Parameters:
    ///   - configuration: the command, and within what bounds it runs.
    ///   - environment: asked before each start for the child's whole environment, where that may change: a token runs out.
    ///     `nil` is the configuration's. If it throws, the start has failed.
    ///   - sleep: waits before a restart, and for the join and silence timeouts.
    ///   - notice: told what happens beside packets, from other threads, in order within one of the bridge's streams. What a
    ///     bridge writes may quote messages: a log is no place for it without a look.
    public init(
        _ configuration: LiveKitBridgeConfiguration,
        environment: @escaping @Sendable () async throws -> [String: String]? = { nil },
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        notice: @escaping @Sendable (LiveKitBridgeNotice) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.environment = environment
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
    /// ``DataChannelError``: `.notConnected` while none is in the room, `.full`, `.tooLarge`, or `.interrupted` if it broke meanwhile.
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
        let (child, events) = state.withLock { ($0.child, $0.events) }
        guard let child, let events, events.isInside else { throw DataChannelError(.notConnected) }
        try await child.write(line)
    }

    /// Who the bridge is in the room, once it has said so; also while it is started again.
    public var identity: String? {
        state.withLock { $0.events?.identity ?? $0.identity }
    }

    /// Ends the process that runs now, at once and whatever it still holds: for a program that must not wait. ``run()`` goes on.
    public func kill() {
        state.withLock { $0.child }?.kill()
    }

    /// The room's packets and the gaps between them, over all restarts. It waits while none runs and has no end of its own;
    /// cancel the reading task.
    public func packets() -> AsyncStream<DataChannelEvent> {
        buffer.events
    }

    /// Returns whether the process was in its room.
    private func runOnce() async -> Bool {
        let events = BridgeEvents(maximumLineBytes: configuration.maximumLineBytes, buffer: buffer, notice: notice)
        if configuration.joinTimeout <= .zero { events.assumeInside() }
        guard let child = await start(events) else {
            if !Task.isCancelled { notice(.startFailed) }
            return false
        }
        state.withLock { state in
            state.child = child
            state.events = events
        }
        notice(.started)
        let end = await withTaskCancellationHandler {
            await withTaskGroup(of: Void.self) { group in
                if let timeout = configuration.silenceTimeout {
                    group.addTask { await self.watch(child, events, timeout) }
                }
                if events.isSilent {
                    group.addTask {
                        if (try? await self.sleep(self.configuration.joinTimeout)) != nil { events.assumeInside() }
                    }
                }
                let end = await child.ended()
                group.cancelAll()
                return end
            }
        } onCancel: {
            child.stop()
        }
        state.withLock { state in
            state.child = nil
            state.events = nil
            state.identity = events.identity ?? state.identity
        }
        buffer.push(end == .hung ? .hung : .exited)
        notice(.ended(end))
        return events.hasWorked
    }

    private func start(_ events: BridgeEvents) async -> BridgeChild? {
        var configuration = configuration
        do {
            configuration.environment = try await environment() ?? configuration.environment
            return Task.isCancelled ? nil : try BridgeChild(configuration, events: events)
        } catch {
            return nil
        }
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
