import Synchronization
import TidemarkModel

@testable import TidemarkAvaya

/// Gives numbered tokens; another one after each refusal.
final class FakeCredential: AvayaCredential {
    struct State {
        var number = 1
        var refused: [String] = []
        var failure: ServiceError?
    }

    let state = Mutex(State())
    let asked: AsyncStream<Void>
    private let ask: AsyncStream<Void>.Continuation
    private let hangs: Bool

    init(hangs: Bool = false) {
        self.hangs = hangs
        (asked, ask) = AsyncStream.makeStream()
    }

    func access() async throws(ServiceError) -> AvayaAccess {
        ask.yield()
        if hangs {
            await untilCancelled()
            throw ServiceError(.cancelled, certainty: .notApplied)
        }
        return try present()
    }

    func renewed(after refused: AvayaAccess) async throws(ServiceError) -> AvayaAccess {
        state.withLock { state in
            state.refused.append(refused.token)
            if refused.token == "token-\(state.number)" { state.number += 1 }
        }
        return try present()
    }

    private func present() throws(ServiceError) -> AvayaAccess {
        let (number, failure) = state.withLock { ($0.number, $0.failure) }
        if let failure { throw failure }
        return AvayaAccess(scheme: .jwt, token: "token-\(number)", identity: "me")
    }
}
