import Synchronization
import Tidemark

/// One line on a person's terminal for what takes longer than a second, wiped away at its end.
final class ProgressLine: Sendable {
    private struct State {
        var requests = 0
        var items = 0
        var waiting: String?
        var isShown = false
    }

    private static let patience: Duration = .seconds(1)
    private static let interval: Duration = .milliseconds(250)

    private let state = Mutex(State())
    private let style = Style(for: .standardError)

    static func following<Value: Sendable>(
        _ engine: SyncEngine, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        guard Terminal.isTTY(.standardError) else { return try await body() }
        let line = ProgressLine()
        defer { line.wipe() }
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            let activity = engine.activity
            let status = engine.status
            group.addTask { try await body() }
            group.addTask {
                for await one in activity { line.note(one) }
                return nil
            }
            group.addTask {
                for await one in status { line.note(one) }
                return nil
            }
            group.addTask { try await line.draw() }
            defer { group.cancelAll() }
            while let ended = try await group.next() {
                if let ended { return ended }
            }
            throw CancellationError()
        }
    }

    private func note(_ activity: SyncActivity) {
        state.withLock { state in
            state.requests += 1
            if case .read(_, let items, _, _) = activity { state.items += items }
        }
    }

    private func note(_ status: SyncStatus) {
        let waiting: String? =
            switch status {
            case .offline(let until): "the service can't be reached; next try at \(LocalTime(until).clockWithSeconds)"
            case .throttled(let until): "the service asks to wait until \(LocalTime(until).clockWithSeconds)"
            case .idle: "waiting for what is in doubt to settle"
            default: nil
            }
        state.withLock { $0.waiting = waiting }
    }

    private func draw() async throws -> Never {
        try await Task.sleep(for: Self.patience)
        while true {
            let text = state.withLock { state in
                state.isShown = true
                return "working: \(TextLayout.counted(state.requests, "request")), \(TextLayout.counted(state.items, "item"))"
                    + (state.waiting.map { "; \($0)" } ?? "")
            }
            Terminal.rewriteLine(style.dim(TextLayout.cut(text, to: Terminal.width - 1)))
            try await Task.sleep(for: Self.interval)
        }
    }

    private func wipe() {
        if state.withLock({ $0.isShown }) { Terminal.rewriteLine("") }
    }
}
