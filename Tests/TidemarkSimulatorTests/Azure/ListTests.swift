import Testing
@testable import TidemarkSimulator

struct ListTests {
    /// All pages from a first one on, as the topics or ids of their items.
    private func walk(_ bench: inout Bench, from first: Bench.Answer, _ name: String) -> [[String]] {
        var pages = [first.items.compactMap { $0[name]?.text }]
        var next = first.nextLink
        while let link = next, pages.count < 200 {
            let page = bench.follow(link)
            pages.append(page.items.compactMap { $0[name]?.text })
            next = page.nextLink
        }
        return pages
    }

    @Test(arguments: [1, 2, 3])
    func `more threads than a page holds move while one pages, and all of them come in the same walk`(size: Int) {
        var bench = Bench()
        let threads = (1...8).map { bench.thread("\($0)") }
        let first = bench.call("GET", "/chat/threads?maxPageSize=\(size)")
        for thread in threads[3...7] { _ = bench.message("moves", in: thread) }
        let rest = walk(&bench, from: bench.follow(first.nextLink ?? ""), "topic").flatMap { $0 }
        #expect(rest == ["8", "7", "6", "5", "4", "3", "2", "1"])
    }

    @Test func `a link to more threads does not grow with the pages that were read`() {
        var bench = Bench()
        for number in 1...60 { _ = bench.thread("\(number)") }
        var page = bench.call("GET", "/chat/threads?maxPageSize=1")
        var lengths: [Int] = []
        while let link = page.nextLink {
            lengths.append(link.count)
            page = bench.follow(link)
        }
        #expect(lengths.count == 59 && Set(lengths).count == 1)
    }

    @Test func `short and empty pages of threads go on, and each thread comes once`() {
        var bench = Bench(seed: 5) { $0.shortPages = 0.6 }
        for number in 1...40 { _ = bench.thread("\(number)") }
        let pages = walk(&bench, from: bench.call("GET", "/chat/threads?maxPageSize=3"), "topic")
        #expect(pages.dropLast().contains { $0.isEmpty })
        #expect(pages.flatMap { $0 } == (1...40).reversed().map(String.init))
    }

    // MARK: Lag

    private func lagging() -> Bench { Bench { $0.listLag = 1000 } }

    @Test func `a list of messages that lags shows the copy from before an edit and a delete`() throws {
        var bench = lagging()
        let thread = bench.thread()
        let ids = ["a", "b", "c"].map { bench.message($0, in: thread) }
        bench.now += 2000
        bench.call("PATCH", "\(thread)/messages/\(ids[0])", #"{"content":"edited","metadata":{"k":"v"}}"#)
        bench.call("DELETE", "\(thread)/messages/\(ids[1])")
        let new = bench.message("new", in: thread)
        let old = bench.call("GET", thread + "/messages?maxPageSize=50").items.prefix(3)
        #expect(old.compactMap { $0["content"]?["message"]?.text } == ["c", "b", "a"])
        #expect(old.allSatisfy { $0["id"] == $0["version"] && $0["editedOn"] == nil && $0["deletedOn"] == nil })
        #expect(bench.call("GET", "\(thread)/messages/\(ids[0])")["content"]?["message"] == .text("edited"))
        bench.now += 1000
        let fresh = bench.call("GET", thread + "/messages?maxPageSize=50").items.prefix(4)
        #expect(fresh.compactMap { $0["id"]?.text } == [new, ids[1], ids[0], ids[2]])
        #expect(fresh.dropFirst(2).first?["metadata"]?["k"] == .text("v"))
    }

    @Test func `what changes while one pages a list that lags leaves no other out`() {
        var bench = lagging()
        let thread = bench.thread()
        let ids = (1...6).map { bench.message("\($0)", in: thread) }
        bench.now += 2000
        let first = bench.call("GET", thread + "/messages?maxPageSize=2")
        bench.call("PATCH", "\(thread)/messages/\(ids[0])", #"{"content":"edited"}"#)
        #expect(walk(&bench, from: first, "id").flatMap { $0 }.prefix(6) == ids.reversed()[...])
    }

    @Test func `a list of threads that lags shows the old topic, the old place and who was in it`() {
        var bench = lagging()
        let threads = ["one", "two"].map { bench.thread($0) }
        _ = bench.message("first", in: threads[0])
        bench.now += 60_000
        let before = bench.call("GET", "/chat/threads").bytes
        bench.call("PATCH", threads[1], #"{"topic":"renamed"}"#)
        _ = bench.message("second", in: threads[1])
        bench.call("DELETE", threads[0])
        _ = bench.thread("three")
        #expect(bench.call("GET", "/chat/threads").bytes == before)
        bench.now += 1000
        let after = bench.call("GET", "/chat/threads").items
        #expect(after.compactMap { $0["topic"]?.text } == ["three", "one", "renamed"])
        #expect(after.map { $0["deletedOn"] != nil } == [false, true, false])
    }

    @Test func `without a lag nothing of a thread's past is kept`() {
        var bench = Bench()
        let thread = bench.thread()
        for number in 1...50 { _ = bench.message("\(number)", in: thread) }
        #expect(bench.azure.threads[0].moments.count == 1)
    }
}
