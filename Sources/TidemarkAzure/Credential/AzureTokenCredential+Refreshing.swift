import Synchronization
import TidemarkModel

extension AzureTokenCredential {
    enum Step {
        case use(AzureAccessToken)
        /// Refresh for everybody; the token that is still good if that fails.
        case lead(orUse: AzureAccessToken?)
        case wait
    }

    func next() throws(ServiceError) -> Step {
        let moment = now()
        let canRefresh = canRefresh
        return try state.withLock { state throws(ServiceError) in
            guard !state.isClosed else { throw Self.unauthenticated("The credential is closed.") }
            if let text = state.unread {
                state.unread = nil
                // How old it is nobody knows, so it counts as long held.
                state.accept(try AzureAccessToken(text), at: Timestamp(milliseconds: .min))
            }
            guard canRefresh else {
                guard let token = state.current else { throw Self.unauthenticated("There is no token.") }
                // Also when it has run out by this machine's clock, which may be wrong: the service's answer counts.
                return .use(token)
            }
            let usable = state.current.flatMap { $0.isExpired(at: moment) ? nil : $0 }
            if let usable, state.refreshAt.map({ moment < $0 }) ?? true { return .use(usable) }
            if state.isRefreshing { return .wait }
            state.isRefreshing = true
            return .lead(orUse: usable)
        }
    }

    func refresh(orUse fallback: AzureAccessToken?) async throws(ServiceError) -> AzureAccessToken {
        let fetched = await fetch()
        let moment = now()
        var result = fetched.result
        if case .failure = result, let fallback, !fetched.gaveUp { result = .success(fallback) }
        let outcome = result
        let waiting = state.withLock { state in
            state.isRefreshing = false
            if case .success(let token) = fetched.result {
                if !state.isClosed { state.accept(token, at: moment) }
            } else if fallback != nil {
                state.refreshAt = moment + Self.pauseAfterFailedRefresh
            }
            let waiting = state.waiting
            state.waiting = [:]
            return waiting
        }
        for continuation in waiting.values { continuation.resume(returning: fetched.gaveUp ? .again : .done(outcome)) }
        return try outcome.get()
    }

    /// Asks the refresher; `gaveUp` if that is only because this request's own task was cancelled.
    private func fetch() async -> (result: Result<AzureAccessToken, ServiceError>, gaveUp: Bool) {
        guard let refresher else { return (.failure(Self.unauthenticated("There is no token.")), false) }
        let text: String
        do {
            text = try await refresher()
        } catch {
            if Task.isCancelled { return (.failure(ServiceError(.cancelled, certainty: .notApplied)), true) }
            return (.failure(Self.failure(of: error)), false)
        }
        do throws(ServiceError) {
            let token = try AzureAccessToken(text)
            guard !token.isExpired(at: now()) else {
                throw Self.unauthenticated("The refresher returned a token that has already run out.")
            }
            return (.success(token), false)
        } catch {
            return (.failure(error), false)
        }
    }

    /// What the refresher threw may hold anything, so nothing of it is repeated.
    private static func failure(of error: any Error) -> ServiceError {
        if var known = error as? ServiceError {
            // Nothing of the request itself had been sent.
            known.certainty = .notApplied
            known.scope = .account
            return known
        }
        return ServiceError(
            .unreachable, certainty: .notApplied, scope: .account, serviceMessage: "The token could not be refreshed.")
    }

    /// Waits until the refresh that is going on is over.
    func turn() async -> Turn {
        let waiter = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        let turn = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let early: Turn? = state.withLock { state in
                    if state.abandoned.remove(waiter) != nil { return .cancelled }
                    if !state.isRefreshing { return .again }
                    state.waiting[waiter] = continuation
                    return nil
                }
                if let early { continuation.resume(returning: early) }
            }
        } onCancel: {
            let continuation = state.withLock { state in
                let continuation = state.waiting.removeValue(forKey: waiter)
                if continuation == nil { state.abandoned.insert(waiter) }
                return continuation
            }
            continuation?.resume(returning: .cancelled)
        }
        // A cancellation that came after the turn left its mark for nobody.
        state.withLock { state in _ = state.abandoned.remove(waiter) }
        return turn
    }
}

extension AzureTokenCredential.State {
    mutating func accept(_ token: AzureAccessToken, at moment: Timestamp) {
        current = token
        refreshAt = token.expiresAt.map { end in
            let early = end - AzureTokenCredential.earlyRefresh
            // A token that comes with less life than that would be refreshed at every request.
            return early > moment ? early : moment + (end - moment) / 2
        }
    }
}
