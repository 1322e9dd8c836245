import Testing
import TidemarkModel
@testable import TidemarkSimulator

struct AvayaSocketLimitTests {
    @Test(arguments: [true, false]) func `a user has three connections`(newestWins: Bool) {
        var bench = AvayaBench { $0.newestConnectionWins = newestWins }
        let first = (0..<3).map { _ in bench.connect() }
        guard case .opened(let fourth, _) = bench.open(bench.avaya.users[0].token) else {
            Issue.record("refused")
            return
        }
        let sends = bench.hear("40/chat", on: fourth)
        if newestWins {
            #expect(AvayaBench.told(sends, first[0]) == ["closed 1000"] && AvayaBench.told(sends, fourth) == ["40/chat"])
        } else {
            #expect(AvayaBench.told(sends) == [#"44/chat,"Too many connections""#])
        }
        #expect(bench.avaya.connections(of: bench.avaya.users[0].id).count == 3)
        // One that goes makes room.
        bench.avaya.close(first[1])
        let answer = bench.connect()
        #expect(bench.avaya.connections(of: bench.avaya.users[0].id).contains(answer))
    }

    @Test(arguments: AvayaBehavior.OversizedEvent.allCases)
    func `an event above 16 KB is not taken`(reading: AvayaBehavior.OversizedEvent) {
        var bench = AvayaBench { $0.oversizedEvent = reading }
        let space = bench.space()
        let connection = bench.connect(as: 0, space)
        let sends = bench.hear(AvayaBench.message(String(repeating: "x", count: 16_400), in: space), on: connection)
        switch reading {
        case .failed: #expect(AvayaBench.payloads(sends, "SEND_MESSAGE_FAILED").first?["error"] != nil)
        case .ignored: #expect(sends.isEmpty)
        case .closed: #expect(AvayaBench.told(sends) == ["closed 1009"])
        }
        #expect(bench.avaya.space(space)?.messages.isEmpty == true)
        #expect(bench.avaya.connectionCount == (reading == .closed ? 0 : 1))
    }

    @Test func `events may have the printed sample's rate, and heartbeats another pace`() {
        var bench = AvayaBench {
            $0.limitsRates = true
            $0.eventsPerMinute = 600
            $0.pingInterval = 10_000
            $0.pingTimeout = 5_000
        }
        let connection = bench.connect()
        let failures = (0..<300).map { _ in bench.hear(AvayaBench.message("x", in: "y"), on: connection) }
            .filter { AvayaBench.told($0).joined().contains("rate.limit") }
        #expect(failures.isEmpty)
        #expect(bench.wait(15_000).isEmpty)
        #expect(AvayaBench.told(bench.wait(1)) == ["closed 1000"])
    }

    @Test func `events have a rate`() {
        var bench = AvayaBench { $0.limitsRates = true }
        let space = bench.space()
        let connection = bench.connect(as: 0, space)
        let failures = (0..<205).map { number in
            AvayaBench.payloads(bench.hear(AvayaBench.message("\(number)", in: space), on: connection), "SEND_MESSAGE_FAILED")
                .count
        }
        // The subscription was the first of the minute's 200.
        #expect(failures.reduce(0, +) == 6 && failures.firstIndex(of: 1) == 199)
        bench.now += 60_000
        #expect(AvayaBench.payloads(bench.hear(AvayaBench.message("x", in: space), on: connection), "MESSAGE_SENT").count == 1)
    }

    @Test func `who stays silent is let go`() throws {
        var bench = AvayaBench()
        let connection = bench.connect()
        let due = try #require(bench.avaya.nextTick)
        #expect(due == bench.now + 85_001)
        #expect(bench.wait(60_000).isEmpty)
        bench.hear("2", on: connection)
        #expect(bench.wait(85_000).isEmpty)
        #expect(AvayaBench.told(bench.wait(1)) == ["closed 1000"] && bench.avaya.nextTick == nil)
        #expect(bench.hear("2", on: connection).isEmpty)
    }

    @Test(arguments: [true, false]) func `a token's end is a live connection's or not`(outlives: Bool) {
        var bench = AvayaBench { $0.socketsOutliveTokens = outlives }
        let connection = bench.connect()
        bench.avaya.revokeTokens(of: bench.avaya.users[0].id)
        let told = AvayaBench.told(bench.wait(10), connection)
        #expect(told == (outlives ? [] : ["41/chat", "closed 1000"]))
    }

    @Test func `events may come twice, or late`() {
        var bench = AvayaBench {
            $0.duplicates = 1
            $0.eventLag = 500
        }
        let space = bench.space()
        let connection = bench.connect(as: 0, space)
        #expect(bench.hear(AvayaBench.message("x", in: space), on: connection).isEmpty)
        let told = AvayaBench.payloads(bench.wait(500), "MESSAGE_SENT")
        #expect(told.count == 2 && told[0] == told[1])
    }

    @Test func `a connection breaks before or after the service acts, or goes silent, or misses one`() throws {
        for (spec, copies, told) in [
            ("socket-cut=1", 0, ["cut"]), ("socket-applied-cut=1", 1, ["cut"]), ("socket-silence=1", 0, []),
            ("socket-lost=1", 1, []),
        ] {
            var bench = AvayaBench()
            let space = bench.space()
            let connection = bench.connect(as: 0, space)
            bench.avaya.socketFaults = try AvayaSocketFaults(spec)
            let sends = bench.hear(AvayaBench.message("x", in: space), on: connection)
            #expect(AvayaBench.told(sends) == told && bench.avaya.copies(of: "x").count == copies, "\(spec)")
            let name = try #require(spec.split(separator: "=").first)
            #expect(bench.avaya.socketFaults.struck == [String(name): 1])
            bench.avaya.socketFaults.stop()
            #expect(bench.hear("2", on: connection).isEmpty == (spec != "socket-lost=1"))
        }
        #expect(throws: SpecificationError.self) { try AvayaSocketFaults("socket-nonsense=1") }
    }

    @Test func `leaving and closing end what is told`() {
        var bench = AvayaBench()
        let space = bench.space()
        let first = bench.connect(as: 0, space)
        let second = bench.connect(as: 1, space)
        #expect(bench.hear("41/chat", on: first).isEmpty)
        #expect(AvayaBench.told(bench.hear("1", on: second)) == ["closed 1000"])
        _ = bench.send("x", in: space)
        #expect(bench.avaya.tick(now: bench.time).isEmpty && bench.avaya.connectionCount == 1)
        bench.avaya.closeSockets()
        #expect(bench.avaya.connectionCount == 0)
    }

    @Test func `who takes nothing is let go, and memory stays bounded`() {
        var bench = AvayaBench { $0.eventLag = 1_000_000 }
        let space = bench.space()
        let connection = bench.connect(as: 1, space)
        for number in 0..<5_001 {
            bench.avaya.send("\(number)", as: bench.avaya.users[0].id, in: space, now: bench.time)
        }
        #expect(AvayaBench.told(bench.avaya.tick(now: bench.time), connection) == ["cut"])
        #expect(bench.avaya.connectionCount == 0)
    }
}
