import HTTPTypes
import Testing
import TidemarkModel
@testable import TidemarkSimulator

/// When late requests arrive, and what the early 404 strikes.
struct LateTests {
    private let now = Timestamp(milliseconds: 1_700_000_000_000)

    private struct Stage {
        var azure: FaultyAzure
        var thread: String
        var message: String
    }

    private func stage(_ faults: String, seed: UInt64 = 1, _ change: (inout FaultPlan) -> Void = { _ in }) throws -> Stage {
        var azure = AzureSimulator()
        let thread = azure.createThread("t", by: azure.users[0].id, with: [], now: now)
        let message = azure.send("x", as: azure.users[0].id, in: thread, now: now) ?? ""
        var plan = try FaultPlan(faults, seed: seed)
        change(&plan)
        return Stage(azure: FaultyAzure(azure, faults: plan), thread: thread, message: message)
    }

    private func request(_ stage: Stage, _ method: String, _ path: String) -> HTTPRequest {
        Bench.request(
            method, "/chat/threads/\(stage.thread)\(path)?api-version=2024-03-07", token: stage.azure.simulator.users[0].token)
    }

    private func send(_ stage: inout Stage, _ text: String, at time: Timestamp, patience: Duration = .zero) {
        let request = request(stage, "POST", "/messages")
        _ = stage.azure.exchange(request, body: Array(#"{"content":"\#(text)"}"#.utf8), now: time, patience: patience)
    }

    /// Delays of a hundred late sends in milliseconds, from the moment their client gave up.
    private func delays(_ stage: inout Stage) -> [Int64] {
        for number in 1...100 { send(&stage, "late \(number)", at: now, patience: .seconds(10)) }
        stage.azure.faults.stop()
        stage.azure.land(until: now + .seconds(3600))
        return stage.azure.arrivals.map { $0.arrival - now.milliseconds - 10_000 }
    }

    @Test func `late requests arrive before and after a quarantine, as drawn from the seed`() throws {
        var stage = try stage("late=1", seed: 4)
        let found = delays(&stage)
        #expect(found.count == 100 && found == found.sorted())
        let after = stage.azure.arrivals.filter(\.isAfterQuarantine)
        #expect((30...70).contains(after.count))
        #expect(found.filter { $0 <= 19_000 }.count == 100 - after.count)
        #expect(found.allSatisfy { $0 >= 0 && ($0 <= 19_000 || $0 > 20_000) })
        #expect(Set(found).count > 80)
        var twin = try self.stage("late=1", seed: 4)
        #expect(delays(&twin) == found)
        var other = try self.stage("late=1", seed: 5)
        #expect(delays(&other) != found)
    }

    @Test func `within the quarantine means early enough for a list that lags to show it`() throws {
        var stage = try stage("late=1") { $0.lateness = .withinQuarantine }
        stage.azure.simulator.behavior.listLag = 3000
        let found = delays(&stage)
        #expect(found.allSatisfy { (0...16_000).contains($0) } && found.contains { $0 > 10_000 })
        #expect(stage.azure.arrivals.filter(\.isAfterQuarantine).isEmpty)
    }

    @Test func `a specification can say by when`() throws {
        var stage = try stage("late=1,late-by=2s")
        let found = delays(&stage)
        #expect(found.allSatisfy { (0...2000).contains($0) } && found.contains { $0 > 1000 })
    }

    @Test func `what was late arrives before what is asked after it, at its own time, and a judge is told`() throws {
        var stage = try stage("late=1,late-by=2s")
        send(&stage, "late", at: now)
        stage.azure.faults.stop()
        #expect(stage.azure.simulator.threads[0].messages.last?.content == "x")
        send(&stage, "next", at: now + .seconds(5))
        let messages = stage.azure.simulator.threads[0].messages
        #expect(messages.suffix(2).map(\.content) == ["late", "next"])
        #expect(stage.azure.arrivals.map(\.message) == [messages[messages.count - 2].id])
        #expect(messages[messages.count - 2].id <= now.milliseconds + 2000)
    }

    // MARK: Early 404

    private func status(_ stage: inout Stage, _ method: String, _ path: String, _ body: String = "", after: Duration) -> Int? {
        let request = request(stage, method, path)
        guard case .answer(let answer, _) = stage.azure.exchange(request, body: Array(body.utf8), now: now + after) else {
            return nil
        }
        return answer.head.status.code
    }

    @Test func `an early 404 strikes writes on what was just made, and nothing else`() throws {
        var stage = try stage("early-404=1")
        let (message, receipt) = ("/messages/\(stage.message)", #"{"chatMessageId":"\#(stage.message)"}"#)
        #expect(status(&stage, "PATCH", message, #"{"content":"y"}"#, after: .seconds(1)) == 404)
        #expect(status(&stage, "POST", "/readReceipts", receipt, after: .seconds(1)) == 404)
        #expect(status(&stage, "POST", "/messages", #"{"content":"y"}"#, after: .seconds(1)) == 404)
        #expect(stage.azure.faults.struck == ["early-404": 3])
        #expect(status(&stage, "GET", message, after: .seconds(1)) == 200)
        #expect(status(&stage, "POST", "/messages", #"{"content":"y"}"#, after: .seconds(3)) == 201)
        let young = String(stage.azure.simulator.threads[0].messages.last?.id ?? 0)
        #expect(status(&stage, "PATCH", message, #"{"content":"z"}"#, after: .seconds(3)) == 204)
        #expect(status(&stage, "POST", "/readReceipts", receipt, after: .seconds(3)) == 200)
        #expect(status(&stage, "DELETE", "/messages/\(young)", after: .seconds(4)) == 404)
        #expect(status(&stage, "DELETE", "/messages/\(young)", after: .seconds(6)) == 204)
        #expect(stage.azure.faults.struck == ["early-404": 4])
    }

    @Test(arguments: [true, false])
    func `a 429 that was planted tells when to come again only where the service does`(tells: Bool) throws {
        var stage = try stage("status-429=1")
        stage.azure.simulator.behavior.sendsRetryAfter = tells
        let request = request(stage, "GET", "")
        guard case .answer(let answer, _) = stage.azure.exchange(request, body: [], now: now) else {
            Issue.record("a status is an answer")
            return
        }
        #expect(answer.head.status.code == 429)
        #expect((answer.head.headerFields[HTTPField.Name.retryAfterSeconds] != nil) == tells)
    }
}
