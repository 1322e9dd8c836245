import Tidemark
import TidemarkLiveKit

/// A line for each thing that happens at a room's bridge while `sync --watch` stays.
struct RoomPrinter: Sendable {
    let lines: WatchPrinter
    let log: BridgeLog

    func follow(_ notices: AsyncStream<LiveKitBridgeNotice>) async {
        var end: LiveKitBridgeEnd?
        var wasInside = false
        for await notice in notices {
            switch notice {
            case .started: end = nil
            case .entered(let identity):
                wasInside = true
                let name = identity.map { " as \($0)" } ?? ""
                tell("·", "in the room\(name); recording", "entered", [("identity", .optional(identity))])
            case .status(let status): tell(status)
            case .overflow: tell("!", "more came than could be read; what was dropped is a gap", "overflow")
            case .startFailed: tell("!", "the bridge could not be started; check its command and its token", "startFailed")
            case .ended(let one): end = one
            case .restarting(let delay):
                if let end { left(end, delay, wasInside) }
                wasInside = false
            case .errorLine, .malformedLine: break
            }
        }
    }

    private func tell(_ status: BridgeStatus) {
        switch status.event {
        case BridgeStatus.reconnecting:
            tell("!", "the connection to the room broke; what is said now may be missed", status.event)
        case BridgeStatus.disconnected: tell("!", "out of the room", status.event)
        case BridgeStatus.overflow: tell("!", "the bridge dropped packets; they are a gap", status.event)
        default: break
        }
    }

    private func left(_ end: LiveKitBridgeEnd, _ delay: Duration, _ wasInside: Bool) {
        let missed = wasInside ? ", a gap till then" : ""
        tell(
            "!", "the bridge \(end.spoken); restart in \(delay.spoken)\(missed)", "restarting",
            [("seconds", .decimal(delay / .seconds(1)))])
    }

    private func tell(_ mark: String, _ text: String, _ status: String, _ more: [(String, JSONValue)] = []) {
        lines.line(mark, text, [("event", .string("room")), ("status", .string(status)), ("text", .string(text))] + more)
    }
}
