import Foundation
import Synchronization
import TidemarkLiveKit

/// What a bridge writes on its standard error, on this program's: escaped, cut, and without the account's secrets, tokens and
/// packets. A flood is counted instead of printed.
final class BridgeLog: Sendable {
    private static let mostLines = 20
    private static let period: Duration = .seconds(10)
    private static let longest = 300

    private struct State {
        var secrets: Set<String> = []
        var lastLine: String?
        var periodEnds: ContinuousClock.Instant?
        var lines = 0
        var isCut = false
    }

    private let state = Mutex(State())
    private let isQuiet: Bool

    /// `isQuiet`: remembers and prints nothing.
    init(isQuiet: Bool = false) {
        self.isQuiet = isQuiet
    }

    /// Never shows this text.
    func hide(_ secret: String) {
        guard secret.utf8.count >= 6 else { return }
        state.withLock { _ = $0.secrets.insert(secret) }
    }

    /// The last that this run of the bridge complained of.
    var lastLine: String? { state.withLock { $0.lastLine } }

    func note(_ notice: LiveKitBridgeNotice) {
        switch notice {
        case .started: state.withLock { $0.lastLine = nil }
        case .errorLine(let line): write(line)
        case .status(let status) where status.event == "error": write(status.members["message"] ?? "an error without a message")
        case .malformedLine(let reason): write("It wrote a line that is no packet and was passed over: \(reason).")
        default: break
        }
    }

    private func write(_ line: String) {
        let now = ContinuousClock.now
        let lines = state.withLock { state -> [String] in
            let shown = Self.shown(line, hiding: state.secrets)
            state.lastLine = shown
            if state.periodEnds.map({ now >= $0 }) ?? true {
                state.periodEnds = now + Self.period
                (state.lines, state.isCut) = (0, false)
            }
            state.lines += 1
            if state.lines <= Self.mostLines { return ["bridge: \(shown)"] }
            defer { state.isCut = true }
            return state.isCut ? [] : ["bridge: (it writes too much; the rest of the next seconds is left out)"]
        }
        if !isQuiet { for line in lines { Terminal.standardError(line) } }
    }

    /// Packets hold what people say, and some programs print what they can't handle.
    static func shown(_ line: String, hiding secrets: Set<String> = []) -> String {
        if line.contains("payload_base64") || line.contains("\"message\"") { return "(a line that quotes a packet)" }
        var line = line
        for secret in secrets { line = line.replacing(secret, with: "…") }
        line = line.replacing(#/eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*/#, with: "…")
        return EscapedText.line(line.trimmingCharacters(in: .whitespaces), limit: longest)
    }
}
