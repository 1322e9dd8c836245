import Synchronization
import TidemarkModel

/// Holds one access and renews it for everybody who needs another, one renewal at a time.
///
/// A renewal belongs to nobody who waits for it: it is a task of its own, because a service that has changed a refresh token has
/// done so whether or not somebody still waits for the answer. Its length is bounded by that of its requests. A waiter that is
/// cancelled leaves alone.
final class SharedRenewal: Sendable {
    typealias Outcome = Result<AvayaAccess, ServiceError>

    private struct State {
        var current: AvayaAccess?
        var isRenewing = false
        var waiting: [Int: CheckedContinuation<Outcome, Never>] = [:]
        var abandoned: Set<Int> = []
        var lastWaiter = 0
    }

    private enum Step {
        case over(Outcome)
        case wait
        case renew
    }

    private let state: Mutex<State>
    private let isUsable: @Sendable (AvayaAccess) -> Bool
    /// Told which access is to be replaced, if there still is one.
    private let renew: @Sendable (AvayaAccess?) async -> Outcome

    init(
        current: AvayaAccess? = nil, isUsable: @escaping @Sendable (AvayaAccess) -> Bool = { _ in true },
        renew: @escaping @Sendable (AvayaAccess?) async -> Outcome
    ) {
        state = Mutex(State(current: current))
        self.isUsable = isUsable
        self.renew = renew
    }

    var current: AvayaAccess? { state.withLock { $0.current } }

    func replace(with access: AvayaAccess?) {
        state.withLock { $0.current = access }
    }

    /// The access that there is, or the one that a renewal gives.
    func access() async throws(ServiceError) -> AvayaAccess {
        if let current, isUsable(current) { return current }
        return try await turn().get()
    }

    /// Another access than this one.
    func access(after refused: AvayaAccess) async throws(ServiceError) -> AvayaAccess {
        state.withLock { state in
            // Somebody else may have replaced it already.
            if state.current?.token == refused.token { state.current = nil }
        }
        let access = try await access()
        guard access.token != refused.token else {
            throw .unauthenticated("The renewal gave the token that was just refused; sign in again.")
        }
        return access
    }

    private func turn() async -> Outcome {
        let waiter = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                switch enter(waiter, continuation) {
                case .over(let outcome): continuation.resume(returning: outcome)
                case .wait: break
                case .renew: Task { await self.lead() }
                }
            }
        } onCancel: {
            let continuation = state.withLock { state in
                let continuation = state.waiting.removeValue(forKey: waiter)
                if continuation == nil { state.abandoned.insert(waiter) }
                return continuation
            }
            continuation?.resume(returning: Self.cancelled)
        }
        // A cancellation that came after the turn left its mark for nobody.
        state.withLock { state in _ = state.abandoned.remove(waiter) }
        return outcome
    }

    private func enter(_ waiter: Int, _ continuation: CheckedContinuation<Outcome, Never>) -> Step {
        state.withLock { state in
            if state.abandoned.remove(waiter) != nil { return .over(Self.cancelled) }
            if !state.isRenewing, let current = state.current, isUsable(current) { return .over(.success(current)) }
            state.waiting[waiter] = continuation
            if state.isRenewing { return .wait }
            state.isRenewing = true
            return .renew
        }
    }

    private func lead() async {
        let outcome = await renew(current)
        let waiting = state.withLock { state in
            state.isRenewing = false
            if case .success(let access) = outcome { state.current = access }
            let waiting = state.waiting
            state.waiting = [:]
            return waiting
        }
        for continuation in waiting.values { continuation.resume(returning: outcome) }
    }

    private static var cancelled: Outcome { .failure(ServiceError(.cancelled, certainty: .notApplied)) }
}

extension ServiceError {
    static func unauthenticated(_ sentence: String) -> ServiceError {
        ServiceError(.unauthenticated, certainty: .notApplied, scope: .account, serviceMessage: sentence)
    }

    /// As a credential tells it: nothing of the request that it was asked for has left.
    var ofCredential: ServiceError {
        var error = self
        error.certainty = .notApplied
        error.scope = .account
        return error
    }
}
