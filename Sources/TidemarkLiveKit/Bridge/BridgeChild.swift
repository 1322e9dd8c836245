#if os(macOS) || os(Linux)
import Foundation
import Synchronization

/// One run of a bridge: a process, threads that read what it writes and wait for its end, and a queue that writes to it.
final class BridgeChild: Sendable {
    private struct State {
        var outgoingBytes = 0
        /// The process, its output and its errors.
        var parts = 3
        var end: LiveKitBridgeEnd?
        var isHung = false
        var isStopping = false
        /// Its id may be another process's.
        var isForgotten = false
        var isClosed = false
        var waiting: [CheckedContinuation<LiveKitBridgeEnd, Never>] = []
    }

    private let state = Mutex(State())
    private let process: BridgeProcess
    private let input: BridgeSocket
    private let output: BridgeSocket
    private let errors: BridgeSocket
    private let writing = DispatchQueue(label: "tidemark.livekit.bridge")
    private let configuration: LiveKitBridgeConfiguration

    /// Starts the process. Throws if it can't be started.
    init(_ configuration: LiveKitBridgeConfiguration, events: BridgeEvents) throws {
        self.configuration = configuration
        var ends: (input: FileHandle?, output: FileHandle?, errors: FileHandle?)
        input = try BridgeSocket(childEnd: &ends.input)
        do {
            output = try BridgeSocket(childEnd: &ends.output)
        } catch {
            input.close()
            throw error
        }
        do {
            errors = try BridgeSocket(childEnd: &ends.errors)
        } catch {
            input.close()
            output.close()
            throw error
        }
        input.limitWrites(to: configuration.writeTimeout)
        defer { for end in [ends.input, ends.output, ends.errors] { try? end?.close() } }
        do {
            process = try BridgeProcess(
                configuration.command, environment: configuration.environment ?? ProcessInfo.processInfo.environment,
                input: ends.input?.fileDescriptor ?? -1, output: ends.output?.fileDescriptor ?? -1,
                errors: ends.errors?.fileDescriptor ?? -1)
        } catch {
            for socket in [input, output, errors] { socket.close() }
            throw error
        }
        begin { self.read(self.output) { events.output($0) } }
        begin { self.read(self.errors) { events.errors($0) } }
        begin { self.awaitEnd() }
    }

    private func begin(_ body: @escaping @Sendable () -> Void) {
        let thread = Thread(block: body)
        thread.name = "tidemark.livekit.bridge"
        thread.start()
    }

    private func read(_ socket: BridgeSocket, _ take: ([UInt8]) -> Void) {
        while true {
            let bytes = socket.read(atMost: 65_536)
            take(bytes)
            if bytes.isEmpty { break }
        }
        finish(nil)
    }

    /// Hands bytes to the process. Returns when they are in its hands' reach, not when it has read them.
    func write(_ bytes: [UInt8]) async throws(DataChannelError) {
        let isTaken = state.withLock { state in
            guard !state.isStopping, state.end == nil else { return nil as Bool? }
            guard state.outgoingBytes + bytes.count <= configuration.maximumOutgoingBytes else { return false }
            state.outgoingBytes += bytes.count
            return true
        }
        guard let isTaken else { throw DataChannelError(.notConnected) }
        guard isTaken else { throw DataChannelError(.full) }
        let written = await withCheckedContinuation { continuation in
            writing.async { continuation.resume(returning: self.deliver(bytes)) }
        }
        guard written == .all else { throw DataChannelError(.interrupted) }
    }

    private func deliver(_ bytes: [UInt8]) -> BridgeSocket.Written {
        let isOpen = state.withLock { state in
            state.outgoingBytes -= bytes.count
            return !state.isClosed && !state.isHung
        }
        // The sockets are closed on this queue, so that this one is still the own one.
        guard isOpen else { return .gone }
        let written = input.write(bytes)
        if written == .stuck { stop(becauseHung: true) }
        return written
    }

    /// Returns when the process has ended and what it wrote is read.
    func ended() async -> LiveKitBridgeEnd {
        await withCheckedContinuation { continuation in
            let end = state.withLock { state -> LiveKitBridgeEnd? in
                if state.parts == 0 { return state.end ?? .hung }
                state.waiting.append(continuation)
                return nil
            }
            if let end { continuation.resume(returning: end) }
        }
    }

    /// Ends the process: its input ends, so that it publishes what it has and ends; after the grace period it is told to, and
    /// after another one killed. One that hangs is told at once.
    func stop(becauseHung isHung: Bool = false) {
        let isFirst = state.withLock { state in
            defer { state.isStopping = true }
            guard !state.isStopping, !state.isClosed else { return false }
            state.isHung = isHung
            input.endWriting()
            return true
        }
        guard isFirst else { return }
        let grace = configuration.gracePeriod / .seconds(1)
        signal(SIGTERM, after: isHung ? 0 : grace)
        signal(SIGKILL, after: isHung ? grace : 2 * grace)
    }

    /// Ends the process at once.
    func kill() {
        signal(SIGKILL)
    }

    private func signal(_ number: Int32, after seconds: Double) {
        guard seconds > 0 else { return signal(number) }
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { self.signal(number) }
    }

    private func signal(_ signal: Int32) {
        state.withLock { state in
            if !state.isForgotten { process.signal(signal) }
        }
    }

    private func awaitEnd() {
        let end = process.wait { state.withLock { $0.isForgotten = true } }
        // A grandchild may hold the other ends open; what is there is read, and no more is waited for.
        state.withLock { state in
            guard !state.isClosed else { return }
            output.endReading()
            errors.endReading()
            input.endWriting()
        }
        finish(end)
    }

    /// One of the three parts is over.
    private func finish(_ end: LiveKitBridgeEnd?) {
        let (waiting, isLast, end) = state.withLock { state in
            if let end { state.end = state.isHung ? .hung : end }
            state.parts -= 1
            guard state.parts == 0 else { return (waiting: [CheckedContinuation<LiveKitBridgeEnd, Never>](), false, state.end) }
            state.isClosed = true
            defer { state.waiting = [] }
            return (state.waiting, true, state.end)
        }
        guard isLast else { return }
        writing.async { for socket in [self.input, self.output, self.errors] { socket.close() } }
        for continuation in waiting { continuation.resume(returning: end ?? .hung) }
    }
}
#endif
