import Testing
@testable import TidemarkSimulator

struct AvayaSocketTests {
    @Test func `a handshake gives its facts, and the namespace is confirmed in each form`() throws {
        for (form, comma) in [("40/chat", false), ("40/chat,", true), ("40/chat?token=TOKEN&tokenType=jwt,", false)] {
            var bench = AvayaBench { $0.confirmsWithComma = comma }
            let token = bench.avaya.users[0].token
            guard case .opened(let connection, let first) = bench.open(token) else {
                Issue.record("refused")
                return
            }
            let texts = AvayaBench.told(first)
            #expect(texts.count == 2 && texts[1] == "40")
            let facts = JSON(Array(texts[0].dropFirst().utf8))
            #expect(facts?["pingInterval"] == .number(25_000) && facts?["upgrades"] == .list([]) && texts[0].hasPrefix("0{"))
            #expect(AvayaBench.told(bench.hear("2", on: connection)) == ["3"])
            let answer = bench.hear(form.replacing("TOKEN", with: token), on: connection)
            #expect(AvayaBench.told(answer) == [comma ? "40/chat," : "40/chat"])
            #expect(AvayaBench.told(bench.hear("40/other", on: connection)) == [#"44/other,"Invalid namespace""#])
        }
    }

    @Test func `polling, another protocol and another path are refused`() {
        var bench = AvayaBench()
        for target in [
            "/socket.io/?EIO=3&transport=polling", "/socket.io/?EIO=4&transport=websocket", "/socket.io/?transport=websocket",
            "/elsewhere?EIO=3&transport=websocket", "",
        ] {
            guard case .refused(let status, let body) = bench.avaya.open(target, now: bench.time) else {
                Issue.record("\(target) was opened")
                continue
            }
            #expect([400, 404].contains(status) && JSON(body)?["message"]?.text != nil)
        }
        #expect(bench.avaya.connectionCount == 0)
    }

    @Test(arguments: [true, false]) func `a wrong token is refused at the reading's step`(atHandshake: Bool) {
        var bench = AvayaBench { $0.checksTokenAtHandshake = atHandshake }
        let token = bench.avaya.users[0].token
        for (token, type) in [("nonsense", "jwt"), (token, "oauth")] {
            switch bench.open(token, "&tokenType=\(type)") {
            case .refused(let status, _): #expect(atHandshake && status == 401)
            case .opened(let connection, _):
                let answer = bench.hear("40/chat", on: connection)
                #expect(!atHandshake && AvayaBench.told(answer) == [#"44/chat,"Authentication error""#])
                #expect(bench.hear(AvayaBench.subscription(bench.space()), on: connection).isEmpty)
            }
        }
    }

    @Test func `a send comes to every subscriber, and its metadata only to the connection that sent it`() throws {
        var bench = AvayaBench()
        let space = bench.space("Trip")
        let mine = bench.connect(as: 0, space)
        let second = bench.connect(as: 0, space)
        let theirs = bench.connect(as: 1, space)
        let elsewhere = bench.connect(as: 1, bench.space())
        let metadata = JSON.members(("id", .text("x")), ("list", .list([.number(1), .real(1.5), .null])))
        let sends = bench.hear(AvayaBench.message("hi", in: space, ("loopbackMetadata", metadata)), on: mine)
        let told = AvayaBench.payloads(sends, "MESSAGE_SENT")
        #expect(
            sends.map(\.connection) == [mine, second, theirs] && told.count == 3 && !sends.map(\.connection).contains(elsewhere))
        #expect(told[0]["loopbackMetadata"] == metadata)
        #expect(told[1]["loopbackMetadata"] == nil && told[2]["loopbackMetadata"] == nil)
        #expect(told[2]["topicTitle"]?.text == "Trip" && told[2]["topicType"]?.text == "group")
        #expect(told[2]["sender"]?["_id"]?.text == bench.avaya.users[0].id)
        // It is in the listings, without the metadata.
        let listed = try #require(bench.feed(space).first)
        #expect(listed["_id"] == told[0]["_id"] && listed["loopbackMetadata"] == nil)
    }

    @Test func `what comes over REST is told too, before its answer is out`() throws {
        var bench = AvayaBench()
        let space = bench.space()
        let connection = bench.connect(as: 1, space)
        let id = bench.send("one", in: space)
        bench.call("PATCH", "/api/messages/\(id)", #"{"content":{"bodyText":"two"}}"#)
        bench.call("POST", "/api/messages/deletemessages", #"["\#(id)"]"#)
        bench.call("POST", "/api/spaces/\(space)", #"{"title":"New"}"#)
        bench.call("POST", "/api/users/me/spaces/\(space)/markread", "{}", as: 1)
        let sends = bench.avaya.tick(now: bench.time)
        #expect(sends.allSatisfy { $0.connection == connection })
        let told = AvayaBench.payloads(sends, "MESSAGE_SENT")
        let categories = told.map { $0["category"]?.text }
        #expect(categories == ["chat", "chat", "app.event.message.removed", "topic.updated"])
        #expect(told[1]["content"]?["bodyText"]?.text == "two" && told[2]["_id"]?.text == id)
        #expect(told[3]["topicTitle"]?.text == "New")
        #expect(AvayaBench.payloads(sends, "TOPIC_READ").first?["topicId"]?.text == space)
    }

    @Test func `what is told of a chat's edit and deletion is a reading`() {
        for (event, edits, categories) in [
            (AvayaBehavior.DeletionEvent.none, false, ["chat"]), (.marked, true, ["chat", "chat", "chat"]),
            (.removed, false, ["chat", "app.event.message.removed"]),
        ] {
            var bench = AvayaBench {
                $0.deletionEvent = event
                $0.announcesEdits = edits
            }
            let space = bench.space()
            _ = bench.connect(as: 1, space)
            let id = bench.send("one", in: space)
            bench.call("PATCH", "/api/messages/\(id)", #"{"content":{"bodyText":"two"}}"#)
            bench.call("POST", "/api/messages/deletemessages", #"["\#(id)"]"#)
            let told = AvayaBench.payloads(bench.avaya.tick(now: bench.time), "MESSAGE_SENT")
            #expect(told.map { $0["category"]?.text ?? "" } == categories)
            // A post's are told in any reading.
            let idea = bench.call("POST", "/api/spaces/\(space)/ideas", #"{"content":{"bodyText":"i"}}"#).ids[0]
            bench.call("PATCH", "/api/messages/\(idea)", #"{"content":{"bodyText":"j"}}"#)
            bench.call("POST", "/api/messages/deletemessages", #"["\#(idea)"]"#)
            #expect(bench.avaya.tick(now: bench.time).count == 3)
        }
    }

    @Test func `subscribing needs a right, and a password where there is one`() {
        var bench = AvayaBench()
        let locked = bench.space(password: "s3cret")
        let closed = bench.avaya.createSpace("c", by: bench.avaya.users[0].id, isOpen: false, now: bench.time)
        let connection = bench.connect(as: 1)
        for space in [locked, closed, "000000000000000000000000", "x"] {
            let sends = bench.hear(AvayaBench.subscription(space), on: connection)
            let failure = AvayaBench.payloads(sends, "SUBSCRIBE_CHANNEL_FAILED").first
            #expect(failure?["channel"]?["_id"]?.text == space && failure?["error"]?["code"] != nil)
        }
        let channel = JSON.members(("_id", .text(locked)), ("type", .text("topic")), ("password", .text("s3cret")))
        let right = AvayaPacket.event("SUBSCRIBE_CHANNEL", .members(("channel", channel)))
        let answer = AvayaBench.payloads(bench.hear(right, on: connection), "CHANNEL_SUBSCRIBED").first
        #expect(answer?["channel"]?["_id"]?.text == locked && answer?["dtsid"] != nil && answer?["sessionId"] != nil)
        let sent = bench.hear(AvayaBench.message("in", in: locked), on: connection)
        #expect(AvayaBench.payloads(sent, "MESSAGE_SENT").count == 1)
        let left = bench.hear(AvayaBench.subscription(locked, "UNSUBSCRIBE_CHANNEL"), on: connection)
        #expect(AvayaBench.payloads(left, "CHANNEL_UNSUBSCRIBED").count == 1)
        _ = bench.send("unheard", in: locked)
        #expect(bench.avaya.tick(now: bench.time).isEmpty)
    }

    @Test func `a send that fails says so to its sender only`() {
        for returns in [true, false] {
            var bench = AvayaBench { $0.failureReturnsPayload = returns }
            let space = bench.space()
            let connection = bench.connect()
            let more = ("loopbackMetadata", JSON?.some(.text("mine")))
            let unsubscribed = bench.hear(AvayaBench.message("x", in: space, more), on: connection)
            let failure = AvayaBench.payloads(unsubscribed, "SEND_MESSAGE_FAILED").first
            #expect(failure?["category"]?.text == "app.event.channel.subscription.required")
            #expect((failure?["loopbackMetadata"]?.text == "mine") == returns && unsubscribed.count == 1)
            bench.hear(AvayaBench.subscription(space), on: connection)
            let empty = bench.hear(AvayaBench.message("", in: space, more), on: connection)
            let refused = AvayaBench.payloads(empty, "SEND_MESSAGE_FAILED").first
            #expect(refused?["error"]?["code"]?.text == "request.invalid")
            #expect((refused?["loopbackMetadata"]?.text == "mine") == returns)
            #expect(bench.avaya.space(space)?.messages.isEmpty == true)
        }
        var bench = AvayaBench { $0.sendsWithoutSubscription = true }
        let space = bench.space()
        bench.hear(AvayaBench.message("x", in: space), on: bench.connect())
        #expect(bench.avaya.copies(of: "x").count == 1)
    }

    @Test func `typing goes to the others, or comes back too`() {
        for comesBack in [false, true] {
            var bench = AvayaBench { $0.presenceComesBack = comesBack }
            let space = bench.space()
            let mine = bench.connect(as: 0, space)
            let theirs = bench.connect(as: 1, space)
            let typing = JSON.members(("category", .text("party.typing")), ("topicId", .text(space)), ("content", .members()))
            let sends = bench.hear(AvayaPacket.event("SEND_PRESENCE_EVENT", typing), on: mine)
            #expect(sends.map(\.connection) == (comesBack ? [mine, theirs] : [theirs]))
            let told = AvayaBench.payloads(sends, "PRESENCE_EVENT_RESPONSE", to: theirs).first
            #expect(told?["category"]?.text == "party.typing" && told?["content"]?["sessionId"] != nil)
            let named = JSON.members(
                ("category", .text("app.event.presence.party.online")), ("topicId", .text(space)),
                ("receivers", .list([.text(bench.avaya.users[2].id)])))
            #expect(bench.hear(AvayaPacket.event("SEND_PRESENCE_EVENT", named), on: mine).isEmpty)
        }
    }

    @Test func `created, description and acknowledgements are the reading's`() {
        for keeps in [true, false] {
            var bench = AvayaBench {
                $0.keepsCreated = keeps
                $0.keepsDescription = keeps
                $0.answersAcks = keeps
            }
            let space = bench.space()
            let connection = bench.connect(as: 0, space)
            let content = JSON.members(("bodyText", .text("x")), ("description", .text("mark")))
            let payload = JSON.members(
                ("category", .text("chat")), ("topicId", .text(space)), ("content", content),
                ("created", .text("2017-06-26T18:09:55.839Z")))
            let frame = AvayaPacket.event("SEND_MESSAGE", payload).replacing("42/chat,", with: "42/chat,17")
            let sends = bench.hear(frame, on: connection)
            #expect(AvayaBench.told(sends).contains("43/chat,17[]") == keeps)
            let told = AvayaBench.payloads(sends, "MESSAGE_SENT").first
            #expect((told?["created"]?.text == "2017-06-26T18:09:55.839Z") == keeps)
            #expect(told?["content"]?["description"]?.text == (keeps ? "mark" : ""))
        }
    }
}
