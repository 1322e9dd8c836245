import Foundation
import HTTPTypes
import Testing
import TidemarkModel
@testable import TidemarkSimulator
#if Tools
import TidemarkSimulatorServer
#endif

struct LiveKitFaultTests {
    private func faulty(_ bench: LiveKitBench, _ faults: String) throws -> FaultyLiveKit {
        FaultyLiveKit(bench.livekit, faults: try FaultPlan(faults))
    }

    @Test func `a send whose answer is lost and that is repeated with its nonce is one packet`() throws {
        let bench = LiveKitBench()
        var faulty = try faulty(bench, "drop-response=1")
        let request = LiveKitBench.sent(nonce: 3, token: bench.token())
        #expect(faulty.exchange(request.head, body: request.body, now: bench.time) == .answerLost)
        faulty.faults.stop()
        guard case .answer(let answer, _) = faulty.exchange(request.head, body: request.body, now: bench.time) else {
            Issue.record("a repeat is answered")
            return
        }
        #expect(answer.head.status.code == 200 && faulty.simulator.accepted.count == 1)
    }

    @Test func `a late send reaches those who are there when it lands, and its repeat nobody`() throws {
        let bench = LiveKitBench()
        var faulty = try faulty(bench, "late=1,late-by=5s")
        let request = LiveKitBench.sent(nonce: 3, token: bench.token())
        #expect(faulty.exchange(request.head, body: request.body, now: bench.time, patience: .seconds(1)) == .late)
        faulty.faults.stop()
        let early = faulty.simulator.join("lobby", as: "early", now: bench.time) ?? ""
        faulty.land(until: bench.time + .seconds(7))
        #expect(faulty.simulator.take(for: early, now: bench.time + .seconds(7)).count == 1)
        #expect(faulty.arrivals.count == 1 && faulty.arrivals[0].message == nil)
        _ = faulty.exchange(request.head, body: request.body, now: bench.time + .seconds(8))
        #expect(faulty.simulator.take(for: early, now: bench.time + .seconds(8)).isEmpty)
    }

    @Test func `a fault that answers 503 after acting can't be told from a room that is not open`() throws {
        let bench = LiveKitBench()
        var faulty = try faulty(bench, "applied-503=1")
        let request = LiveKitBench.sent(nonce: 3, token: bench.token())
        guard case .answer(let answer, _) = faulty.exchange(request.head, body: request.body, now: bench.time) else {
            Issue.record("it is answered")
            return
        }
        var other = bench
        let absent = other.send("x", to: "absent")
        #expect(answer.body == absent.bytes && answer.head.status.code == absent.status)
        #expect(faulty.simulator.accepted.count == 1)
    }

    @Test func `only a room that was just opened may be unknown`() throws {
        let bench = LiveKitBench()
        let request = LiveKitBench.sent(nonce: 3, token: bench.token())
        for (after, status) in [(0, 404), (2001, 200)] as [(Int64, Int)] {
            var faulty = try faulty(bench, "early-404=1")
            let outcome = faulty.exchange(
                request.head, body: request.body, now: Timestamp(milliseconds: bench.now + after))
            guard case .answer(let answer, _) = outcome else {
                Issue.record("it is answered")
                continue
            }
            #expect(answer.head.status.code == status)
        }
    }

    #if Tools
    @Test func `a state in a file goes on where it ended, without those who were connected`() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "livekit-\(UUID().uuidString).json").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let state = SimulatorState(path: path)
        #expect(try state.load(LiveKitSimulator.self) == nil)
        var bench = LiveKitBench(seed: 4)
        bench.livekit.fill(SeedData(), now: bench.time)
        _ = bench.join("alice")
        bench.send("kept", nonce: 5)
        try state.save(FaultyLiveKit(bench.livekit))
        var loaded = try #require(try state.load(LiveKitSimulator.self)).simulator
        #expect(loaded.accepted == bench.livekit.accepted && loaded.rooms == bench.livekit.rooms)
        #expect(loaded.apiSecret == bench.livekit.apiSecret && loaded.accounts == bench.livekit.accounts)
        loaded.fill(SeedData(), now: bench.time)
        #expect(loaded.rooms.allSatisfy(\.participants.isEmpty) && loaded.rooms.map(\.name) == ["lobby", "studio"])
        bench.livekit = loaded
        bench.send("kept", nonce: 5)
        #expect(bench.livekit.accepted.count == 1)
        // One service's state is not another's.
        #expect(throws: SimulatorStateError.self) { try state.load(AzureSimulator.self) }
    }

    @Test func `the description names what is open, and a room that is not`() throws {
        var livekit = LiveKitSimulator()
        var data = SeedData()
        data.conversations = 4
        livekit.fill(data, now: Timestamp(milliseconds: 1_700_000_000_000))
        livekit.open("absent", now: Timestamp(milliseconds: 1_700_000_000_000))
        let told = livekit.describe(port: 4321)
        #expect(told.rooms == ["lobby", "studio", "room-3", "room-4", "absent"] && told.absentRoom == "absent-1")
        #expect(told.url == "http://127.0.0.1:4321" && told.service == "livekit" && told.accounts.count == 4)
        let encoded = try JSONEncoder().encode(told)
        let names = try #require(JSON(Array(encoded))?.members?.map(\.0))
        #expect(
            Set(names)
                == ["service", "url", "port", "accounts", "apiKey", "apiSecret", "rooms", "absentRoom", "hub"])
    }
    #endif
}
