import HTTPTypes
import Testing
import TidemarkModel
@testable import TidemarkSimulator

struct FaultTests {
    private let now = Timestamp(milliseconds: 1_700_000_000_000)

    /// A receipt: it names a message, so that every kind of fault can strike it.
    private func stage(_ kind: FaultPlan.Kind) -> (azure: FaultyAzure, receipt: HTTPRequest, list: HTTPRequest, body: [UInt8]) {
        var azure = AzureSimulator()
        let thread = azure.createThread("t", by: azure.users[0].id, with: [], now: now)
        let message = azure.send("x", as: azure.users[0].id, in: thread, now: now) ?? ""
        var plan = FaultPlan()
        plan.add(kind, 1)
        let target = "/chat/threads/\(thread)/readReceipts?api-version=2024-03-07"
        let token = azure.users[0].token
        return (
            FaultyAzure(azure, faults: plan), Bench.request("POST", target, token: token),
            Bench.request("GET", target, token: token), Array(#"{"chatMessageId":"\#(message)"}"#.utf8)
        )
    }

    private func hasActed(_ azure: FaultyAzure) -> Bool { !azure.simulator.threads[0].receipts.isEmpty }

    @Test(arguments: FaultPlan.Kind.all)
    func `each kind strikes in its own way and is counted`(kind: FaultPlan.Kind) {
        var (azure, receipt, list, body) = stage(kind)
        let outcome = azure.exchange(receipt, body: body, now: now)
        switch (kind, outcome) {
        case (.dropRequest, .requestLost): #expect(!hasActed(azure))
        case (.dropResponse, .answerLost): #expect(hasActed(azure))
        case (.late, .late):
            #expect(!hasActed(azure))
            azure.land(until: now + .seconds(3600))
            #expect(hasActed(azure))
        case (.status(let status), .answer(let answer, _)):
            #expect(answer.head.status.code == status && !hasActed(azure))
        case (.applied(let status), .answer(let answer, _)):
            #expect(answer.head.status.code == status && hasActed(azure))
        case (.earlyNotFound, .answer(let answer, _)):
            #expect(answer.head.status.code == 404 && !hasActed(azure))
        case (.duplicate, .answer(let answer, _)):
            #expect(answer.head.status.code == 200 && hasActed(azure) && azure.simulator.requests.values.reduce(0, +) == 2)
        case (.truncated, .answer), (.malformed, .answer):
            // The answer to a receipt is empty: there is nothing to spoil, and nothing is counted.
            #expect(hasActed(azure) && azure.faults.struck.isEmpty)
            guard case .answer(let answer, _) = azure.exchange(list, body: [], now: now) else {
                Issue.record("a spoiled answer is an answer")
                return
            }
            #expect(answer.head.status.code == 200 && !answer.body.isEmpty && JSON(answer.body) == nil)
        default: Issue.record("\(kind.name) gave \(outcome)")
        }
        #expect(azure.faults.struck == [kind.name: 1])
    }

    @Test func `rates come out as asked, from one seed always the same, and stop when told`() throws {
        var plan = try FaultPlan("drop-request=0.1, late=0.2, delay=20ms", seed: 11)
        var twin = plan
        var delays: [Int64] = []
        for _ in 0..<2000 {
            let (kind, delay) = plan.next()
            #expect(twin.next() == (kind, delay))
            delays.append(delay)
        }
        #expect((150...250).contains(plan.struck["drop-request"] ?? 0))
        #expect((290...430).contains(plan.struck["late"] ?? 0))
        #expect(delays.allSatisfy { (0...20).contains($0) } && delays.contains { $0 > 10 })
        let before = plan.struck
        plan.stop()
        for _ in 0..<50 { #expect(plan.next() == (nil, 0)) }
        #expect(plan.struck == before)
    }

    @Test(arguments: [
        "drop-request", "nonsense=1", "drop-request=2", "drop-request=nan", "delay=fast", "delay=-1s", "late-by=soon",
        "status-200=0.1", "=1",
    ])
    func `faults that can't be read are told in a sentence`(text: String) {
        #expect { try FaultPlan(text) } throws: { ($0 as? SpecificationError)?.description.isEmpty == false }
    }

    @Test(arguments: ["messages", "messages=-1", "messages=99999999999999999999", "people=3", "edits=1.5"])
    func `seed data that can't be read are told in a sentence`(text: String) {
        #expect { try SeedData(text) } throws: { ($0 as? SpecificationError)?.description.isEmpty == false }
    }

    @Test func `an empty specification asks for nothing`() throws {
        #expect(try FaultPlan("").rates.isEmpty)
        #expect(try SeedData("") == SeedData())
    }
}
