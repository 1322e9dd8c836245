import Testing
import TidemarkModel
@testable import TidemarkSimulator

struct LiveKitDeliveryTests {
    @Test func `order holds for each sender, and for nobody else`() {
        var mixed = 0
        for seed in 1...20 as ClosedRange<UInt64> {
            var bench = LiveKitBench(seed: seed) { $0.longestWay = 500 }
            let (alice, bob, carol) = (bench.join("alice"), bench.join("bob"), bench.join("carol"))
            for number in 0..<10 {
                bench.publish("a\(number)", by: alice)
                bench.publish("b\(number)", by: bob)
                bench.send("s\(number)")
                bench.now += 20
            }
            bench.now += 500
            let texts = bench.texts(carol)
            #expect(texts.count == 30 && bench.livekit.nextArrival(for: carol) == nil)
            for sender in ["a", "b", "s"] {
                #expect(texts.filter { $0.hasPrefix(sender) } == (0..<10).map { "\(sender)\($0)" })
            }
            if texts != (0..<10).flatMap({ ["a\($0)", "b\($0)", "s\($0)"] }) { mixed += 1 }
        }
        #expect(mixed > 15)
    }

    @Test func `a stream, a reliable and a lossy packet of one sender overtake each other`() {
        var orders: Set<[String]> = []
        for seed in 1...40 as ClosedRange<UInt64> {
            var bench = LiveKitBench(seed: seed) { $0.longestWay = 100 }
            let (alice, bob) = (bench.join("alice"), bench.join("bob"))
            bench.publish("stream", by: alice) { $0.streamID = "s" }
            bench.publish("reliable", by: alice)
            bench.publish("lossy", by: alice) { $0.isReliable = false }
            bench.now += 100
            orders.insert(bench.texts(bob))
        }
        #expect(orders.count > 3)
    }

    @Test func `what is on its way arrives at its time and not before`() throws {
        var bench = LiveKitBench(seed: 3) { $0.longestWay = 1000 }
        let (alice, bob) = (bench.join("alice"), bench.join("bob"))
        bench.publish("x", by: alice)
        let arrival = try #require(bench.livekit.nextArrival(for: bob))
        bench.now = arrival.milliseconds - 1
        #expect(bench.texts(bob).isEmpty)
        bench.now += 1
        #expect(bench.texts(bob) == ["x"])
    }

    @Test func `who joins late gets nothing older, unless the room replays the last moments`() {
        for replay in [Int64(0), 2000] {
            var bench = LiveKitBench { $0.joinReplay = replay }
            let alice = bench.join("alice")
            bench.publish("old", by: alice)
            bench.now += 2001
            bench.publish("recent", by: alice)
            bench.publish("lossy", by: alice) { $0.isReliable = false }
            bench.send("from the API")
            let late = bench.join("late")
            #expect(bench.texts(late) == (replay == 0 ? [] : ["recent"]))
        }
    }

    @Test func `while a joiner's channel opens, messages of the API are lost or held`() {
        for holds in [false, true] {
            var bench = LiveKitBench {
                $0.joinTime = 400
                $0.holdsForJoiners = holds
            }
            let alice = bench.join("alice")
            bench.now += 400
            let joiner = bench.join("joiner")
            bench.now += 100
            bench.send("API")
            bench.publish("participant", by: alice)
            #expect(bench.texts(joiner).isEmpty)
            bench.now += 300
            #expect(Set(bench.texts(joiner)) == (holds ? ["API", "participant"] : ["participant"]))
            bench.send("after")
            #expect(bench.texts(joiner) == ["after"])
        }
    }

    @Test func `what is larger than arrives is taken and lost, and so is what a slow receiver can't hold`() {
        var bench = LiveKitBench { $0.largestPayload = 100 }
        let bob = bench.join("bob")
        bench.send(String(repeating: "x", count: 101))
        bench.send(String(repeating: "y", count: 100))
        #expect(bench.texts(bob).map(\.count) == [100])
        let alice = bench.join("alice")
        for number in 0..<(SimulatedParticipant.mostWaiting.count + 10) { bench.publish("\(number)", by: alice) }
        #expect(bench.texts(bob).count == SimulatedParticipant.mostWaiting.count)
    }

    @Test func `losses come as often as the switches say`() {
        var bench = LiveKitBench {
            $0.reliableLoss = 0.1
            $0.lossyLoss = 0.5
        }
        let (alice, bob) = (bench.join("alice"), bench.join("bob"))
        for _ in 0..<1000 {
            bench.publish("r", by: alice)
            bench.publish("l", by: alice) { $0.isReliable = false }
        }
        let texts = bench.texts(bob)
        #expect((860...940).contains(texts.filter { $0 == "r" }.count))
        #expect((430...570).contains(texts.filter { $0 == "l" }.count))
    }

    @Test func `one seed is one history, kept in a file or not`() throws {
        func history() -> LiveKitBench {
            var bench = LiveKitBench(seed: 5)
            bench.livekit.behavior = LiveKitBehavior(seed: 5)
            let (alice, bob) = (bench.join("alice"), bench.join("bob"))
            for number in 0..<50 {
                bench.publish("\(number)", by: alice)
                bench.send("\(number)", nonce: UInt8(number))
                bench.now += 100
                _ = bench.texts(bob)
            }
            return bench
        }
        let (one, two) = (history(), history())
        #expect(one.livekit.accepted == two.livekit.accepted && one.livekit.rooms == two.livekit.rooms)
        #expect(Set((0..<50).map { LiveKitBehavior(seed: $0) }).count > 40)
    }

    @Test func `what was accepted is kept up to a limit, newest last`() {
        var bench = LiveKitBench()
        let alice = bench.join("alice")
        for number in 0..<(LiveKitSimulator.mostAccepted.count + 1500) { bench.publish("\(number)", by: alice) }
        let kept = bench.livekit.accepted
        #expect(kept.count <= LiveKitSimulator.mostAccepted.count + 1000)
        #expect(kept.last?.number == Int64(LiveKitSimulator.mostAccepted.count + 1500))
        #expect(zip(kept, kept.dropFirst()).allSatisfy { $0.number + 1 == $1.number })
    }
}
