import Testing
import TidemarkModel
@testable import TidemarkSimulator

/// What a judge reads: every write that was accepted, by whom and when.
struct RawHistoryTests {
    @Test func `a message keeps every write that was accepted, and none that was refused`() throws {
        var bench = Bench()
        let thread = bench.thread()
        let sent = bench.call("POST", thread + "/messages", #"{"content":"one","metadata":{"token":"t1","k":"v"}}"#)
        let path = "\(thread)/messages/\(sent["id"]?.text ?? "")"
        bench.call("PATCH", path, #"{"content":"two","metadata":{"edit":"t2","k":""}}"#)
        #expect(bench.call("PATCH", path, #"{"content":"three"}"#, as: 1).status == 403)
        #expect(bench.call("PATCH", path, #"{"content":"\#(String(repeating: "x", count: 28_673))"}"#).status == 413)
        bench.call("PATCH", path, #"{"metadata":{"edit":"t3"}}"#)
        bench.call("DELETE", path)
        bench.call("DELETE", path)
        let message = try #require(bench.azure.threads[0].messages.last)
        #expect(message.changes.map(\.kind) == [.create, .edit, .edit, .delete])
        #expect(message.changes.map(\.content) == ["one", "two", nil, nil])
        #expect(message.changes.map { $0.metadata["edit"] } == [nil, "t2", "t3", nil])
        #expect(message.changes.map(\.sequence) == [3, 4, 5, 6])
        #expect(message.changes.allSatisfy { $0.author == bench.azure.users[0].id })
        #expect(message.changes.map(\.version) == message.changes.map(\.version).sorted())
        #expect(message.changes.first?.version == message.id && message.changes.last?.version == message.version)
        #expect(message.firstContent == "one" && message.firstMetadata == ["token": "t1", "k": "v"])
        #expect(message.metadata == ["token": "t1", "edit": "t3"])
        #expect(bench.azure.copies(perMetadata: "token") == ["t1": 1])
    }

    @Test(arguments: [true, false])
    func `each write's time gives the message as it was then`(keeps: Bool) throws {
        var bench = Bench { $0.tombstonesKeepMetadata = keeps }
        let thread = bench.thread()
        let sent = bench.call("POST", thread + "/messages", #"{"content":"<b>1</b>","type":"html","metadata":{"a":"1"}}"#)
        let path = "\(thread)/messages/\(sent["id"]?.text ?? "")"
        bench.call("PATCH", path, #"{"content":"2<script>x</script>","metadata":{"b":"2"}}"#)
        bench.call("DELETE", path)
        let message = try #require(bench.azure.threads[0].messages.last)
        let copies = message.changes.compactMap { message.copy(at: $0.version) }
        #expect(copies.map(\.content) == ["<b>1</b>", "2", ""])
        #expect(copies.map(\.metadata) == [["a": "1"], ["a": "1", "b": "2"], keeps ? ["a": "1", "b": "2"] : [:]])
        #expect(copies.map { $0.editedAt != nil } == [false, true, false])
        #expect(copies.map { $0.deletedAt != nil } == [false, false, true])
        #expect(message.copy(at: message.id - 1) == nil)
        #expect(copies.last == message)
    }

    @Test func `others come, go, rename, read and delete without a request`() {
        var bench = Bench()
        let thread = bench.thread().replacing("/chat/threads/", with: "")
        let (alice, bob, carol) = (bench.azure.users[0].id, bench.azure.users[1].id, bench.azure.users[2].id)
        let now = Timestamp(milliseconds: bench.now)
        let message = bench.azure.send("hello", as: bob, in: thread, now: now) ?? ""
        #expect(bench.azure.add([carol, bob], to: thread, as: bob, now: now) == true)
        #expect(bench.azure.add(["8:acs:nobody"], to: thread, as: bob, now: now) == false)
        #expect(bench.azure.read(message, as: carol, in: thread, now: now) == true)
        #expect(bench.azure.rename(thread, to: "new", as: carol, now: now) == true)
        #expect(bench.azure.remove(carol, from: thread, as: carol, now: now) == true)
        #expect(bench.azure.rename(thread, to: "late", as: carol, now: now) == false)
        let kinds = bench.azure.threads[0].messages.map(\.kind)
        #expect(kinds.suffix(4) == [.text, .participantAdded, .topicUpdated, .participantRemoved])
        #expect(bench.azure.threads[0].receipts.map(\.reader) == [carol] && bench.azure.threads[0].topic == "new")
        #expect(bench.azure.deleteThread(thread, as: alice, now: now) == true)
        #expect(bench.azure.deleteThread(thread, as: alice, now: now) == false)
    }
}
