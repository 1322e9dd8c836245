internal import Synchronization
internal import TidemarkModel

/// What reaches the engine's loop: answers, events and wake-ups, in the order in which they came.
final class Mailbox: Sendable {
    enum Mail: Sendable {
        case answer(SyncCore.Answer, took: Duration)
        case event(RemoteEvent)
        case wake
        case timer
        /// The run is to end.
        case stop
    }

    private struct State {
        var mail: [Mail] = []
        var waiting: CheckedContinuation<Void, Never>?
        var isWoken = false
    }

    private let state = Mutex(State())

    func post(_ mail: Mail) {
        let waiting = state.withLock { state in
            // One wake-up stands for many.
            if case .wake = mail {
                if state.isWoken { return nil as CheckedContinuation<Void, Never>? }
                state.isWoken = true
            }
            state.mail.append(mail)
            let waiting = state.waiting
            state.waiting = nil
            return waiting
        }
        waiting?.resume()
    }

    func takeAll() -> [Mail] {
        state.withLock { state in
            let mail = state.mail
            state.mail = []
            state.isWoken = false
            return mail
        }
    }

    /// Returns when there is mail. Cancellation ends the wait, not the mail.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    if !state.mail.isEmpty || Task.isCancelled { return true }
                    state.waiting = continuation
                    return false
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            release()
        }
    }

    /// Returns when there is mail, whether the task is cancelled or not: for answers that will come in any case.
    func waitToTheEnd() async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if !state.mail.isEmpty { return true }
                state.waiting = continuation
                return false
            }
            if isReady { continuation.resume() }
        }
    }

    private func release() {
        let waiting = state.withLock { state in
            let waiting = state.waiting
            state.waiting = nil
            return waiting
        }
        waiting?.resume()
    }
}
