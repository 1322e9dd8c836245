import HTTPTypes
import Testing
@testable import TidemarkSimulator

struct ThreadTests {
    @Test func `a thread that changes while one pages is delivered again`() throws {
        var bench = Bench()
        let threads = (1...4).map { bench.thread("\($0)") }
        let first = bench.call("GET", "/chat/threads?maxPageSize=2")
        #expect(first.items.compactMap { $0["topic"]?.text } == ["4", "3"])
        _ = bench.message("moves", in: threads[3])
        let second = bench.follow(try #require(first.nextLink))
        #expect(second.items.compactMap { $0["topic"]?.text } == ["4", "2"])
        let third = bench.follow(try #require(second.nextLink))
        #expect(third.items.compactMap { $0["topic"]?.text } == ["1"] && third.nextLink == nil)
    }

    @Test func `a deleted thread stays listed and can't be read`() {
        var bench = Bench()
        let thread = bench.thread()
        #expect(bench.call("DELETE", thread).status == 204)
        let item = bench.call("GET", "/chat/threads").items.first
        #expect(item?["deletedOn"] != nil)
        #expect(bench.call("GET", thread).status == 404)
    }

    @Test func `who is not known does not get in, and the call succeeds`() {
        var bench = Bench()
        let unknown = bench.azure.users[0].id.prefix { $0 != "_" } + "_00000000-0000-0000-0000-000000000000"
        let people = #"[{"communicationIdentifier":{"rawId":"\#(unknown)"}}]"#
        let made = bench.call("POST", "/chat/threads", #"{"topic":"t","participants":\#(people)}"#)
        #expect(made.status == 201)
        #expect(made["invalidParticipants"]?.list?.first?["target"]?.text == String(unknown))
        let thread = "/chat/threads/" + (made["chatThread"]?["id"]?.text ?? "")
        let added = bench.call("POST", thread + "/participants/:add", #"{"participants":\#(people)}"#)
        #expect(added.status == 201 && added["invalidParticipants"]?.list?.count == 1)
        let known = #"[{"communicationIdentifier":{"rawId":"\#(bench.azure.users[2].id)"}}]"#
        #expect(bench.call("POST", thread + "/participants/:add", #"{"participants":\#(known)}"#).bytes == Array("{}".utf8))
        #expect(bench.azure.threads[0].members.count == 2)
    }

    @Test func `an id of another shape refuses the whole call`() {
        var bench = Bench()
        let people = #"[{"communicationIdentifier":{"communicationUser":{"id":"8:acs:invalidUserId"}}}]"#
        let refused = bench.call("POST", "/chat/threads", #"{"topic":"t","participants":\#(people)}"#)
        #expect(refused.status == 400 && bench.azure.threads.isEmpty)
        #expect(refused["error"]?["message"] == .text("Identifier format is invalid (8:acs:invalidUserId)."))
        #expect(bench.call("GET", "/chat/threads/invalid_chat_thread_id").status == 400)
        #expect(bench.call("GET", "/chat/threads/19:nobody@thread.v2").status == 404)
    }

    @Test func `one repeatability id makes one thread, for one user, for its lifetime`() {
        var bench = Bench { $0.repeatabilityLifetime = 60_000 }
        func id(_ answer: Bench.Answer) -> String? { answer["chatThread"]?["id"]?.text }
        let body = #"{"topic":"t"}"#
        let first = bench.call("POST", "/chat/threads", body, repeatability: "a")
        bench.now += 30_000
        let again = bench.call("POST", "/chat/threads", body, repeatability: "a")
        #expect(again.status == 201 && id(again) == id(first))
        #expect(again["chatThread"]?["createdOn"] == first["chatThread"]?["createdOn"])
        #expect(id(bench.call("POST", "/chat/threads", body, repeatability: "b")) != id(first))
        #expect(id(bench.call("POST", "/chat/threads", body, as: 1, repeatability: "a")) != id(first))
        bench.now += 60_000
        #expect(id(bench.call("POST", "/chat/threads", body, repeatability: "a")) != id(first))
    }

    @Test(arguments: [
        ("2021-03-07", "CommunicationError", "Code"), ("2021-04-05-preview6", "CommunicationError", "Code"),
        ("2021-09-07", "CommunicationError", "Code"), ("2023-11-07", "error", "code"), ("2024-03-07", "error", "code"),
        ("2025-03-15", "error", "code"),
    ])
    func `a refusal is wrapped as its version spells it`(version: String, wrapper: String, code: String) {
        var bench = Bench()
        bench.version = version
        let refused = bench.call("GET", "/chat/threads/19:nobody@thread.v2")
        #expect(refused.status == 404 && refused[wrapper]?[code] == .text("NotFound"))
    }

    @Test func `a version that is not known is refused`() {
        var bench = Bench()
        bench.version = "2019-01-01"
        #expect(bench.call("GET", "/chat/threads").status == 400)
    }

    @Test(arguments: [true, false])
    func `the eleventh message within ten seconds is too many, and asking on keeps it so`(tells: Bool) {
        var bench = Bench {
            $0.limitsRates = true
            $0.sendsRetryAfter = tells
        }
        let thread = bench.thread()
        for number in 1...10 {
            #expect(bench.call("POST", thread + "/messages", #"{"content":"\#(number)"}"#, as: number % 2).status == 201)
        }
        let refused = bench.call("POST", thread + "/messages", #"{"content":"11"}"#)
        #expect(refused.status == 429)
        #expect(refused.fields[HTTPField.Name.retryAfterSeconds] == (tells ? "10" : nil))
        bench.now += 9000
        for _ in 1...9 { #expect(bench.call("POST", thread + "/messages", #"{"content":"x"}"#).status == 429) }
        bench.now += 2000
        #expect(bench.call("POST", thread + "/messages", #"{"content":"now"}"#).status == 201)
        #expect(bench.call("POST", thread + "/messages", #"{"content":"refused ones count"}"#).status == 429)
    }

    @Test func `what is done twice is answered as it was set`() {
        for status in [204, 404] {
            var bench = Bench {
                $0.secondDeleteStatus = status
                $0.secondRemoveStatus = status
            }
            let thread = bench.thread()
            let id = bench.message("x", in: thread)
            let person = #"{"rawId":"\#(bench.azure.users[1].id)"}"#
            #expect(bench.call("DELETE", "\(thread)/messages/\(id)").status == 204)
            #expect(bench.call("DELETE", "\(thread)/messages/\(id)").status == status)
            #expect(bench.call("POST", "\(thread)/participants/:remove", person).status == 204)
            #expect(bench.call("POST", "\(thread)/participants/:remove", person).status == status)
        }
    }
}
