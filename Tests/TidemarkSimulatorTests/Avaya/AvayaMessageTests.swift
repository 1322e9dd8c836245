import Testing
@testable import TidemarkSimulator

struct AvayaMessageTests {
    @Test func `two equal posts are two messages`() {
        var bench = AvayaBench()
        let space = bench.space()
        let ids = [bench.send("same", in: space), bench.send("same", in: space)]
        #expect(Set(ids).count == 2 && bench.avaya.copies(of: "same").map(\.id) == ids)
        // An id begins with its second.
        #expect(ids[0].prefix(8) == String(bench.now / 1000, radix: 16))
    }

    @Test func `an edit shows in the feed, and an outdated one is refused`() throws {
        var bench = AvayaBench()
        let space = bench.space()
        let id = bench.send("first", in: space)
        let seen = try #require(bench.call("GET", "/api/messages/\(id)")["modified"]?.text)
        let edit = #"{"_id":"\#(id)","content":{"bodyText":"second","description":""},"modified":"\#(seen)"}"#
        #expect(bench.call("POST", "/api/messages/\(id)", edit).status == 200)
        let again = bench.call("PATCH", "/api/messages/\(id)", edit)
        #expect(again.status == 400 && again["code"]?.text == "message.outdated")
        #expect(bench.feed(space).map { $0["content"]?["bodyText"]?.text } == ["second"])
        let plain = bench.call("PATCH", "/api/messages/\(id)", #"{"_id":"\#(id)","content":{"bodyText":"third"}}"#)
        #expect(plain.status == 200 && plain["content"]?["bodyText"]?.text == "third")
        #expect(bench.avaya.message(id)?.changes.map(\.text) == ["first", "second", "third"])
        let foreign = bench.call("PATCH", "/api/messages/\(id)", #"{"content":{"bodyText":"x"}}"#, as: 1)
        #expect(foreign.status == 403 && foreign["code"]?.text == "message.notowner")
    }

    @Test func `an edit right after another's is outdated where a moment counts`() {
        var bench = AvayaBench { $0.editCheck = .recent }
        let space = bench.space()
        let id = bench.send("first", in: space)
        let path = "/api/messages/\(id)"
        #expect(bench.call("PATCH", path, #"{"content":{"bodyText":"second"}}"#).status == 200)
        #expect(bench.call("PATCH", path, #"{"content":{"bodyText":"third"}}"#).status == 400)
        bench.now += 2000
        #expect(bench.call("PATCH", path, #"{"content":{"bodyText":"third"}}"#).status == 200)
    }

    @Test func `a deletion is told for each id`() throws {
        var bench = AvayaBench()
        let space = bench.space()
        let mine = bench.send("mine", in: space)
        let theirs = bench.send("theirs", in: space, as: 1)
        let closed = bench.space("Closed")
        let kept = bench.send("kept", in: closed)
        bench.avaya.archive(closed, now: bench.time)
        let body = #"["\#(mine)","\#(theirs)","\#(kept)","5942f4e0c7b53d85bf75da13"]"#
        let answer = bench.call("POST", "/api/messages/deletemessages", body)
        #expect(answer["deletedMessages"] == .list([.text(mine)]))
        #expect(answer["noPermittedMessages"]?.list?.first?["messageId"]?.text == theirs)
        #expect(answer["notDeletedMessages"]?.list?.first?["reason"]?["code"]?.text == "topic.archived")
        #expect(answer["notFoundMmessages"]?.list?.count == 1)
        // A repeat finds nothing.
        let repeated = bench.call("POST", "/api/messages/deletemessages", #"["\#(mine)"]"#)
        #expect(repeated["notFoundMmessages"] == .list([.text(mine)]))
        #expect(bench.call("GET", "/api/messages/\(mine)").status == 404)
        #expect(bench.call("POST", "/api/messages/deletemessages", "[]").status == 400)
        let many = JSON.list((0...100).map { _ in .text(theirs) }).written
        #expect(bench.call("POST", "/api/messages/deletemessages", many).status == 400)
    }

    @Test func `comments stand apart, and count at their post`() throws {
        var bench = AvayaBench()
        let space = bench.space()
        let idea = try #require(
            bench.call("POST", "/api/spaces/\(space)/ideas?notify=false", #"{"content":{"bodyText":"An idea"}}"#).ids.first)
        let task = bench.call("POST", "/api/spaces/\(space)/tasks", #"{"content":{"bodyText":"A task","dueDate":"2027-01-01"}}"#)
        #expect(task.items.first?["content"]?["dueDate"]?.text == "2027-01-01")
        let chat = bench.send("A chat", in: space)
        let sent = bench.avaya.send("Yes", as: bench.avaya.users[1].id, in: space, parent: idea, now: bench.time)
        let comment = try #require(sent)
        let root = "/api/spaces/\(space)"
        #expect(bench.call("GET", "/api/ideas/\(idea)/messages").ids == [comment])
        #expect(bench.call("GET", "\(root)/ideas").items.first?["chatCount"] == .number(1))
        #expect(bench.call("GET", "\(root)/messages/query?category=chat&direction=before").ids == [chat])
        #expect(
            bench.call("GET", "\(root)/messages/query?category=chat&direction=before&parentmsg_category=idea").ids == [comment])
        #expect(bench.call("GET", "\(root)/messages/byref").items.count == 4)
        let parent = bench.call("GET", "/api/messages/\(comment)")["parentMsg"]
        #expect(parent?["_id"]?.text == idea && parent?["category"]?.text == "idea")
    }

    @Test func `a history is read in both directions, and pages meet`() {
        var bench = AvayaBench()
        let space = bench.space()
        let ids = (0..<7).map { bench.send("m\($0)", in: space) }
        let root = "/api/spaces/\(space)/messages/query?category=chat&size=3"
        let back = bench.walk("\(root)&direction=before")
        #expect(back.map(\.items.count) == [3, 3, 1] && back.flatMap(\.ids) == ids.reversed())
        #expect(back.map { $0["total"] } == [.number(3), .number(3), .number(1)])
        #expect(bench.walk("\(root)&direction=after&refTime=1970-01-01T00:00:00.000Z").flatMap(\.ids) == ids)
        let middle = AvayaTime.text(bench.avaya.message(ids[3])?.created ?? 0)
        #expect(bench.walk("\(root)&direction=before&refTime=\(middle)").flatMap(\.ids) == ids[..<3].reversed())
        #expect(bench.walk("\(root)&direction=after&refTime=\(middle)").flatMap(\.ids) == Array(ids[4...]))
        #expect(bench.call("GET", back[1]["previousPageUrl"]?.text ?? "").ids == back[0].ids)
        #expect(bench.call("GET", "\(root)&direction=up").status == 400)
        #expect(bench.call("GET", "\(root)&searchstring=M4&direction=before").ids == [ids[4]])
    }

    @Test func `the feed pages through several spaces by modified`() {
        var bench = AvayaBench()
        let spaces = [bench.space("A"), bench.space("B")]
        let ids = (0..<6).map { bench.send("m\($0)", in: spaces[$0 % 2]) }
        bench.now += 100
        let since = bench.now
        _ = bench.call("PATCH", "/api/messages/\(ids[1])", #"{"content":{"bodyText":"edited"}}"#)
        _ = bench.call("POST", "/api/messages/deletemessages", #"["\#(ids[2])"]"#)
        let list = spaces.joined(separator: ",")
        let all = bench.walk("/api/users/me/messages?spacelist=\(list)&size=2&includedeleted=true")
        #expect(all.flatMap(\.ids) == [ids[0], ids[3], ids[4], ids[5], ids[1], ids[2]] && all.allSatisfy { $0.items.count == 2 })
        let news = bench.call("GET", "/api/users/me/messages?spacelist=\(list)&after=\(since)&includedeleted=true")
        #expect(news.ids == [ids[1], ids[2]] && news.items.last?["status"] == .number(2))
        #expect(bench.call("GET", "/api/users/me/messages?spacelist=\(list)&after=\(since)").ids == [ids[1]])
        let many = (0..<16).map { _ in spaces[0] }.joined(separator: ",")
        #expect(bench.call("GET", "/api/users/me/messages?spacelist=\(many)").status == 400)
        #expect(bench.call("GET", "/api/users/me/messages").status == 400)
        #expect(bench.call("GET", "/api/users/me/messages?spacelist=\(list)&size=500").items.count == 5)
    }
}
