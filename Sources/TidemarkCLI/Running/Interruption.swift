import Dispatch
import Foundation
import Synchronization

/// Ctrl-C and termination. Everything that was said to be done is durable, so ending at once loses nothing; a command that
/// holds a lease or has requests under way ends in good order first.
enum Interruption {
    private struct State {
        var listener: AsyncStream<ExitStatus>.Continuation?
        var wasTold = false
        var atOnce: [Int: @Sendable () -> Void] = [:]
        var lastKey = 0
    }

    private static let state = Mutex(State())

    /// Listens for signals for as long as what it returns lives.
    static func install() -> [any DispatchSourceSignal] {
        // A reader that went away (`| head`) is no failure of ours.
        signal(SIGPIPE, SIG_DFL)
        return [(SIGINT, ExitStatus.interrupted), (SIGTERM, .terminated)].map { number, status in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { interrupt(status) }
            source.resume()
            return source
        }
    }

    private static func interrupt(_ status: ExitStatus) {
        let (listener, atOnce) = state.withLock { state in
            defer { state.wasTold = true }
            // Who asks twice does not want to wait.
            return (state.wasTold ? nil : state.listener, Array(state.atOnce.values))
        }
        guard let listener else {
            for body in atOnce { body() }
            _exit(status.rawValue)
        }
        listener.yield(status)
    }

    /// Nobody reads standard output any more, or it can't be written. What was said to be done is durable: ending loses nothing.
    static func outputIsGone(isClosed: Bool) -> Never {
        for body in state.withLock({ Array($0.atOnce.values) }) { body() }
        if isClosed {
            // As a program ends that writes into a closed pipe; a network library may have had that ignored.
            signal(SIGPIPE, SIG_DFL)
            raise(SIGPIPE)
        } else {
            Failure(.failed, code: "file", "Standard output can't be written; is the disk full?").print(
                isJSON: Output.isAskedForJSON)
        }
        _exit(ExitStatus.failed.rawValue)
    }

    /// What to do before an end that waits for nothing, until it is forgotten under the key that this returns.
    static func atOnce(_ body: @escaping @Sendable () -> Void) -> Int {
        state.withLock { state in
            state.lastKey += 1
            state.atOnce[state.lastKey] = body
            return state.lastKey
        }
    }

    static func forget(_ key: Int) {
        state.withLock { $0.atOnce[key] = nil }
    }

    /// Runs something that a signal cancels. When it was, waits for its end and throws the signal's exit status.
    static func gracefully<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let (signals, listener) = AsyncStream.makeStream(of: ExitStatus.self)
        state.withLock { $0.listener = listener }
        defer { state.withLock { $0.listener = nil } }
        return try await withThrowingTaskGroup(of: Ended<Value>.self) { group in
            group.addTask { .finished(try await body()) }
            group.addTask {
                for await status in signals { return .told(status) }
                return .notTold
            }
            defer { group.cancelAll() }
            while let ended = try await group.next() {
                switch ended {
                case .finished(let value): return value
                case .notTold: continue
                case .told(let status):
                    group.cancelAll()
                    _ = try? await group.next()
                    throw status
                }
            }
            throw ExitStatus.interrupted
        }
    }

    private enum Ended<Value: Sendable>: Sendable {
        case finished(Value)
        case told(ExitStatus)
        case notTold
    }
}
