import Foundation
import Testing
import Tidemark

/// Two engines that want to sync one account.
@Suite(.timeLimit(.minutes(1))) struct LeaseHeldTests {
    @Test func `who finds the lease taken reads by which process, until when and what to do`() async throws {
        let bench = try EngineTests.Bench()
        let (first, second) = (try bench.engine(), try bench.engine(seed: 2))
        let statuses = first.status
        let running = Task { try await first.run() }
        // The first status says that it has the lease.
        for await _ in statuses { break }
        let error = await #expect(throws: StoreError.self) { try await second.syncOnce() }
        running.cancel()
        _ = try? await running.value
        #expect(error?.code == .leaseHeld)
        let text = try #require(error?.description)
        #expect(text.contains("process \(ProcessInfo.processInfo.processIdentifier) ("))
        #expect(text.contains(" UTC"))
        #expect(text.contains("then sync again"))
        #expect(!text.contains("["))
    }
}
