import Testing
import TidemarkModel
@testable import TidemarkSimulator

struct DeterminismTests {
    private func history(seed: UInt64) -> [[UInt8]] {
        var bench = Bench(seed: seed) { $0.shortPages = 0.3 }
        var answers: [[UInt8]] = []
        let thread = bench.thread()
        for number in 1...12 {
            let id = bench.message("Message \(number)", in: thread, as: number % 2)
            if number % 3 == 0 { bench.call("PATCH", "\(thread)/messages/\(id)", #"{"content":"x"}"#, as: number % 2) }
            answers.append(bench.call("GET", thread + "/messages?maxPageSize=5").bytes)
            answers.append(bench.call("GET", "/chat/threads").bytes)
        }
        return answers
    }

    @Test func `one seed gives the same bytes, another gives others`() {
        #expect(history(seed: 3) == history(seed: 3))
        #expect(history(seed: 3) != history(seed: 4))
    }

    @Test func `seed data are as many as were asked for, and what was changed can be seen`() throws {
        var azure = AzureSimulator(seed: 9)
        let data = try SeedData("conversations=3,messages=200,edits=0.2,deletes=0.1")
        azure.fill(data, now: Timestamp(milliseconds: 1_700_000_000_000))
        let messages = azure.threads.flatMap(\.messages).filter { $0.kind == .text }
        #expect(azure.threads.count == 3 && messages.count == 200)
        #expect(messages.contains { $0.editedAt != nil } && messages.contains { $0.deletedAt != nil })
        #expect(azure.threads.allSatisfy { $0.isMember(azure.users[0].id) })
        #expect(messages.allSatisfy { $0.version <= 1_700_000_000_000 })
    }
}
