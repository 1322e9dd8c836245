import Testing
import TidemarkModel
@testable import TidemarkSimulator

/// What the service refuses: by scope, by size, by rate, by age.
struct LimitTests {
    private static func people(_ ids: [String]) -> String {
        "[" + ids.map { #"{"communicationIdentifier":{"rawId":"\#($0)"}}"# }.joined(separator: ",") + "]"
    }

    // MARK: Scopes

    @Test func `a narrow scope may write, and neither change threads nor, limited, people`() {
        var bench = Bench()
        let thread = bench.thread()
        let (user, now) = (bench.azure.users[1].id, Timestamp(milliseconds: bench.now))
        let join = bench.azure.newToken(for: user, lasting: 600, scopes: ["chat.join"], now: now)
        let limited = bench.azure.newToken(for: user, lasting: 600, scopes: ["chat.join.limited"], now: now)
        let voice = bench.azure.newToken(for: user, lasting: 600, scopes: ["voip"], now: now)
        let add = #"{"participants":\#(Self.people([bench.azure.users[2].id]))}"#
        for token in [join, limited] {
            #expect(bench.call("POST", thread + "/messages", #"{"content":"x"}"#, token: token).status == 201)
            #expect(bench.call("GET", thread, token: token).status == 200)
            #expect(bench.call("GET", thread + "/participants", token: token).status == 200)
            #expect(bench.call("GET", "/chat/threads", token: token).status == 200)
            #expect(bench.call("POST", "/chat/threads", #"{"topic":"T"}"#, token: token).status == 403)
            #expect(bench.call("PATCH", thread, #"{"topic":"T"}"#, token: token).status == 403)
            #expect(bench.call("DELETE", thread, token: token).status == 403)
        }
        #expect(bench.call("POST", thread + "/participants/:add", add, token: limited).status == 403)
        #expect(bench.call("POST", thread + "/participants/:add", add, token: join).status == 201)
        #expect(bench.call("GET", thread, token: voice).status == 403)
        #expect(bench.azure.newToken(for: "8:acs:nobody", lasting: 600, now: now) == nil)
        bench.now += 600_000
        #expect(bench.call("GET", thread, token: join).status == 401)
    }

    // MARK: Sizes

    @Test func `a text of more than 28 KB is too large to send and to edit into`() {
        var bench = Bench()
        let thread = bench.thread()
        func body(_ count: Int) -> String { #"{"content":"\#(String(repeating: "x", count: count))"}"# }
        let sent = bench.call("POST", thread + "/messages", body(28_672))
        #expect(sent.status == 201)
        #expect(bench.call("POST", thread + "/messages", body(28_673)).status == 413)
        let path = "\(thread)/messages/\(sent["id"]?.text ?? "")"
        #expect(bench.call("PATCH", path, body(28_673)).status == 413)
        #expect(bench.call("PATCH", path, body(28_672)).status == 204)
    }

    @Test func `a call takes 200 people, a thread 250`() {
        var bench = Bench()
        for number in 1...260 { bench.azure.addUser("\(number)", now: Timestamp(milliseconds: bench.now)) }
        let ids = bench.azure.users.map(\.id)
        let bare = bench.call("POST", "/chat/threads", #"{"topic":"t","participants":\#(Self.people(Array(ids[1...201])))}"#)
        #expect(bare.status == 400 && bare.bytes.isEmpty)
        let made = bench.call("POST", "/chat/threads", #"{"topic":"t","participants":\#(Self.people(Array(ids[1...200])))}"#)
        #expect(made.status == 201)
        let add = "/chat/threads/\(made["chatThread"]?["id"]?.text ?? "")/participants/:add"
        #expect(bench.call("POST", add, #"{"participants":\#(Self.people(Array(ids[1...201])))}"#).status == 400)
        #expect(bench.call("POST", add, #"{"participants":\#(Self.people(Array(ids[201...250])))}"#).status == 400)
        #expect(bench.call("POST", add, #"{"participants":\#(Self.people(Array(ids[201...249])))}"#).status == 201)
        #expect(bench.azure.threads[0].members.count == 250)
    }

    @Test func `receipts and typing end with the twentieth participant`() {
        var bench = Bench()
        for number in 1...20 { bench.azure.addUser("\(number)", now: Timestamp(milliseconds: bench.now)) }
        let ids = bench.azure.users.map(\.id)
        let now = Timestamp(milliseconds: bench.now)
        let id = bench.azure.createThread("t", by: ids[0], with: Array(ids[1...19]), now: now)
        let thread = "/chat/threads/\(id)"
        let receipt = #"{"chatMessageId":"\#(bench.message("x", in: thread))"}"#
        let first = bench.call("POST", thread + "/readReceipts", receipt).status
        bench.azure.add([ids[20]], to: id, as: ids[0], now: now)
        let statuses = [
            bench.call("POST", thread + "/typing").status, bench.call("POST", thread + "/readReceipts", receipt).status,
        ]
        #expect(bench.azure.threads[0].members.count == 21)
        #expect(first == 200 && statuses == [400, 400])
    }

    // MARK: Rates

    @Test(arguments: [
        ("GET", "/messages/3", 50, 250), ("GET", "/participants", 10, 250), ("GET", "/readReceipts", 5, 100),
        ("POST", "/typing", 5, 10),
    ])
    func `one user is limited, and all of a thread together`(method: String, path: String, one: Int, all: Int) {
        var bench = Bench { $0.limitsRates = true }
        let now = Timestamp(milliseconds: bench.now)
        for number in 1...60 { bench.azure.addUser("\(number)", now: now) }
        bench.azure.behavior.mostForReceipts = 100
        let ids = bench.azure.users.map(\.id)
        let thread = "/chat/threads/" + bench.azure.createThread("t", by: ids[0], with: Array(ids.dropFirst()), now: now)
        var passed = 0
        func isRefused(_ user: Int) -> Bool {
            bench.now -= 4
            return bench.call(method, thread + path, as: user).status == 429
        }
        for _ in 1...one where !isRefused(0) { passed += 1 }
        let isOver = isRefused(0)
        #expect(passed == one && isOver)
        var user = 1
        // The refused one counted for the thread too.
        while passed + 1 < all, user < ids.count {
            for _ in 1...one where passed + 1 < all { passed += isRefused(user) ? 0 : 1 }
            user += 1
        }
        #expect(passed + 1 == all)
        let isThreadOver = isRefused(ids.count - 1)
        #expect(isThreadOver)
    }

    // MARK: 2025-03-15

    @Test func `metadata and retention of threads and people belong to 2025-03-15`() {
        var bench = Bench()
        let policy = #""retentionPolicy":{"kind":"threadCreationDate","deleteThreadAfterDays":30}"#
        let person = #"{"communicationIdentifier":{"rawId":"\#(bench.azure.users[1].id)"},"metadata":{"role":"x"}}"#
        let body = #"{"topic":"T","metadata":{"a":"1"},"participants":[\#(person)],\#(policy)}"#
        let old = bench.call("POST", "/chat/threads", body)["chatThread"]
        #expect(old?["metadata"] == nil && bench.azure.threads[0].deleteAfterDays == nil)
        bench.version = "2025-03-15"
        let made = bench.call("POST", "/chat/threads", body)["chatThread"]
        let thread = "/chat/threads/" + (made?["id"]?.text ?? "")
        #expect(made?["retentionPolicy"]?["deleteThreadAfterDays"] == .number(30) && made?["metadata"]?["a"] == .text("1"))
        #expect(bench.call("GET", thread + "/participants").items.last?["metadata"]?["role"] == .text("x"))
        bench.call("PATCH", thread, #"{"metadata":{"a":"","b":"2"}}"#)
        #expect(bench.azure.threads[1].metadata == ["b": "2"])
        bench.version = "2024-03-07"
        #expect(bench.call("GET", thread)["metadata"] == nil && bench.call("GET", thread)["retentionPolicy"] == nil)
        #expect(bench.call("GET", thread + "/participants").items.last?["metadata"] == nil)
    }

    @Test(arguments: [
        #"{"metadata":{"a":"\#(String(repeating: "x", count: 1024))"}}"#, #"{"retentionPolicy":{"kind":"later"}}"#,
        #"{"retentionPolicy":{"kind":"threadCreationDate","deleteThreadAfterDays":29}}"#,
        #"{"retentionPolicy":{"kind":"threadCreationDate"}}"#,
    ])
    func `what 2025-03-15 does not allow changes nothing`(body: String) {
        var bench = Bench()
        let thread = bench.thread()
        bench.version = "2025-03-15"
        #expect(bench.call("PATCH", thread, body).status == 400)
        #expect(bench.azure.threads[0].metadata.isEmpty && bench.azure.threads[0].deleteAfterDays == nil)
    }

    @Test func `a thread ends when its days are over, unless the policy was taken back`() {
        var bench = Bench()
        bench.version = "2025-03-15"
        let threads = [bench.thread("ends"), bench.thread("stays")]
        let policy = #"{"retentionPolicy":{"kind":"threadCreationDate","deleteThreadAfterDays":30}}"#
        for thread in threads { #expect(bench.call("PATCH", thread, policy).status == 204) }
        bench.call("PATCH", threads[1], #"{"retentionPolicy":{"kind":"none"}}"#)
        bench.now += 30 * 86_400_000
        bench.azure.renewTokens(now: Timestamp(milliseconds: bench.now))
        #expect(bench.call("GET", threads[0]).status == 404)
        #expect(bench.call("GET", threads[1]).status == 200)
        let listed = bench.call("GET", "/chat/threads").items
        #expect(listed.filter { $0["deletedOn"] != nil }.compactMap { $0["topic"]?.text } == ["ends"])
    }
}
