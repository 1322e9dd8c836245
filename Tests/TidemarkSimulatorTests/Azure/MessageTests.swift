import Testing
@testable import TidemarkSimulator

struct MessageTests {
    @Test func `an edit and a delete give a message a new sequence and version, and leave its id and creation`() throws {
        var bench = Bench()
        let thread = bench.thread()
        let id = bench.message("first", in: thread)
        _ = bench.message("second", in: thread)
        let sent = bench.call("GET", "\(thread)/messages/\(id)")
        #expect(sent["version"]?.text == id && sent["sequenceId"] == .text("3"))
        #expect(bench.call("PATCH", "\(thread)/messages/\(id)", #"{"content":"edited"}"#).status == 204)
        let edited = bench.call("GET", "\(thread)/messages/\(id)")
        #expect(edited["sequenceId"] == .text("5") && edited["editedOn"] != nil && edited["createdOn"] == sent["createdOn"])
        #expect(try #require(edited["version"]?.text) > id)
        #expect(bench.call("DELETE", "\(thread)/messages/\(id)").status == 204)
        let dead = try #require(bench.call("GET", thread + "/messages").items.first)
        #expect(dead["id"]?.text == id && dead["sequenceId"] == .text("6"))
        #expect(dead["content"]?["message"] == .text("") && dead["editedOn"] == nil && dead["deletedOn"] != nil)
        #expect(dead["senderCommunicationIdentifier"]?["rawId"]?.text == bench.azure.users[0].id)
    }

    @Test func `a link to more messages is text as it was recorded, and the walk gives each once`() throws {
        var bench = Bench()
        let thread = bench.thread()
        let sent = (1...6).map { bench.message("\($0)", in: thread) }
        var page = bench.call("GET", thread + "/messages?maxPageSize=3")
        let link = try #require(page.nextLink)
        #expect(link.hasPrefix(bench.azure.baseURL + "/chat/threads/19:"))
        #expect(link.contains("&startTime=1%2F1%2F1970%2012%3A00%3A00%20AM%20%2B00%3A00&maxPageSize=3&api-version=2024-03-07"))
        #expect(link.contains(/syncState=[0-9a-f]+&/))
        var ids = page.items.compactMap { $0["id"]?.text }
        while let next = page.nextLink {
            page = bench.follow(next)
            ids += page.items.compactMap { $0["id"]?.text }
        }
        #expect(ids.count == 8 && Array(ids.prefix(6)) == sent.reversed())
    }

    @Test(arguments: [true, false])
    func `a message that moved to the top while one pages comes again or not, as it was set`(again: Bool) throws {
        var bench = Bench { $0.redeliversMovedMessages = again }
        let thread = bench.thread()
        let ids = (1...4).map { bench.message("\($0)", in: thread) }
        let first = bench.call("GET", thread + "/messages?maxPageSize=2")
        bench.call("PATCH", "\(thread)/messages/\(ids[0])", #"{"content":"moved"}"#)
        var rest: [String] = []
        var next = first.nextLink
        while let link = next {
            let page = bench.follow(link)
            rest += page.items.compactMap { $0["id"]?.text }
            next = page.nextLink
        }
        #expect(rest.contains(ids[0]) == again)
        #expect(rest.contains(ids[1]))
    }

    @Test func `pages are cut short and even empty, and the walk still gives everything`() {
        var bench = Bench(seed: 5) { $0.shortPages = 0.7 }
        let thread = bench.thread()
        for number in 1...300 { _ = bench.message("\(number)", in: thread) }
        var sizes: [Int] = []
        var page = bench.call("GET", thread + "/messages?maxPageSize=4")
        sizes.append(page.items.count)
        while let next = page.nextLink, sizes.count < 500 {
            page = bench.follow(next)
            sizes.append(page.items.count)
        }
        #expect(sizes.dropLast().contains(0), "an empty page that goes on")
        #expect(sizes.reduce(0, +) == 302)
    }

    @Test(arguments: [
        ("<b onclick=\"x()\">a</b>", "<b>a</b>"), ("a<script>x()</script>b", "ab"), ("<SCRIPT src=x>\n</Script >c", "c"),
        ("<i>kept</i> & <p style=\"a\">", "<i>kept</i> & <p style=\"a\">"),
    ])
    func `html loses what could run`(sent: String, read: String) {
        #expect(WireText.sanitised(html: sent) == read)
    }

    @Test func `text is left alone where html is cleaned`() {
        var bench = Bench()
        let thread = bench.thread()
        for (type, read) in [("text", "<script>x</script>y"), ("html", "y")] {
            let sent = bench.call("POST", thread + "/messages", #"{"content":"<script>x</script>y","type":"\#(type)"}"#)
            let copy = bench.call("GET", "\(thread)/messages/\(sent["id"]?.text ?? "")")
            #expect(copy["content"]?["message"] == .text(read))
        }
    }

    @Test(arguments: [
        "{}", "[]", "null", "", #"{"content":1}"#, #"{"content":""}"#, #"{"content":"a","type":"topicUpdated"}"#,
        #"{"content":1e400}"#, "{\"content\":\"\u{1}",
    ])
    func `a body of another shape is refused and posts nothing`(body: String) {
        var bench = Bench()
        let thread = bench.thread()
        #expect(bench.call("POST", thread + "/messages", body).status == 400)
        #expect(bench.azure.threads[0].messages.count == 2)
    }

    @Test func `numbers that are too large for anything break nothing`() {
        var bench = Bench()
        let thread = bench.thread()
        for query in ["maxPageSize=99999999999999999999", "maxPageSize=-5", "startTime=99999999-01-01T00:00:00Z"] {
            #expect(bench.call("GET", "\(thread)/messages?\(query)").status == 200)
        }
        #expect(bench.call("GET", "\(thread)/participants?skip=9223372036854775807").items.isEmpty)
        #expect(bench.call("GET", "\(thread)/messages/99999999999999999999").status == 400)
        #expect(bench.call("GET", "\(thread)/messages?syncState=zz").status == 400)
    }
}
