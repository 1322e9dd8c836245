import TidemarkModel
import Testing

@testable import TidemarkStore

@Suite struct EnqueueTests {
    @Test func `a send and what views show of it are one transaction`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        // The second statement of the transaction fails: the echo must not stay behind.
        try world.sql("CREATE TEMP TRIGGER refuse BEFORE INSERT ON intent BEGIN SELECT RAISE(ABORT, 'no'); END")
        #expect(throws: StoreError.self) { try world.send("hello", to: conversation) }
        #expect(try world.number("SELECT count(*) FROM message") == 0)
        try world.sql("DROP TRIGGER temp.refuse")
        let send = try world.send("hello", to: conversation)
        let echo = try #require(try world.message(send.message))
        #expect(echo.text == "hello" && echo.isOwn && echo.token == send.token.rawValue)
        #expect(echo.sort == MessageRow.tail + send.intent.number)
    }

    @Test func `the same token with the same wish is the first intent`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let first = try world.send("hello", to: conversation, token: "t")
        #expect(try world.send("hello", to: conversation, token: "t") == first)
        #expect(try world.number("SELECT count(*) FROM intent") == 1)
        #expect(try world.number("SELECT count(*) FROM message") == 1)
    }

    @Test func `the same token with another wish is refused`() throws {
        var world = try OutboxWorld()
        let (one, two) = (try world.conversation("19:a"), try world.conversation("19:b"))
        let send = try world.send("hello", to: one, token: "t")
        let others: [Wish] = [
            .send(OutgoingMessage("other"), to: one), .send(OutgoingMessage("hello"), to: two), .rename(one, topic: "hello"),
            .delete(try #require(send.message)),
        ]
        for wish in others {
            #expect { try world.wish(wish, token: "t") } throws: { ($0 as? StoreError)?.code == .tokenReused }
        }
        #expect(try world.number("SELECT count(*) FROM intent") == 1)
    }

    @Test func `a token that the engine made for itself is refused and not a failure of the disk`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let add = try world.wish(.addParticipants([Participant(id: "8:b")], to: conversation), token: "t")
        let delivery = try #require(try world.claim().first)
        try world.settle(
            delivery, .success(Acceptance(failures: [PartialFailure(target: "8:b", code: "Forbidden", message: "no")])))
        #expect(try world.state(add) == .confirmed)
        #expect { try world.send("x", to: conversation, token: "t/refused") } throws: {
            ($0 as? StoreError)?.code == .tokenReused
        }
    }

    @Test func `every verb becomes one intent and one delivery`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let own = try world.sent("hello", in: conversation)
        let message = try #require(own.message)
        try world.seeNow(.foreign(200), in: conversation)
        let history: [(Wish, String)] = [
            (.createConversation(topic: "Trip", participants: []), "create Trip"),
            (.send(OutgoingMessage("a"), to: conversation), "send a"),
            (.edit(message, text: "b", metadata: [:]), "edit 100 b"),
            (.markRead(conversation, upTo: nil), "read 200"),
            (.rename(conversation, topic: "T"), "rename T"),
            (.addParticipants([Participant(id: "8:b")], to: conversation), "add 8:b"),
            (.removeParticipant("8:b", from: conversation), "remove 8:b"),
            (.delete(message), "delete 100"),
            (.deleteConversation(conversation), "deleteConversation"),
        ]
        for (wish, summary) in history {
            let enqueued = try world.wish(wish)
            let deliveries = try world.claim()
            #expect(deliveries.summary == [summary])
            let delivery = try #require(deliveries.first)
            #expect(delivery.intent == enqueued.intent && delivery.token == enqueued.token && delivery.attempt == 1)
            try world.accept(delivery, message: "300", thread: "19:new")
        }
        #expect(
            try world.number("SELECT count(*) FROM intent WHERE state IN ('queued', 'transmitting', 'inDoubt', 'parked')") == 0)
    }

    // MARK: Coalescing

    @Test func `many edits of a sent message are one request with the newest text`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let message = try #require(try world.sent(in: conversation).message)
        let edits = try (1...5).map { try world.wish(.edit(message, text: "edit \($0)", metadata: [:]), token: Token("e\($0)")) }
        #expect(Set(edits.map(\.intent)).count == 1)
        let deliveries = try world.claim()
        #expect(deliveries.summary == ["edit 100 edit 5"])
        // The tokens that were folded away still stand for it.
        for (number, edit) in edits.enumerated() {
            #expect(
                try world.wish(.edit(message, text: "edit \(number + 1)", metadata: [:]), token: Token("e\(number + 1)")) == edit)
        }
        #expect { try world.wish(.edit(message, text: "else", metadata: [:]), token: "e2") } throws: {
            ($0 as? StoreError)?.code == .tokenReused
        }
    }

    @Test func `edits written while the network was away are one request`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let message = try #require(try world.sent(in: conversation).message)
        try world.wish(.edit(message, text: "one", metadata: [:]))
        try world.fail(try #require(try world.claim().first), .unreachable)
        try world.wish(.edit(message, text: "two", metadata: [:]))
        try world.wish(.edit(message, text: "three", metadata: [:]))
        world.pass(.seconds(120))
        let delivery = try #require(try world.claim().first)
        #expect(delivery.action.summary == "edit 100 three")
        try world.accept(delivery)
        #expect(try world.claim().isEmpty)
    }

    @Test func `edits of a message in transmission are one request once it has its remote id`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let send = try world.send("hello", to: conversation)
        let delivery = try #require(try world.claim().first)
        for text in ["one", "two", "three"] { try world.wish(.edit(try #require(send.message), text: text, metadata: [:])) }
        #expect(try world.claim().isEmpty)
        try world.accept(delivery, message: "100")
        let edit = try #require(try world.claim().first)
        #expect(edit.action.summary == "edit 100 three")
        try world.accept(edit)
        #expect(try world.claim().isEmpty)
    }

    @Test func `a send that is edited before it left is one send of the new text`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let send = try world.wish(.send(OutgoingMessage("hello", metadata: ["a": "1", "b": "2"]), to: conversation))
        let message = try #require(send.message)
        let edit = try world.wish(.edit(message, text: "better", metadata: ["a": "", "c": "3"]))
        #expect(edit.intent == send.intent)
        let delivery = try #require(try world.claim().first)
        #expect(delivery.action == .send(OutgoingMessage("better", metadata: ["b": "2", "c": "3"]), in: "19:a"))
        #expect(try world.message(message)?.text == "better")
        #expect(try world.message(message)?.metadata?.contains("\"c\":\"3\"") == true)
        #expect(try world.number("SELECT count(*) FROM intent") == 1)
    }

    @Test func `a send that is deleted before it left is nothing at all`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let send = try world.send("hello", to: conversation)
        let message = try #require(send.message)
        try world.wish(.edit(message, text: "better", metadata: [:]))
        let delete = try world.wish(.delete(message), token: "d")
        #expect(try world.state(send) == .cancelled)
        #expect(try world.message(message) == nil)
        #expect(try world.claim().isEmpty)
        #expect(try world.number("SELECT count(*) FROM tokenTombstone") == 0)
        #expect(delete.intent == send.intent)
    }

    @Test func `read marks coalesce to the newest`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let messages = try (1...3).map { try world.seeNow(.foreign(Int64($0) * 100), in: conversation) }
        for message in messages { try world.wish(.markRead(conversation, upTo: message)) }
        #expect(try world.claim().summary == ["read 300"])
        #expect(try world.claim().isEmpty)
    }

    @Test func `read marks set while the network was away are one request`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let messages = try (1...3).map { try world.seeNow(.foreign(Int64($0) * 100), in: conversation) }
        try world.wish(.markRead(conversation, upTo: messages[0]))
        try world.fail(try #require(try world.claim().first), .unreachable)
        try world.wish(.markRead(conversation, upTo: messages[1]))
        try world.wish(.markRead(conversation, upTo: messages[2]))
        world.pass(.seconds(120))
        let delivery = try #require(try world.claim().first)
        #expect(delivery.action.summary == "read 300")
        try world.accept(delivery)
        #expect(try world.claim().isEmpty)
    }

    @Test func `a rename before its create left is the create's topic`() throws {
        var world = try OutboxWorld()
        let create = try world.wish(.createConversation(topic: "Trip", participants: []))
        let rename = try world.wish(.rename(create.conversation, topic: "Journey"))
        #expect(rename.intent == create.intent)
        #expect(try world.text("SELECT topic FROM conversation") == "Journey")
        #expect(try world.claim().summary == ["create Journey"])
    }

    @Test func `a rename of a create that may have landed is a request of its own`() throws {
        var world = try OutboxWorld()
        let create = try world.wish(.createConversation(topic: "Trip", participants: []))
        try world.lose(try #require(try world.claim().first))
        let rename = try world.wish(.rename(create.conversation, topic: "Journey"))
        #expect(rename.intent != create.intent)
        world.pass(.seconds(120))
        #expect(try world.claim().summary == ["create Trip"])
    }

    @Test func `renames that wait are one request with the newest topic`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        for topic in ["a", "b", "c"] { try world.wish(.rename(conversation, topic: topic)) }
        #expect(try world.claim().summary == ["rename c"])
    }

    @Test func `deleting a conversation cancels what is unsent and leaves one request and says how many`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let sends = try ["a", "b"].map { try world.send($0, to: conversation) }
        let rename = try world.wish(.rename(conversation, topic: "c"))
        #expect(try world.wish(.deleteConversation(conversation)).cancelled == 3)
        // Asked again, there is nothing left to cancel.
        #expect(try world.wish(.deleteConversation(conversation)).cancelled == 0)
        for cancelled in sends + [rename] { #expect(try world.state(cancelled) == .cancelled) }
        #expect(try world.claim().summary == ["deleteConversation"])
        #expect { try world.send("late", to: conversation) } throws: { ($0 as? StoreError)?.code == .notAllowed }
    }

    @Test func `deleting a conversation that was never made cancels all of it and asks the service nothing`() throws {
        var world = try OutboxWorld()
        let create = try world.wish(.createConversation(topic: "Trip", participants: []))
        let send = try world.send("a", to: create.conversation)
        #expect(try world.wish(.deleteConversation(create.conversation)).cancelled == 2)
        #expect(try world.state(create) == .cancelled && world.state(send) == .cancelled)
        #expect(try world.claim().isEmpty)
    }

    @Test func `a deleted conversation whose create is refused waits for nothing`() throws {
        var world = try OutboxWorld()
        let create = try world.wish(.createConversation(topic: "Trip", participants: []))
        let delivery = try #require(try world.claim().first)
        let delete = try world.wish(.deleteConversation(create.conversation))
        try world.fail(delivery, .refused)
        #expect(try world.claim().isEmpty)
        #expect(try world.state(create) == .cancelled && world.state(delete) == .confirmed)
    }

    // MARK: Folded copies

    @Test func `deleting the second copy of a message that is being deleted adds no request`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let send = try world.sent(at: 100, in: conversation)
        let copy = try world.seeNow(.own(150, token: send.token), in: conversation)
        let first = try world.wish(.delete(try #require(send.message)))
        #expect(try world.wish(.delete(copy)).intent == first.intent)
        #expect { try world.wish(.edit(copy, text: "x", metadata: [:])) } throws: { ($0 as? StoreError)?.code == .notAllowed }
    }
}
