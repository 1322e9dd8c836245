import Foundation
import HTTPTypes
import Testing
import TidemarkModel
@testable import TidemarkSimulator

/// What others do, what a judge sees, and what a state keeps.
struct AvayaHistoryTests {
    @Test func `others' acts are listed as one's own are`() throws {
        var bench = AvayaBench()
        let space = bench.space()
        let bob = bench.avaya.users[1].id
        let sent = bench.avaya.send("one", as: bob, in: space, now: bench.time)
        let id = try #require(sent)
        let edits = [bob, bench.avaya.users[0].id].map { bench.avaya.edit(id, to: "two", as: $0, now: bench.time) }
        #expect(edits == [true, false])
        #expect(bench.feed(space).first?["content"]?["bodyText"]?.text == "two")
        let deletes = [bob, bob].map { bench.avaya.delete(id, as: $0, now: bench.time) }
        #expect(deletes == [true, false])
        let foreign = bench.avaya.send("x", as: bench.avaya.users[3].id, in: space, now: bench.time)
        #expect(foreign == nil)
        let copy = try #require(bench.avaya.copies(of: "one", by: bob).first)
        #expect(copy.deletedAt != nil && copy.changes.map(\.kind) == [.create, .edit, .delete])
    }

    @Test func `seed data fills spaces of the first user`() throws {
        var bench = AvayaBench()
        bench.avaya.fill(try SeedData("conversations=3,messages=40,edits=0.3,deletes=0.3"), now: bench.time)
        #expect(bench.avaya.spaces.count == 3 && bench.avaya.spaces.flatMap(\.messages).count == 40)
        let listed = bench.walk("/api/users/me/spaces").flatMap(\.ids)
        #expect(Set(listed) == Set(bench.avaya.spaces.map(\.id)))
        let live = bench.avaya.spaces[0].messages.count { $0.deletedAt == nil }
        let query = "/api/spaces/\(bench.avaya.spaces[0].id)/messages/query?direction=before&size=5"
        #expect(bench.walk(query).flatMap(\.items).count == live)
        #expect(bench.avaya.spaces.flatMap(\.messages).contains { $0.changes.contains { $0.kind == .edit } })
    }

    @Test func `without a number two spaces are open`() {
        var bench = AvayaBench()
        bench.avaya.fill(SeedData(), now: bench.time)
        #expect(bench.avaya.spaces.map(\.title) == ["Lobby", "Open house"] && bench.avaya.spaces.map(\.members.count) == [4, 4])
        #expect(bench.avaya.spaces.map(\.restrict) == [[AvayaSpace.deniesGuestHistory], []])
    }

    @Test func `one seed gives one history, byte for byte`() {
        func tell(_ seed: UInt64) -> [[UInt8]] {
            var bench = AvayaBench(seed: seed)
            let space = bench.space()
            _ = bench.send("x", in: space)
            return [bench.call("GET", "/api/users/me/messages?spacelist=\(space)").bytes, bench.call("GET", "/api/limit").bytes]
        }
        #expect(tell(3) == tell(3) && tell(3) != tell(4))
    }

    @Test func `a state goes on as it was`() throws {
        var bench = AvayaBench()
        let space = bench.space()
        let id = bench.send("kept", in: space)
        let kept = try JSONDecoder().decode(
            FaultyAvaya.self, from: JSONEncoder().encode(FaultyAvaya(bench.avaya)))
        bench.avaya = kept.simulator
        bench.now += 2 * 86_400_000
        #expect(bench.call("GET", "/api/messages/\(id)").status == 401)
        bench.avaya.renewTokens(now: bench.time)
        #expect(bench.call("GET", "/api/messages/\(id)").status == 200)
        #expect(bench.send("new", in: space) != id)
    }

    @Test func `what a fault did is a judge's to see`() throws {
        var bench = AvayaBench()
        let space = bench.space()
        var service = FaultyAvaya(bench.avaya, faults: try FaultPlan("applied-504=1"))
        let request = bench.request("POST", "/api/spaces/\(space)/chats")
        let body = Array(#"{"content":{"bodyText":"once"}}"#.utf8)
        guard case .answer(let answer, _) = service.exchange(request, body: body, now: bench.time) else {
            Issue.record("no answer")
            return
        }
        #expect(answer.head.status.code == 504 && service.simulator.copies(of: "once").count == 1)
        service.faults = try FaultPlan("late=1,late-by=10ms")
        _ = service.exchange(request, body: body, now: bench.time)
        service.land(until: Timestamp(milliseconds: bench.now + 20))
        #expect(service.arrivals.map(\.message) == [service.simulator.copies(of: "once").last?.number])
        #expect(service.simulator.isAboutNews(bench.request("POST", "/api/spaces/\(space)/chats"), body: [], now: bench.time))
        let later = Timestamp(milliseconds: bench.now + 10_000)
        #expect(!service.simulator.isAboutNews(bench.request("POST", "/api/spaces/\(space)/chats"), body: [], now: later))
        #expect(service.simulator.refusal(503).head.status.code == 503)
    }
}
