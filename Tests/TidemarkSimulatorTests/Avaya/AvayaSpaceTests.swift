import Testing
@testable import TidemarkSimulator

struct AvayaSpaceTests {
    @Test func `a space is made with its invitees, and again is another one`() throws {
        var bench = AvayaBench()
        let bob = bench.avaya.users[1]
        let invitee = #"{"inviteeType":"userId","invitee":"\#(bob.id)","role":"member"}"#
        let body = #"{"topic":{"title":"Trip","type":"group","id":null},"invitees":[\#(invitee)]}"#
        let first = try #require(bench.call("POST", "/api/spaces/invite", body).items.first?["topicId"]?.text)
        let second = bench.call("POST", "/api/spaces/invite", body).items.first?["topicId"]?.text
        #expect(first != second && bench.avaya.space(first)?.member(bob.id)?.role == "member")
        let members = bench.call("GET", "/api/spaces/\(first)/members?size=1")
        #expect(members.items.first?["role"]?.text == "admin" && members.nextLink?.contains("page=1") == true)
        #expect(bench.walk("/api/spaces/\(first)/members?size=1").flatMap(\.items).count == 2)
        let guest = bench.guest()
        #expect(bench.call("POST", "/api/spaces/invite", body, as: guest).status == 403)
        #expect(bench.call("POST", "/api/spaces/invite", #"{"topic":{}}"#).status == 400)
    }

    @Test func `an invitation is accepted by whom it names`() throws {
        var bench = AvayaBench { $0.invitesJoinAtOnce = false }
        let space = bench.avaya.createSpace("Closed", by: bench.avaya.users[0].id, isOpen: false, now: bench.time)
        let name = bench.avaya.users[2].username
        let invitees = #"{"invitees":[{"inviteeType":"email","invitee":"\#(name)","role":"member"}]}"#
        let id = try #require(bench.call("POST", "/api/spaces/\(space)/invite", invitees).ids.first)
        #expect(bench.call("GET", "/api/spaces/\(space)", as: 2).status == 403)
        #expect(bench.call("GET", "/api/spaces/invites/\(id)/join", as: 3).status == 404)
        #expect(bench.call("GET", "/api/spaces/invites/\(id)/join", as: 2)["topic"]?["_id"]?.text == space)
        #expect(bench.call("GET", "/api/spaces/\(space)", as: 2)["title"]?.text == "Closed")
    }

    @Test func `a password is asked for`() {
        var bench = AvayaBench()
        let space = bench.space(password: "s3cret")
        let path = "/api/spaces/\(space)"
        #expect(bench.call("GET", path, as: 1).status == 403)
        #expect(bench.call("GET", path, as: 1, password: "wrong")["code"]?.text == "topic.password.invalid")
        #expect(bench.call("GET", path, as: 1, password: "s3cret").status == 200)
        #expect(bench.call("GET", "\(path)/join", as: 2, password: "s3cret")["topic"]?["_id"]?.text == space)
        // Who made it needs none.
        #expect(bench.call("POST", "\(path)/chats", #"{"content":{"bodyText":"x"}}"#).status == 200)
    }

    @Test func `two people have one direct space`() throws {
        var bench = AvayaBench()
        let bob = bench.avaya.users[1].id
        let first = try #require(bench.call("GET", "/api/spaces/direct/user/\(bob)").ids.first)
        #expect(bench.call("GET", "/api/spaces/direct/user/\(bench.avaya.users[0].id)", as: 1).ids == [first])
        #expect(bench.call("GET", "/api/spaces/\(first)", as: 2).status == 403)
        _ = bench.send("hello", in: first)
        let listed = bench.call("GET", "/api/users/me/spaces?topictype=direct", as: 1).items
        #expect(listed.first?["latestChat"]?["content"]?["bodyText"]?.text == "hello")
        let guest = bench.guest()
        let stranger = "/api/spaces/direct/anonymous/\(bench.avaya.users[guest].id)"
        #expect(bench.call("GET", stranger).status == 403)
        let space = bench.space()
        bench.call("GET", "/api/spaces/\(space)/join", as: guest)
        #expect(bench.call("GET", stranger).status == 200)
    }

    @Test func `spaces are listed by activity, with what is unread`() throws {
        var bench = AvayaBench()
        let spaces = (0..<5).map { bench.space("Space \($0)") }
        bench.now += 1000
        let since = bench.now
        _ = bench.send("one", in: spaces[2])
        _ = bench.send("two", in: spaces[2])
        let all = bench.walk("/api/users/me/spaces?size=2", as: 1)
        #expect(all.map(\.items.count) == [2, 2, 1] && all.flatMap(\.ids).first == spaces[2])
        #expect(Set(all.flatMap(\.ids)) == Set(spaces))
        #expect(all[0].items.first?["unreadMessagesCount"] == .number(2))
        #expect(bench.call("GET", "/api/users/me/spaces?after=\(since)", as: 1).ids == [spaces[2]])
        #expect(bench.call("GET", "/api/users/me/spaces?search=space%203", as: 1).ids == [spaces[3]])
        #expect(bench.call("POST", "/api/users/me/spaces/\(spaces[2])/markread", "{}", as: 1).status == 200)
        let read = bench.call("GET", "/api/users/me/spaces?size=1", as: 1).items.first
        #expect(read?["unreadMessagesCount"] == .number(0))
        bench.call("POST", "/api/users/me/spaces/\(spaces[4])/preference", #"{"isPinned":true}"#)
        #expect(bench.call("GET", "/api/users/me/spaces?filtertype=pinned").ids == [spaces[4]])
        bench.avaya.archive(spaces[0], now: bench.time)
        bench.avaya.deleteSpace(spaces[1], now: bench.time)
        #expect(bench.call("GET", "/api/users/me/spaces?topicstatus=1").ids == [spaces[0]])
        let deleted = bench.call("GET", "/api/users/me/spaces?includedeleted=true").items.first
        #expect(deleted?["_id"]?.text == spaces[1] && deleted?["status"] == .number(2))
        #expect(bench.call("GET", "/api/spaces/\(spaces[1])").status == 404)
    }

    @Test func `only an admin changes a space`() {
        var bench = AvayaBench()
        let space = bench.space()
        #expect(bench.call("POST", "/api/spaces/\(space)", #"{"title":"New"}"#, as: 1).status == 403)
        #expect(bench.call("POST", "/api/spaces/\(space)", #"{"title":"New","description":"d"}"#)["title"]?.text == "New")
        #expect(bench.call("POST", "/api/spaces/\(space)", #"{"title":""}"#).status == 400)
        #expect(bench.call("GET", "/api/spaces/zz").status == 400)
        #expect(bench.call("GET", "/api/spaces/000000000000000000000000").status == 404)
    }
}
