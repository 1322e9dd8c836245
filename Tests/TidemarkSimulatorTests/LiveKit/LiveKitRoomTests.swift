import Testing
import TidemarkModel
@testable import TidemarkSimulator

struct LiveKitRoomTests {
    @Test func `everybody else in the room gets a packet, once, under its sender's identity`() {
        var bench = LiveKitBench(open: ["lobby", "studio"])
        let (alice, bob, carol) = (bench.join("alice"), bench.join("bob"), bench.join("carol", "studio"))
        bench.publish("hi", by: alice) { $0.identity = "mallory" }
        let got = bench.livekit.take(for: bob, now: bench.time)
        #expect(got.map(\.identity) == ["alice"] && got.map(\.payload) == [Array("hi".utf8)])
        #expect(bench.texts(bob).isEmpty && bench.texts(alice).isEmpty && bench.texts(carol).isEmpty)
        bench.send("from the API")
        #expect(bench.livekit.take(for: alice, now: bench.time).map(\.identity) == [nil])
        #expect(bench.texts(bob) == ["from the API"])
    }

    @Test func `a room nobody is in takes what it is sent, and it is gone`() {
        var bench = LiveKitBench()
        #expect(bench.send("lost").status == 200)
        let late = bench.join("late")
        #expect(bench.texts(late).isEmpty && bench.livekit.accepted.count == 1)
    }

    @Test func `only those a packet is for get it`() {
        var bench = LiveKitBench()
        let (alice, bob, carol) = (bench.join("alice"), bench.join("bob"), bench.join("carol"))
        bench.send("to bob", more: #","destination_identities":["bob","nobody"]"#)
        bench.send("to carol", more: #","destinationSids":["\#(carol)"]"#)
        bench.send("to none", more: #","destination_sids":["PA_unknown"]"#)
        bench.publish("from alice", by: alice) { $0.destinations = ["carol"] }
        #expect(bench.texts(bob) == ["to bob"] && bench.texts(carol) == ["to carol", "from alice"])
        #expect(bench.texts(alice).isEmpty)
    }

    @Test func `who may not publish is dropped in silence, and who is hidden has no name`() {
        var bench = LiveKitBench()
        let bob = bench.join("bob")
        let mute = bench.livekit.join("lobby", as: "mute", canPublishData: false, now: bench.time) ?? ""
        let ghost = bench.livekit.join("lobby", as: "ghost", isHidden: true, now: bench.time) ?? ""
        bench.publish("unheard", by: mute)
        bench.publish("boo", by: ghost)
        #expect(bench.livekit.take(for: bob, now: bench.time).map(\.identity) == [nil])
        #expect(bench.texts(mute) == ["boo"])
    }

    // MARK: Nonces

    @Test func `a repeat among the last hundred nonces is dropped and answered 200`() {
        var bench = LiveKitBench()
        let bob = bench.join("bob")
        for number in 1...100 { bench.send("\(number)", nonce: UInt8(number)) }
        #expect(bench.texts(bob).count == 100)
        // The oldest is still known; one more, and it is not.
        #expect(bench.send("again", nonce: 1).status == 200)
        #expect(bench.texts(bob).isEmpty)
        bench.send("101", nonce: 101)
        bench.send("again", nonce: 1)
        #expect(bench.texts(bob) == ["101", "again"])
        bench.send("no nonce")
        bench.send("no nonce")
        #expect(bench.texts(bob).count == 2)
    }

    @Test func `zeros count as seen until a hundred others have come`() {
        var bench = LiveKitBench()
        let bob = bench.join("bob")
        #expect(bench.send("zero", nonce: 0).status == 200)
        for number in 1...99 { bench.send("\(number)", nonce: UInt8(number)) }
        bench.send("zero", nonce: 0)
        #expect(bench.texts(bob).count == 99)
        bench.send("100", nonce: 100)
        bench.send("zero", nonce: 0)
        #expect(bench.texts(bob) == ["100", "zero"])
    }

    @Test func `nonces are a room's own, and gone with it or with its node`() {
        var bench = LiveKitBench(open: ["lobby", "studio"])
        bench.send("a", nonce: 9)
        bench.send("b", nonce: 9, to: "studio")
        bench.send("a", nonce: 9)
        #expect(bench.livekit.accepted.count == 2)
        bench.livekit.close("lobby", now: bench.time)
        bench.livekit.open("lobby", now: bench.time)
        bench.send("a", nonce: 9)
        #expect(bench.livekit.accepted.count == 3)
        bench.livekit.moveToAnotherNode("lobby")
        bench.send("a", nonce: 9)
        #expect(bench.livekit.accepted.count == 4)
        var old = LiveKitBench { $0.nonceWindow = 0 }
        for _ in 0..<3 { old.send("a", nonce: 9) }
        #expect(old.livekit.accepted.count == 3)
    }

    // MARK: Life

    @Test func `an empty room lives 300 seconds, and 20 after the last has left`() {
        var bench = LiveKitBench()
        bench.now += 299_999
        #expect(bench.send("x").status == 200)
        bench.now += 1
        #expect(bench.send("x").status == 503)
        let alice = bench.join("alice")
        let bob = bench.join("bob")
        bench.now += 3_600_000
        #expect(bench.send("x").status == 200)
        bench.livekit.leave(alice, now: bench.time)
        bench.now += 30_000
        #expect(bench.send("x").status == 200)
        bench.livekit.leave(bob, now: bench.time)
        bench.now += 19_999
        #expect(bench.send("x").status == 200)
        bench.now += 1
        #expect(bench.send("x").status == 503)
    }

    @Test func `a room says how long it lives, and its list who is in it`() throws {
        var bench = LiveKitBench(open: [])
        let made = bench.call("CreateRoom", #"{"name":"lobby","emptyTimeout":7,"departure_timeout":3,"metadata":"m"}"#)
        #expect(made.json?["empty_timeout"] == .number(7) && made.json?["departure_timeout"] == .number(3))
        #expect(made.json?["creation_time"]?.text == "1700000000" && made.json?["metadata"]?.text == "m")
        _ = bench.join("alice")
        let rooms = bench.call("ListRooms", "{}").json?["rooms"]?.list
        #expect(rooms?.first?["num_participants"] == .number(1) && rooms?.first?["sid"] == made.json?["sid"])
        let one = bench.call("GetParticipant", #"{"room":"lobby","identity":"alice"}"#)
        #expect(one.json?["identity"]?.text == "alice" && one.json?["state"]?.text == "ACTIVE")
        #expect(bench.call("GetParticipant", #"{"room":"lobby","identity":"bob"}"#).code == "not_found")
        #expect(bench.call("RemoveParticipant", #"{"room":"lobby","identity":"alice"}"#).status == 200)
        #expect(bench.call("ListParticipants", #"{"room":"lobby"}"#).text == #"{"participants":[]}"#)
        bench.now += 3000
        #expect(bench.call("ListRooms", "{}").text == #"{"rooms":[]}"#)
        #expect(bench.call("DeleteRoom", #"{"room":"lobby"}"#).code == "not_found")
        #expect(bench.call("CreateRoom", #"{"name":""}"#).code == "invalid_argument")
    }

    @Test func `an identity is in a room once, and a full room takes nobody`() {
        var bench = LiveKitBench(open: [])
        bench.call("CreateRoom", #"{"name":"lobby","max_participants":2}"#)
        let (first, second) = (bench.join("alice"), bench.join("alice"))
        #expect(first != second && !bench.livekit.isPresent(first) && bench.livekit.isPresent(second))
        #expect(bench.livekit.join("lobby", as: "bob", now: bench.time) != nil)
        #expect(bench.livekit.join("lobby", as: "carol", now: bench.time) == nil)
        #expect(bench.livekit.join("lobby", as: "", now: bench.time) == nil)
        #expect(bench.livekit.join(String(repeating: "x", count: 257), as: "bob", now: bench.time) == nil)
        var strict = LiveKitBench(open: []) { $0.joinOpensRooms = false }
        #expect(strict.join("alice").isEmpty)
    }

    @Test func `a room that closes takes what was on its way with it`() {
        var bench = LiveKitBench()
        let bob = bench.join("bob")
        bench.send("x")
        bench.livekit.close("lobby", now: bench.time)
        #expect(bench.texts(bob).isEmpty && !bench.livekit.isPresent(bob))
        bench.publish("y", by: bob)
        #expect(bench.livekit.accepted.count == 1)
    }
}
