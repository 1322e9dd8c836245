import Foundation
import Synchronization
import Testing
import Tidemark

/// The plan of a repair as a value: printed, kept, applied later, refused when anything moved.
@Suite(.timeLimit(.minutes(1))) struct PlanTests {
    typealias Synced = ReconcilingTests.Synced

    private func diverged() async throws -> Synced {
        let synced = try await Synced()
        synced.service.put(4000, "new")
        synced.service.put(1000, "edited")
        synced.service.forget(2000)
        return synced
    }

    private func expectOutdated(_ synced: Synced, _ plan: ReconcilePlan, _ word: String) async throws {
        let before = try synced.texts()
        await #expect {
            _ = try await synced.engine.apply(plan)
        } throws: { error in
            let error = error as? StoreError
            return error?.code == .planOutdated && error?.description.hasPrefix("The \(word) has changed") == true
        }
        #expect(try synced.texts() == before)
    }

    @Test func `a plan changes nothing, says what it would do, and is the same after writing it down`() async throws {
        let synced = try await diverged()
        let plan = try await synced.engine.plan(synced.conversation)
        #expect(try synced.texts() == ["text 1000", "text 2000", "text 3000"])
        let lines = plan.description.split(separator: "\n").map(String.init)
        #expect(
            lines.dropLast() == [
                "stale c1/m3 1000: The service has a newer version of it.",
                "extra c1/m2 2000: The service does not know it any more.",
                "missing c1 4000: The service has it and the store does not.",
            ])
        #expect(lines.last?.hasPrefix("3 found in 1 conversations of me") == true)
        let written = try JSONEncoder().encode(plan)
        #expect(try JSONDecoder().decode(ReconcilePlan.self, from: written) == plan)
        for text in ["text", "new\"", "edited"] { #expect(!String(decoding: written, as: UTF8.self).contains(text)) }
    }

    @Test func `a plan is applied later where nothing moved, whatever was written here meanwhile`() async throws {
        let synced = try await diverged()
        let plan = try await synced.engine.plan(synced.conversation)
        let sent = try await synced.engine.send("Not yet there", to: synced.conversation)
        let done = try await synced.engine.apply(plan)
        #expect(synced.kinds(done) == ["stale 1000", "extra 2000", "missing 4000"])
        #expect(done.unrepaired == 0)
        #expect(try synced.texts() == ["edited", nil, "text 3000", "new", "Not yet there"])
        #expect(try synced.engine.account.intent(sent.intent).get().state == .queued)
        #expect(try await synced.engine.plan(synced.conversation).isEmpty)
        // It has been applied: the store is not what it was any more.
        try await expectOutdated(synced, plan, "store")
    }

    @Test func `a plan for all is applied too, the list of conversations included`() async throws {
        let synced = try await diverged()
        let plan = try await synced.engine.planAll()
        #expect(plan.conversation == nil)
        #expect(try await synced.engine.apply(plan).unrepaired == 0)
        #expect(try await synced.engine.planAll().isEmpty)
    }

    @Test func `a plan is refused once the store has moved`() async throws {
        let synced = try await diverged()
        let plan = try await synced.engine.plan(synced.conversation)
        _ = try await synced.engine.reconcile(synced.conversation)
        try await expectOutdated(synced, plan, "store")
    }

    @Test(arguments: [0, 1, 2, 3, 4]) func `a plan is refused once the service has moved`(how: Int) async throws {
        let synced = try await diverged()
        let plan = try await synced.engine.plan(synced.conversation)
        switch how {
        case 0: synced.service.put(1000, "edited again")
        case 1: synced.service.put(5000, "one more")
        case 2: synced.service.delete(3000)
        case 3: synced.service.state.withLock { $0.participants.append(Participant(id: "bob")) }
        default: synced.service.state.withLock { $0.isGone = true }
        }
        try await expectOutdated(synced, plan, "service")
    }

    @Test func `a plan of another form, account or service is refused`() async throws {
        let synced = try await diverged()
        let plan = try await synced.engine.plan(synced.conversation)
        let text = String(decoding: try JSONEncoder().encode(plan), as: UTF8.self)
        for (old, new) in [("\"format\":1", "\"format\":2"), ("\"me\"", "\"you\""), ("\"listed\"", "\"other\"")] {
            let other = try JSONDecoder().decode(ReconcilePlan.self, from: Data(text.replacing(old, with: new).utf8))
            try #require(other != plan)
            await #expect {
                _ = try await synced.engine.apply(other)
            } throws: {
                ($0 as? StoreError)?.code == .notAllowed
            }
        }
    }

    @Test func `a conversation that vanished is marked, and nothing of it is deleted`() async throws {
        let synced = try await Synced()
        let sent = try await synced.engine.send("Not yet there", to: synced.conversation)
        synced.service.state.withLock { $0.isGone = true }
        for plan in [try await synced.engine.plan(synced.conversation), try await synced.engine.planAll()] {
            #expect(plan.found.findings.map(\.kind) == [.vanished])
            #expect(plan.found.unrepaired == 1)
        }
        #expect(try synced.engine.account.conversation(synced.conversation).get().membership == .member)
        let done = try await synced.engine.reconcileAll()
        #expect(done.findings.map(\.kind) == [.vanished])
        #expect(done.unrepaired == 0)
        let view = try synced.engine.account.conversation(synced.conversation).get()
        #expect(view.membership == .left)
        #expect(view.deletedAt == nil)
        #expect(try synced.texts() == ["text 1000", "text 2000", "text 3000", "Not yet there"])
        #expect(try synced.engine.account.intent(sent.intent).get().state != .cancelled)
        // Now both say the same.
        #expect(try await synced.engine.compare(synced.conversation).findings.isEmpty)
    }

    @Test func `a service without history has nothing to compare with, and says so`() async throws {
        let synced = try await Synced()
        synced.service.state.withLock { $0.history = .none }
        let before = synced.service.state.withLock { $0.requests }
        for attempt in [synced.engine.planAll, synced.engine.compareAll] as [(Timestamp?) async throws -> any Sendable] {
            await #expect {
                _ = try await attempt(nil)
            } throws: {
                ($0 as? StoreError)?.code == .noHistory
            }
        }
        #expect(synced.service.state.withLock { $0.requests } == before)
    }
}
