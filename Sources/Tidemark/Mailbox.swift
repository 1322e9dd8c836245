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

    /// Pushed events that wait to be written down. Beyond that whoever pushes waits, and holds or drops its own.
    static let eventLimit = 1000

    private struct State {
        var mail: [Mail] = []
        var events = 0
        var pushing: CheckedContinuation<Void, Never>?
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

    /// Posts what was pushed, and returns when there is room for more. Cancellation ends the wait. One at a time.
    func post(_ event: RemoteEvent) async {
        post(.event(event))
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let hasRoom = state.withLock { state in
                    state.events += 1
                    if state.events < Self.eventLimit || Task.isCancelled { return true }
                    state.pushing = continuation
                    return false
                }
                if hasRoom { continuation.resume() }
            }
        } onCancel: {
            releasePushing()
        }
    }

    func takeAll() -> [Mail] {
        let mail = state.withLock { state in
            let mail = state.mail
            state.mail = []
            state.events = 0
            state.isWoken = false
            return mail
        }
        releasePushing()
        return mail
    }

    private func releasePushing() {
        let pushing = state.withLock { state in
            let pushing = state.pushing
            state.pushing = nil
            return pushing
        }
        pushing?.resume()
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
