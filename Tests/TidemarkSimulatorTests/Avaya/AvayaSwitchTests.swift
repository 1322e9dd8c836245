import HTTPTypes
import Testing
@testable import TidemarkSimulator

/// Each switch makes a difference that a client can see.
struct AvayaSwitchTests {
    @Test(arguments: [true, false]) func `the feed's order`(isAscending: Bool) {
        var bench = AvayaBench { $0.feedIsAscending = isAscending }
        let space = bench.space()
        let ids = (0..<5).map { bench.send("\($0)", in: space) }
        let feed = bench.feed(space, 0, "&size=2").compactMap { $0["_id"]?.text }
        #expect(feed == (isAscending ? ids : ids.reversed()))
    }

    @Test(arguments: [true, false]) func `whether after is inclusive`(isInclusive: Bool) {
        var bench = AvayaBench { $0.afterIsInclusive = isInclusive }
        let space = bench.space()
        _ = bench.send("x", in: space)
        #expect(bench.feed(space, bench.now).count == (isInclusive ? 1 : 0))
    }

    @Test(arguments: AvayaBehavior.DeletionMark.allCases) func `a deletion's mark`(mark: AvayaBehavior.DeletionMark) {
        var bench = AvayaBench { $0.deletionMark = mark }
        let space = bench.space()
        let id = bench.send("x", in: space)
        bench.call("POST", "/api/messages/deletemessages", #"["\#(id)"]"#)
        #expect(bench.feed(space, 0, "").isEmpty)
        let item = bench.feed(space).first
        switch mark {
        case .status: #expect(item?["status"] == .number(2))
        case .flag: #expect(item?["isDeleted"] == .bool(true) && item?["status"] == .number(0))
        case .stamp: #expect(item?["deleted"]?.text == AvayaTime.text(bench.avaya.message(id)?.deletedAt ?? 0))
        case .bareID: #expect(item?["_id"]?.text == id && item?["content"] == nil && item?["sender"] == nil)
        case .absent: #expect(item == nil)
        }
        #expect(item?["content"]?["bodyText"]?.text ?? "" == "")
    }

    @Test(arguments: [true, false]) func `whether a deletion moves in the feed`(bumps: Bool) {
        var bench = AvayaBench { $0.deletesBumpModified = bumps }
        let space = bench.space()
        let id = bench.send("x", in: space)
        let since = bench.now
        bench.now += 1000
        bench.call("POST", "/api/messages/deletemessages", #"["\#(id)"]"#)
        #expect(bench.feed(space, since).count == (bumps ? 1 : 0))
        #expect(bench.feed(space, since - 1).count == 1)
    }

    @Test(arguments: [true, false]) func `whether an edit shows another modified`(bumps: Bool) {
        var bench = AvayaBench { $0.editsBumpModified = bumps }
        let space = bench.space()
        let id = bench.send("x", in: space)
        let since = bench.now
        bench.now += 1000
        bench.call("PATCH", "/api/messages/\(id)", #"{"content":{"bodyText":"y"}}"#)
        let item = bench.feed(space, since).first
        #expect(item?["content"]?["bodyText"]?.text == "y")
        #expect((item?["modified"] != item?["created"]) == bumps)
    }

    @Test(arguments: [true, false]) func `what a page token means`(isKeyset: Bool) {
        var bench = AvayaBench { $0.pagesByKeyset = isKeyset }
        let space = bench.space()
        let ids = (0..<4).map { bench.send("\($0)", in: space) }
        let first = bench.call("GET", "/api/users/me/messages?spacelist=\(space)&size=2")
        // What moves to the end meanwhile makes the walk by counts miss one.
        bench.call("PATCH", "/api/messages/\(ids[0])", #"{"content":{"bodyText":"y"}}"#)
        let second = bench.call("GET", first.nextLink ?? "")
        #expect(second.ids == (isKeyset ? [ids[2], ids[3]] : [ids[3], ids[0]]))
        #expect(bench.call("GET", "/api/users/me/messages?spacelist=\(space)&pageToken=zz").status == 400)
    }

    @Test func `an end of pages and its links`() {
        for (end, expected) in [(AvayaBehavior.EndOfPages.absent, nil), (.empty, ""), (.end, "end")] as [(_, String?)] {
            var bench = AvayaBench {
                $0.endOfPages = end
                $0.linksAreRelative = end == .end
                $0.abbreviatesPrevious = end == .empty
            }
            let space = bench.space()
            for number in 0..<3 { _ = bench.send("\(number)", in: space) }
            let pages = bench.walk("/api/spaces/\(space)/messages/query?direction=before&size=2&pageref=a%20b")
            #expect(pages.count == 2 && pages[1]["nextPageUrl"]?.text == expected)
            #expect(pages[0].nextLink?.hasPrefix("/api/") == (end == .end))
            #expect((pages[1]["prevPageUrl"] != nil) == (end == .empty))
            #expect((pages[1]["previousPageUrl"] != nil) == (end != .empty) && pages[1]["pageref"]?.text == "a b")
        }
    }

    @Test(arguments: AvayaBehavior.GuestHistory.allCases) func `what a guest reads`(history: AvayaBehavior.GuestHistory) {
        var bench = AvayaBench { $0.guestHistory = history }
        let space = bench.space(guestsSeeHistory: false)
        _ = bench.send("before", in: space)
        let guest = bench.guest()
        bench.call("GET", "/api/spaces/\(space)/join", as: guest)
        _ = bench.send("since", in: space)
        let listing = bench.call("GET", "/api/spaces/\(space)/messages/query?direction=before", as: guest)
        let feed = bench.call("GET", "/api/users/me/messages?spacelist=\(space)", as: guest)
        #expect(listing.status == (history == .refused ? 403 : 200) && feed.status == listing.status)
        #expect(listing.texts == (history == .sinceJoin ? ["since"] : []) && feed.texts == listing.texts)
        #expect(bench.call("GET", "/api/spaces/\(space)/messages/query?direction=before", as: 1).items.count == 2)
    }

    @Test func `a body's changes on its way back`() {
        let text = #"it's <a href="x">"here"</a><script>bad()</script>"#
        func read(_ change: (inout AvayaBehavior) -> Void) -> String? {
            var bench = AvayaBench(change)
            let space = bench.space()
            _ = bench.send(text, in: space)
            return bench.feed(space).first?["content"]?["bodyText"]?.text
        }
        #expect(read { _ in } == #"it's <a href="x">"here"</a>"#)
        #expect(read { $0.sanitises = false } == text)
        #expect(read { $0.wrapsBodies = true } == #"<p>it's <a href="x">"here"</a></p>"#)
        #expect(read { $0.escapesQuotes = true } == #"it&#x27;s <a href="x">&quot;here&quot;</a>"#)
    }

    @Test(arguments: AvayaBehavior.SingleShape.allCases) func `one message's shape`(shape: AvayaBehavior.SingleShape) {
        var bench = AvayaBench { $0.singleShape = shape }
        let space = bench.space()
        let id = bench.send("x", in: space)
        let answer = bench.call("GET", "/api/messages/\(id)")
        #expect(answer.object?["_id"]?.text == id)
        #expect((answer["data"] != nil) == (shape != .bare) && (answer["data"]?.list != nil) == (shape == .list))
    }

    @Test func `answers' wrappings and statuses`() {
        var bench = AvayaBench {
            $0.answersBareObjects = false
            $0.wrapsErrors = true
            $0.sendStatus = 201
            $0.unknownMessageStatus = 400
            $0.foreignEditStatus = 400
            $0.maximumTextBytes = 10
        }
        let space = bench.space()
        #expect(bench.call("GET", "/api/users/me")["data"]?["_id"] != nil)
        #expect(bench.call("GET", "/api/spaces/\(space)")["data"]?["_id"] != nil)
        #expect(bench.call("GET", "/api/users/me", authorization: "")["error"]?["code"] != nil)
        let sent = bench.call("POST", "/api/spaces/\(space)/chats", #"{"content":{"bodyText":"x"}}"#)
        #expect(sent.status == 201)
        #expect(bench.call("GET", "/api/messages/000000000000000000000000").status == 400)
        #expect(bench.call("PATCH", "/api/messages/\(sent.ids[0])", #"{"content":{"bodyText":"y"}}"#, as: 1).status == 400)
        let long = bench.call("POST", "/api/spaces/\(space)/chats", #"{"content":{"bodyText":"01234567890"}}"#)
        #expect(long.status == 413)
    }

    @Test func `a listing's switches`() {
        func ids(_ query: String, _ change: (inout AvayaBehavior) -> Void) -> Int {
            var bench = AvayaBench(change)
            let space = bench.space()
            let chats = (0..<3).map { bench.send("\($0)", in: space) }
            bench.call("POST", "/api/spaces/\(space)/tasks", #"{"content":{"bodyText":"t"}}"#)
            bench.call("POST", "/api/messages/deletemessages", #"["\#(chats[2])"]"#)
            let time = AvayaTime.text(bench.avaya.message(chats[1])?.created ?? 0)
            let query = query.replacing("TIME", with: time).replacing("ID", with: chats[1])
            return bench.call("GET", "/api/spaces/\(space)/messages/query?\(query)").items.count
        }
        #expect(ids("direction=before") { _ in } == 2)
        #expect(ids("direction=before") { $0.queriesAllCategories = true } == 3)
        #expect(ids("direction=before") { $0.queriesShowDeleted = true } == 3)
        #expect(ids("direction=before&refTime=TIME") { _ in } == 1)
        #expect(ids("direction=before&refTime=TIME") { $0.refTimeIsInclusive = true } == 2)
        #expect(ids("direction=before&nextRefObjId=ID") { _ in } == 1)
        #expect(ids("direction=before&nextRefObjId=ID") { $0.refObjectIsInclusive = true } == 2)
        #expect(ids("refTime=TIME") { _ in } == 0)
        #expect(ids("refTime=TIME") { $0.queriesAfterByDefault = false } == 1)
    }

    @Test func `a query after no time, and the order of one after a time`() {
        for flag in [true, false] {
            var bench = AvayaBench {
                $0.queriesAfterNow = flag
                $0.afterIsNewestFirst = flag
            }
            let space = bench.space()
            let ids = (0..<3).map { bench.send("\($0)", in: space) }
            let path = "/api/spaces/\(space)/messages/query?direction=after"
            #expect(bench.call("GET", path).items.count == (flag ? 0 : 3))
            #expect(bench.call("GET", "\(path)&refTime=2000-01-01T00:00:00Z").ids == (flag ? ids.reversed() : ids))
        }
    }

    @Test func `lists that run out of order show a later message before an earlier one`() {
        func isEverOut(_ flag: Bool) -> Bool {
            var bench = AvayaBench {
                $0.listLag = 2000
                $0.listsRunOutOfOrder = flag
            }
            let space = bench.space()
            return (0..<60).contains { number in
                _ = bench.send("\(number)", in: space)
                bench.now += 100
                let texts = bench.feed(space, 0, "&size=50").compactMap { $0["content"]?["bodyText"]?.text }
                return texts != (0..<texts.count).map(String.init)
            }
        }
        #expect(isEverOut(true) && !isEverOut(false))
    }

    @Test func `what may be answered`() {
        for flag in [true, false] {
            var bench = AvayaBench { $0.repliesToChats = flag }
            let space = bench.space()
            let chat = bench.send("one", in: space)
            let body = #"{"content":{"bodyText":"two"},"parentMsg":{"_id":"\#(chat)"}}"#
            #expect(bench.call("POST", "/api/spaces/\(space)/chats", body).status == (flag ? 200 : 400))
            // What answers a chat is listed with the chats, what answers a post is not.
            let listed = bench.call("GET", "/api/spaces/\(space)/messages/query?direction=before&size=50").texts
            #expect(listed == (flag ? ["two", "one"] : ["one"]))
        }
    }

    @Test func `what tokens and addresses are good for`() throws {
        for flag in [true, false] {
            var bench = AvayaBench {
                $0.accessTokensAreJWT = flag
                $0.accessTokenSeconds = flag ? 900 : 60
                $0.invalidGrantStatus = flag ? 401 : 400
                $0.uploadSeconds = flag ? 100 : 10
                $0.downloadSeconds = flag ? 100 : 10
            }
            let client = "client_id=\(bench.avaya.clientID)&client_secret=\(bench.avaya.clientSecret)"
            let body =
                "grant_type=refresh_token&\(client)&refresh_token=\(bench.avaya.refreshToken(for: bench.avaya.users[0].id))"
            let form = "application/x-www-form-urlencoded"
            let answer = bench.call("POST", "/oauth2/access_token", body, authorization: "", type: form)
            let access = try #require(answer["access_token"]?.text)
            #expect(access.split(separator: ".").count == (flag ? 3 : 2) && answer["expires_in"] == .number(flag ? 900 : 60))
            #expect(bench.call("POST", "/oauth2/access_token", body, authorization: "", type: form).status == (flag ? 401 : 400))
            let wanted = #"{"files":[{"Content-Type":"a/b","Content-Length":1}]}"#
            let place = try #require(bench.call("POST", "/api/files/getuploadurl", wanted).items.first)
            let url = try #require(place["url"]?.text)
            #expect(bench.call("PUT", url, "x", authorization: "", type: "a/b").status == 200)
            let keys = #"{"fileKeys":["\#(place["fileKey"]?.text ?? "")"]}"#
            let link = try #require(bench.call("POST", "/api/files/getdownloadurl", keys).items.first?["url"]?.text)
            bench.now += 60_000
            #expect(bench.call("GET", "/api/users/me", authorization: "bearer \(access)").status == (flag ? 200 : 401))
            #expect(bench.call("PUT", url, "x", authorization: "", type: "a/b").status == (flag ? 200 : 403))
            #expect(bench.call("GET", link, authorization: "").status == (flag ? 200 : 403))
        }
    }

    @Test func `a walk ends though each page repeats what it refers to`() {
        var bench = AvayaBench { $0.refObjectIsInclusive = true }
        let space = bench.space()
        let ids = (0..<4).map { bench.send("\($0)", in: space) }
        let pages = bench.walk("/api/spaces/\(space)/messages/query?direction=before&size=2")
        #expect(pages.count < 10 && Set(pages.flatMap(\.ids)) == Set(ids))
    }

    @Test func `a change is listed later where lists lag`() {
        var bench = AvayaBench { $0.listLag = 1000 }
        let space = bench.space()
        let id = bench.send("x", in: space)
        #expect(bench.feed(space).isEmpty)
        bench.now += 1000
        #expect(bench.feed(space).count == 1)
        bench.call("PATCH", "/api/messages/\(id)", #"{"content":{"bodyText":"y"}}"#)
        #expect(bench.feed(space).first?["content"]?["bodyText"]?.text == "x")
        bench.now += 1000
        #expect(bench.feed(space).first?["content"]?["bodyText"]?.text == "y")
    }

    @Test func `descriptions of posts, and members by visiting`() {
        for flag in [true, false] {
            var bench = AvayaBench {
                $0.keepsPostedDescription = flag
                $0.visitingJoins = flag
                $0.deletedCanBeRead = flag
                $0.commentsBumpParent = flag
                $0.feedSkipsForeignSpaces = flag
            }
            let space = bench.space()
            let sent = bench.call("POST", "/api/spaces/\(space)/chats", #"{"content":{"bodyText":"x","description":"d"}}"#, as: 2)
            #expect(sent.items.first?["content"]?["description"]?.text == (flag ? "d" : ""))
            #expect((bench.avaya.space(space)?.member(bench.avaya.users[2].id) != nil) == flag)
            bench.call("POST", "/api/messages/deletemessages", #"["\#(sent.ids[0])"]"#, as: 2)
            #expect(bench.call("GET", "/api/messages/\(sent.ids[0])").status == (flag ? 200 : 404))
            let idea = bench.call("POST", "/api/spaces/\(space)/ideas", #"{"content":{"bodyText":"i"}}"#).ids[0]
            let before = bench.avaya.message(idea)?.modified
            bench.now += 50
            bench.avaya.send("c", as: bench.avaya.users[0].id, in: space, parent: idea, now: bench.time)
            #expect((bench.avaya.message(idea)?.modified != before) == flag)
            let closed = bench.avaya.createSpace("c", by: bench.avaya.users[0].id, isOpen: false, now: bench.time)
            let status = bench.call("GET", "/api/users/me/messages?spacelist=\(space),\(closed)", as: 1).status
            #expect(status == (flag ? 200 : 403))
        }
    }

    @Test func `limits are kept, refused with the reading's status`() {
        for (status, tells) in [(429, true), (503, false)] {
            var bench = AvayaBench {
                $0.limitsRates = true
                $0.rateStatus = status
                $0.sendsRetryAfter = tells
            }
            let answers = (0..<61).map { _ in bench.call("GET", "/api/users/me") }
            #expect(answers.map(\.status).firstIndex(of: status) == 60)
            #expect((answers[60].fields[.retryAfter] != nil) == tells)
            let space = bench.space()
            let marks = (0..<2).map { _ in bench.call("POST", "/api/users/me/spaces/\(space)/markread", "{}").status }
            #expect(marks == [200, status])
            bench.now += 60_000
            #expect(bench.call("GET", "/api/users/me").status == 200)
        }
    }

    @Test func `a seed draws its reading, and readings differ`() {
        #expect(AvayaBehavior(seed: 7) == AvayaBehavior.random(seed: 7))
        let drawn = (0..<200).map { AvayaBehavior(seed: $0) }
        #expect(Set(drawn).count > 190)
        #expect(Set(drawn.map(\.deletionMark)).count == AvayaBehavior.DeletionMark.allCases.count)
        #expect(drawn.contains { $0.feedIsAscending } && drawn.contains { !$0.feedIsAscending })
    }
}
