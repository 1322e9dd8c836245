import Synchronization

/// Makes events and notices of the bytes that one run of a bridge writes.
package final class BridgeEvents: Sendable {
    private struct State {
        var output: LineSplitter
        var errors: LineSplitter
        var isOverflowing = false
        var lines = 0
        var hasWorked = false
    }

    private let state: Mutex<State>
    private let buffer: DataChannelBuffer
    private let notice: @Sendable (LiveKitBridgeNotice) -> Void

    private static let longestErrorLine = 4_096

    package init(maximumLineBytes: Int, buffer: DataChannelBuffer, notice: @escaping @Sendable (LiveKitBridgeNotice) -> Void) {
        state = Mutex(
            State(
                output: LineSplitter(maximumBytes: maximumLineBytes), errors: LineSplitter(maximumBytes: Self.longestErrorLine)))
        self.buffer = buffer
        self.notice = notice
    }

    /// Lines that came so far; while it grows the bridge is alive.
    var lines: Int { state.withLock { $0.lines } }
    /// Whether it was in its room: it said so, or passed on a packet. One that can only tell of errors was not.
    var hasWorked: Bool { state.withLock { $0.hasWorked } }

    /// Empty bytes are the end.
    package func output(_ bytes: [UInt8]) {
        for piece in state.withLock({ bytes.isEmpty ? $0.output.finish().map { [$0] } ?? [] : $0.output.push(bytes) }) {
            take(piece)
        }
    }

    func errors(_ bytes: [UInt8]) {
        for piece in state.withLock({ bytes.isEmpty ? $0.errors.finish().map { [$0] } ?? [] : $0.errors.push(bytes) }) {
            switch piece {
            case .line(let line): notice(.errorLine(String(decoding: line, as: UTF8.self)))
            case .dropped: notice(.errorLine("(a line of more than \(Self.longestErrorLine) bytes)"))
            }
        }
    }

    private func take(_ piece: LineSplitter.Piece) {
        state.withLock { $0.lines += 1 }
        guard case .line(let bytes) = piece else {
            buffer.push(.overflow)
            notice(.overflow)
            return
        }
        switch BridgeLine(bytes) {
        case .packet(let packet):
            let isTaken = buffer.push(packet)
            let isFirst = state.withLock { state in
                state.hasWorked = true
                defer { state.isOverflowing = !isTaken }
                return !isTaken && !state.isOverflowing
            }
            if isFirst { notice(.overflow) }
        case .status(let status): take(status)
        case .malformed(let reason): notice(.malformedLine(reason))
        }
    }

    private func take(_ status: BridgeStatus) {
        switch status.event {
        case BridgeStatus.connected:
            state.withLock { $0.hasWorked = true }
            buffer.push(.started)
        case BridgeStatus.reconnected: buffer.push(.reconnected)
        // Dropped before it came here, and so missing all the same.
        case BridgeStatus.overflow: buffer.push(.overflow)
        default: break
        }
        notice(.status(status))
    }
}
