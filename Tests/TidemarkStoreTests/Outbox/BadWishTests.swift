import TidemarkModel
import Testing

@testable import TidemarkStore

@Suite struct BadWishTests {
    private func refuses(_ code: StoreError.Code, _ body: () throws -> Void, at location: SourceLocation = #_sourceLocation) {
        #expect(sourceLocation: location) { try body() } throws: { ($0 as? StoreError)?.code == code }
    }

    @Test(arguments: ["", " ", "\n\t ", "\u{00A0}"]) func `a text of nothing is refused`(text: String) throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let message = try #require(try world.sent(in: conversation).message)
        refuses(.invalidArgument) { try world.send(text, to: conversation) }
        refuses(.invalidArgument) { try world.wish(.edit(message, text: text, metadata: [:])) }
        refuses(.invalidArgument) { try world.wish(.rename(conversation, topic: text)) }
        refuses(.invalidArgument) { try world.wish(.createConversation(topic: text, participants: [])) }
    }

    @Test func `three megabytes are refused wherever they stand and leave nothing behind`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let huge = String(repeating: "x", count: 3_000_000)
        refuses(.invalidArgument) { try world.send(huge, to: conversation) }
        refuses(.invalidArgument) { try world.wish(.rename(conversation, topic: huge)) }
        refuses(.invalidArgument) { try world.wish(.createConversation(topic: huge, participants: [])) }
        refuses(.invalidArgument) { try world.wish(.send(OutgoingMessage("a", metadata: ["k": huge]), to: conversation)) }
        refuses(.invalidArgument) { try world.wish(.send(OutgoingMessage("a", senderName: huge), to: conversation)) }
        refuses(.invalidArgument) { try world.send("a", to: conversation, token: Token(huge)) }
        #expect(try world.number("SELECT count(*) FROM intent") == 0)
        #expect(try world.number("SELECT count(*) FROM message") == 0)
        #expect(try world.number("SELECT count(*) FROM conversation") == 1)
    }

    @Test func `a refusal quotes no text`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let secret = String(repeating: "secret", count: 10_000)
        do {
            try world.send(secret, to: conversation)
            Issue.record("it was accepted")
        } catch {
            #expect(!String(describing: error).contains("secret"))
        }
    }

    @Test(arguments: ["", "a b", "a\r\nx: y", "\u{0}", "é"]) func `a token that can't travel in a header is refused`(
        token: String
    ) throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        refuses(.invalidArgument) { try world.send("a", to: conversation, token: Token(token)) }
    }

    @Test(arguments: [0, -1, 999, Int64.max, Int64.min]) func `ids that nothing has are not found`(number: Int64) throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        refuses(.notFound) { try world.send("a", to: ConversationID(number)) }
        refuses(.notFound) { try world.wish(.edit(MessageID(number), text: "a", metadata: [:])) }
        refuses(.notFound) { try world.wish(.delete(MessageID(number))) }
        refuses(.notFound) { try world.wish(.markRead(conversation, upTo: MessageID(number))) }
        refuses(.notFound) { try world.act(.retry, on: IntentID(number)) }
    }

    @Test func `another account's ids are not found`() throws {
        var world = try OutboxWorld()
        try world.store.addAccount("other", service: "azure", identity: "8:x", at: Timestamp(milliseconds: 0))
        let mine = try world.conversation("19:a")
        let theirs = try world.conversation("19:a", account: 2)
        let message = try world.seeNow(.own(100), in: theirs)
        refuses(.notFound) { try world.send("a", to: theirs) }
        refuses(.notFound) { try world.wish(.delete(message)) }
        refuses(.notFound) { try world.wish(.markRead(mine, upTo: message)) }
        let send = try world.send("a", to: mine)
        world.scope.account = 2
        refuses(.notFound) { try world.act(.discard, on: send.intent) }
        #expect(try world.claim().isEmpty)
    }

    @Test func `only one's own user messages can be changed`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let foreign = try world.seeNow(.foreign(100), in: conversation)
        let system = try world.seeNow(.renamed(200, "T", sequence: 3), in: conversation)
        for message in [foreign, system] {
            refuses(.notAllowed) { try world.wish(.edit(message, text: "a", metadata: [:])) }
            refuses(.notAllowed) { try world.wish(.delete(message)) }
        }
    }

    @Test func `a tombstone can't be edited and deleting it again is over at once`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let message = try world.seeNow(.own(100, version: 150, deleted: true), in: conversation)
        refuses(.notAllowed) { try world.wish(.edit(message, text: "a", metadata: [:])) }
        let delete = try world.wish(.delete(message))
        #expect(try world.claim().isEmpty)
        #expect(try world.state(delete) == .confirmed)
    }

    @Test func `what the service cannot do is refused before it is written`() throws {
        var traits = ServiceTraits.likeAzure
        traits.lostAnswers[.removeParticipant] = nil
        var world = try OutboxWorld(traits)
        let conversation = try world.conversation()
        refuses(.notAllowed) { try world.wish(.removeParticipant("8:b", from: conversation)) }
    }

    @Test func `participants without an id and more than one call takes are refused`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        refuses(.invalidArgument) { try world.wish(.addParticipants([], to: conversation)) }
        refuses(.invalidArgument) { try world.wish(.addParticipants([Participant(id: "")], to: conversation)) }
        refuses(.invalidArgument) { try world.wish(.removeParticipant("", from: conversation)) }
        let many = (0...200).map { Participant(id: ParticipantID("8:\($0)")) }
        refuses(.invalidArgument) { try world.wish(.addParticipants(many, to: conversation)) }
    }

    @Test func `times at the ends of what a number holds trap nowhere`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        for place in [Int64.min, Int64.max] {
            let remote = RemoteMessage(
                id: RemoteMessageID(String(place)), version: place, sequence: place, place: place, kind: .text, text: "x",
                sender: OutboxWorld.me)
            let message = try world.seeNow(remote, in: conversation)
            try world.wish(.delete(message))
            try world.fail(try #require(try world.claim().first), .unknownThere)
        }
        try world.sql("UPDATE account SET serviceStep = \(Int.max - 1), backoffStep = \(Int.max - 1)")
        try world.send("a", to: conversation)
        let tooMany = ServiceError(
            .throttled, certainty: .notApplied, scope: .account, retryAfter: .seconds(Int64.max))
        if let delivery = try world.claim().first { try world.fail(delivery, tooMany) }
        _ = try world.claims()
    }
}
