import Synchronization

/// Makes events and notices of the bytes that one run of a bridge writes.
package final class BridgeEvents: Sendable {
    private struct State {
        var output: LineSplitter
        var errors: LineSplitter
        var isOverflowing = false
        var lines = 0
        var hasWorked = false
        var presence = Presence.unknown
        var identity: String?
    }

    /// Where the bridge is, as far as it says.
    private enum Presence {
        case unknown, outside, inside
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
    /// Whether packets can be handed to it.
    var isInside: Bool { state.withLock { $0.presence == .inside } }
    /// Who it is in the room, if it said so.
    var identity: String? { state.withLock { $0.identity } }
    /// It has not said yet where it is.
    var isSilent: Bool { state.withLock { $0.presence == .unknown } }

    /// It said nothing of itself for long enough.
    func assumeInside() {
        enter(.started) { $0.presence == .unknown }
    }

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
            enter(.started) { $0.presence == .unknown }
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
        // Before it is told: who hears of it is refused from then on.
        if BridgeStatus.outside.contains(status.event) { state.withLock { $0.presence = .outside } }
        notice(.status(status))
        switch status.event {
        case BridgeStatus.connected:
            state.withLock { state in
                state.hasWorked = true
                if let identity = status.members["identity"], !identity.isEmpty { state.identity = identity }
            }
            enter(.started)
        case BridgeStatus.reconnected: enter(.reconnected)
        // Dropped before it came here, and so missing all the same.
        case BridgeStatus.overflow: buffer.push(.overflow)
        default: break
        }
    }

    private func enter(_ gap: DataChannelGap, if condition: (State) -> Bool = { _ in true }) {
        let (isMeant, isNew, identity) = state.withLock { state in
            guard condition(state) else { return (false, false, nil as String?) }
            defer { state.presence = .inside }
            return (true, state.presence != .inside, state.identity)
        }
        guard isMeant else { return }
        buffer.push(gap)
        if isNew { notice(.entered(identity: identity)) }
    }
}
