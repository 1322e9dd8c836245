import Foundation
import Synchronization
import Testing
import Tidemark
import TidemarkAzure
import TidemarkModel
import TidemarkSimulator
import TidemarkStore

/// A day of one user: a conversation is made, three messages are sent, one is edited, one deleted, one read, others come in; one is
/// refused for a while (429) and one answer is lost. The day is lived by an engine that is cancelled somewhere, and then again from
/// its beginning, with the same tokens, by one that is not.
final class CancelledDay: Sendable {
    enum Program: String, CaseIterable {
        /// Acts whenever the engine that runs has nothing unsent.
        case run
        /// A sync after each act.
        case syncOnce
    }

    /// What came of one life.
    struct End {
        var passed: [String]
        /// What was begun and had not ended when the call returned.
        var open: Int
        var error: (any Error)?
    }

    struct State {
        var made: [String: Enqueued] = [:]
        /// What the others have done: they do it once, whoever lives the day.
        var others: Set<String> = []
        /// How many messages have been asked to be sent.
        var messages = 0
    }

    let clock = VirtualClock()
    let store: MessageStore
    let transport: SimulatorTransport<AzureSimulator>
    let alice: SimulatedUser
    let bob: SimulatedUser
    let state = Mutex(State())

    init() throws {
        store = try MessageStore.inMemory()
        let azure = AzureSimulator(now: clock.now)
        (alice, bob) = (azure.users[0], azure.users[1])
        transport = SimulatorTransport(FaultyAzure(azure, faults: FaultPlan()), clock: clock)
    }

    /// Lives the day, until the nth await if one is given.
    func live(as program: Program, cancelAt: Int? = nil) async throws -> End {
        let awaits = Awaits(cancelAt: cancelAt)
        let push = AsyncThrowingStream.makeStream(of: RemoteEvent.self)
        let acts = Mutex(Act.allCases)
        let clock = AwaitedClock(clock: clock, awaits: awaits) { [self] engine in
            guard program == .run, try engine.account.outbox().get().isEmpty else { return false }
            if let act = acts.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
                try await perform(act, engine, push.continuation)
            } else {
                awaits.cancel()
            }
            return true
        }
        let engine = try engine(clock, awaits, push.stream)
        clock.engine.withLock { $0 = engine }
        let task = Task { [self] in
            switch program {
            case .run: try await engine.run()
            case .syncOnce:
                for act in Act.allCases {
                    try await perform(act, engine, push.continuation)
                    _ = try await engine.syncOnce(deadline: .seconds(600))
                }
            }
        }
        awaits.arm { task.cancel() }
        let result = await task.result
        clock.engine.withLock { $0 = nil }
        push.continuation.finish()
        var end = End(passed: awaits.passed, open: awaits.open)
        if case .failure(let error) = result { end.error = error }
        return end
    }

    private func engine(
        _ clock: AwaitedClock, _ awaits: Awaits, _ pushed: AsyncThrowingStream<RemoteEvent, any Error>
    ) throws -> SyncEngine {
        let azure = AzureChatService(
            endpoint: try #require(URL(string: "https://simulated.communication.azure.com")), credential: .token(alice.token),
            transport: AwaitedTransport(day: self, awaits: awaits), now: { clock.now })
        // One request at a time, and no timer beside it: each life goes the same way until it is cancelled.
        var configuration = SyncConfiguration()
        configuration.maximumConcurrentRequests = 1
        configuration.leaseDuration = .seconds(180)
        return try SyncEngine(
            store: store, service: AwaitedService(service: azure, awaits: awaits, pushed: pushed), configuration: configuration,
            clock: clock, generator: SeededGenerator(seed: UInt64(state.withLock { $0.messages }) + 1))
    }
}
