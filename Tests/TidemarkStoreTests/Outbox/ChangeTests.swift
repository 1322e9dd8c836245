import TidemarkModel
import Testing

@testable import TidemarkStore

/// Edits and deletes, and the copies that they go to.
@Suite struct ChangeTests {
    private func world(_ traits: ServiceTraits = .likeAzure) throws -> (OutboxWorld, ConversationID, Enqueued) {
        var world = try OutboxWorld(traits)
        let conversation = try world.conversation()
        let send = try world.sent(at: 100, in: conversation)
        return (world, conversation, send)
    }

    private func edit(_ send: Enqueued, _ text: String) throws -> Wish {
        .edit(try #require(send.message), text: text, metadata: [:])
    }

    private func delete(_ send: Enqueued) throws -> Wish { .delete(try #require(send.message)) }

    // MARK: Lost edits (R7)

    @Test func `a lost edit whose marker is there has landed`() throws {
        var (world, conversation, send) = try world()
        let edit = try world.wish(edit(send, "x"))
        try world.lose(try #require(try world.claim().first))
        try world.seeNow(.own(100, token: send.token, "x", version: 150, marker: edit.token), in: conversation)
        #expect(try world.state(edit) == .confirmed)
    }

    @Test func `a lost edit whose base stands unchanged is sent again`() throws {
        var (world, conversation, send) = try world()
        let edit = try world.wish(edit(send, "x"))
        try world.lose(try #require(try world.claim().first))
        world.pass(.seconds(30))
        try world.close(conversation)
        let again = try #require(try world.claim().first)
        #expect(again.token == edit.token && again.action.summary == "edit 100 x")
    }

    @Test func `a lost edit under somebody's newer one is a conflict with two answers`() throws {
        for answer in [Resolution.mine, .theirs] {
            var (world, conversation, send) = try world()
            let edit = try world.wish(edit(send, "mine"))
            try world.lose(try #require(try world.claim().first))
            try world.seeNow(.own(100, token: send.token, "theirs", version: 150, marker: "device 2"), in: conversation)
            world.pass(.seconds(30))
            try world.close(conversation)
            #expect(try world.intent(edit.intent).reason == ParkReason.conflict.rawValue)
            #expect(try world.message(send.message)?.text == "theirs")
            let entry = try #require(try world.store.account().outbox().get().first)
            #expect((entry.text, entry.observed?.text, entry.observed?.version) == ("mine", "theirs", 150))
            #expect(entry.actions == [.resolve, .edit, .discard])
            try world.act(.resolve(answer), on: edit.intent)
            #expect(try world.claim().summary == (answer == .mine ? ["edit 100 mine"] : []))
            if answer == .theirs { #expect(try world.state(edit) == .cancelled) }
        }
    }

    @Test func `only a conflict can be answered with mine or theirs`() throws {
        var (world, _, send) = try world()
        let edit = try world.wish(edit(send, "mine"))
        world.pass(.seconds(100))
        try world.fail(try #require(try world.claim().first), .refused)
        for answer in [Resolution.mine, .theirs] {
            #expect { try world.act(.resolve(answer), on: edit.intent) } throws: { ($0 as? StoreError)?.code == .notAllowed }
        }
    }

    @Test func `a foreign edit seen before the first claim is a conflict`() throws {
        var (world, conversation, send) = try world()
        let edit = try world.wish(edit(send, "mine"))
        try world.seeNow(.own(100, token: send.token, "theirs", version: 150), in: conversation)
        #expect(try world.claim().isEmpty)
        #expect(try world.intent(edit.intent).reason == ParkReason.conflict.rawValue)
    }

    @Test func `own earlier edits are no conflict before the first claim`() throws {
        var (world, conversation, send) = try world()
        let first = try world.wish(edit(send, "one"))
        let delivery = try #require(try world.claim().first)
        let second = try world.wish(edit(send, "two"))
        #expect(second.intent != first.intent)
        try world.accept(delivery)
        try world.seeNow(.own(100, token: send.token, "one", version: 150, marker: first.token), in: conversation)
        #expect(try world.claim().summary == ["edit 100 two"])
    }

    @Test func `own earlier edits are no conflict in a look-up either`() throws {
        var (world, conversation, send) = try world()
        let first = try world.wish(edit(send, "one"))
        let delivery = try #require(try world.claim().first)
        let second = try world.wish(edit(send, "two"))
        try world.accept(delivery)
        // The second is claimed before the first was seen: its base is the version before both.
        try world.lose(try #require(try world.claim().first))
        try world.seeNow(.own(100, token: send.token, "one", version: 150, marker: first.token), in: conversation)
        world.pass(.seconds(30))
        try world.close(conversation)
        #expect(try world.state(second) == .queued)
        #expect(try world.claim().summary == ["edit 100 two"])
    }

    @Test func `the message itself is no conflict for an edit written before it was seen`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let send = try world.send("a", to: conversation)
        try world.accept(try #require(try world.claim().first), message: "100")
        let edit = try world.wish(edit(send, "b"))
        try world.lose(try #require(try world.claim().first))
        try world.seeNow(.own(100, token: send.token, "a"), in: conversation)
        world.pass(.seconds(30))
        try world.close(conversation)
        #expect(try world.state(edit) == .queued)
    }

    @Test func `an edit with a renewed text is no conflict with its own former attempt`() throws {
        var (world, conversation, send) = try world()
        let edit = try world.wish(edit(send, "one"))
        world.pass(.seconds(100))
        try world.fail(try #require(try world.claim().first), .refused)
        try world.act(.edit("two"), on: edit.intent)
        try world.seeNow(.own(100, token: send.token, "one", version: 150, marker: edit.token), in: conversation)
        #expect(try world.claim().summary == ["edit 100 two"])
    }

    @Test func `an edit of what was deleted meanwhile is superseded`() throws {
        for moment in ["queued", "inDoubt", "sent"] {
            var (world, conversation, send) = try world()
            let edit = try world.wish(edit(send, "x"))
            if moment != "queued" {
                let delivery = try #require(try world.claim().first)
                if moment == "inDoubt" { try world.lose(delivery) } else { try world.accept(delivery) }
            }
            try world.seeNow(.own(100, token: send.token, version: 200, deleted: true), in: conversation)
            #expect(try world.state(edit) == .cancelled && world.intent(edit.intent).reason == "superseded", "\(moment)")
            #expect(try world.claim().isEmpty)
        }
    }

    @Test func `a 400 after a lost edit is looked up once and then parks`() throws {
        var (world, conversation, send) = try world()
        let edit = try world.wish(edit(send, "x"))
        try world.lose(try #require(try world.claim().first))
        world.pass(.seconds(100))
        try world.close(conversation)
        try world.fail(try #require(try world.claim().first), .refused)
        #expect(try world.state(edit) == .inDoubt)
        world.pass(.seconds(100))
        try world.close(conversation)
        try world.fail(try #require(try world.claim().first), .refused)
        #expect(try world.state(edit) == .parked)
    }

    // MARK: Overlays (R19)

    @Test func `an acknowledged edit is on top until a later request shows it or something newer`() throws {
        var (world, conversation, send) = try world()
        let edit = try world.wish(edit(send, "x"))
        let early = try world.begin()
        try world.accept(try #require(try world.claim().first))
        let row = try world.intent(edit.intent)
        #expect(row.state == .sent && row.isOverlaid && row.confirmAt == world.now + 10_000)
        // Asked for before the edit was acknowledged, answered after it.
        try world.see(.own(100, token: send.token), in: conversation, begun: early)
        #expect(try world.intent(edit.intent).isOverlaid)
        // Begun later, and still the old version: the service lags.
        try world.seeNow(.own(100, token: send.token), in: conversation)
        #expect(try world.intent(edit.intent).isOverlaid)
        // Equal text confirms nothing in an older request.
        try world.see(.own(100, token: send.token, "x", version: 150), in: conversation, begun: early)
        #expect(try world.intent(edit.intent).isOverlaid)
        // What a list that lags shows is what somebody else made of it just before.
        let foreign = RemoteMessage.own(100, token: send.token, "y", version: 160, marker: "other")
        try world.seeNow(foreign, in: conversation)
        #expect(try world.intent(edit.intent).isOverlaid)
    }

    @Test(arguments: [true, false])
    func `what others made of a message ends an acknowledged edit when it is read alone, or when lists lag no more`(
        alone: Bool
    ) throws {
        var (world, conversation, send) = try world()
        let edit = try world.wish(edit(send, "x"))
        try world.accept(try #require(try world.claim().first))
        if !alone { world.pass(.seconds(61)) }
        let foreign = RemoteMessage.own(100, token: send.token, "y", version: 160, marker: "other")
        try world.see(foreign, in: conversation, begun: try world.begin(), alone: alone)
        #expect(try world.state(edit) == .confirmed && !world.intent(edit.intent).isOverlaid)
    }

    @Test func `a marker ends the overlay even in a push`() throws {
        var (world, conversation, send) = try world()
        let edit = try world.wish(edit(send, "x"))
        try world.accept(try #require(try world.claim().first))
        try world.see(.own(100, token: send.token, "x", version: 150, marker: edit.token), in: conversation, begun: nil)
        #expect(try world.state(edit) == .confirmed)
    }

    @Test func `an edit of a message not yet seen stays on top when only the message is seen`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let send = try world.send("a", to: conversation)
        try world.accept(try #require(try world.claim().first), message: "100")
        let edit = try world.wish(edit(send, "b"))
        try world.accept(try #require(try world.claim().first))
        try world.seeNow(.own(100, token: send.token, "a"), in: conversation)
        #expect(try world.state(edit) == .sent && world.intent(edit.intent).isOverlaid)
    }

    @Test func `when a later own edit is seen the earlier one leaves the overlay with it`() throws {
        var (world, conversation, send) = try world()
        let first = try world.wish(edit(send, "one"))
        let delivery = try #require(try world.claim().first)
        let second = try world.wish(edit(send, "two"))
        try world.accept(delivery)
        try world.accept(try #require(try world.claim().first))
        // However young they are, and also when it is pushed.
        try world.see(.own(100, token: send.token, "two", version: 160, marker: second.token), in: conversation, begun: nil)
        #expect(try world.state(second) == .confirmed)
        #expect(try world.state(first) == .confirmed)
    }

    // MARK: Deletes (R8)

    @Test func `a delete refused with 404 right after the send is tried again`() throws {
        for refusal in [ServiceError.unknownThere, .forbiddenHere] {
            var (world, _, send) = try world()
            let delete = try world.wish(delete(send))
            try world.fail(try #require(try world.claim().first), refusal)
            #expect(try world.state(delete) == .queued)
            world.pass(.seconds(2))
            #expect(try world.claim().summary == ["delete 100"])
        }
    }

    @Test func `outside the settle window a 404 settles a delete and a 403 parks it`() throws {
        var (world, conversation, send) = try world()
        world.pass(.seconds(61))
        let delete = try world.wish(delete(send))
        try world.fail(try #require(try world.claim().first), .unknownThere)
        #expect(try world.state(delete) == .sent)
        // No tombstone of our own making.
        #expect(try world.message(send.message)?.deletedAt == nil)
        let other = try world.sent("b", at: 200, in: conversation)
        world.pass(.seconds(61))
        let second = try world.wish(self.delete(other))
        try world.fail(try #require(try world.claim().first), .forbiddenHere)
        #expect(try world.state(second) == .parked)
    }

    @Test func `a live copy in a request begun after a settled delete reopens it`() throws {
        var (world, conversation, send) = try world()
        world.pass(.seconds(61))
        let delete = try world.wish(delete(send))
        let early = try world.begin()
        try world.fail(try #require(try world.claim().first), .unknownThere)
        try world.see(.own(100, token: send.token), in: conversation, begun: early)
        #expect(try world.state(delete) == .sent)
        try world.see(.own(100, token: send.token), in: conversation, begun: nil)
        #expect(try world.state(delete) == .sent)
        world.pass(.seconds(20))
        try world.seeNow(.own(100, token: send.token), in: conversation)
        #expect(try world.state(delete) == .queued)
        world.pass(.seconds(20))
        #expect(try world.claim().summary == ["delete 100"])
    }

    @Test func `a delete that is over with the service's yes is reopened too`() throws {
        var traits = ServiceTraits.likeAzure
        traits.confirmations[.delete] = .acknowledgement
        var (world, conversation, send) = try world(traits)
        let delete = try world.wish(delete(send))
        try world.accept(try #require(try world.claim().first))
        #expect(try world.state(delete) == .confirmed)
        world.pass(.seconds(20))
        try world.seeNow(.own(100, token: send.token), in: conversation)
        #expect(try world.state(delete) == .queued)
    }

    @Test func `a removal that was lost and repeated is done when the person is not there`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let remove = try world.wish(.removeParticipant("8:bob", from: conversation))
        try world.lose(try #require(try world.claim().first))
        world.pass(.seconds(2))
        try world.fail(try #require(try world.claim().first), .unknownThere)
        // Over; the views go on showing it until a read does.
        let row = try world.intent(remove.intent)
        #expect(row.state == .sent && row.settledAt == world.now && row.isOverlaid)
    }

    // MARK: Copies (R5)

    @Test func `an own edit goes to every live copy and a delete too`() throws {
        var (world, conversation, send) = try world()
        try world.seeNow(.own(150, token: send.token), in: conversation)
        try world.seeNow(.own(160, token: send.token, version: 170, deleted: true), in: conversation)
        let edit = try world.wish(edit(send, "x"))
        for target in ["100", "150"] {
            let delivery = try #require(try world.claim().first)
            #expect(delivery.action.summary == "edit \(target) x" && delivery.token == edit.token)
            try world.accept(delivery)
        }
        #expect(try world.claim().isEmpty && world.state(edit) == .sent)
        let delete = try world.wish(delete(send))
        for target in ["100", "150"] {
            let delivery = try #require(try world.claim().first)
            #expect(delivery.action.summary == "delete \(target)")
            try world.accept(delivery)
        }
        #expect(try world.claim().isEmpty && world.state(delete) == .sent)
        try world.seeNow(.own(100, token: send.token, version: 300, deleted: true), in: conversation)
        #expect(try world.state(delete) == .sent)
        try world.seeNow(.own(150, token: send.token, version: 301, deleted: true), in: conversation)
        #expect(try world.state(delete) == .confirmed)
    }

    @Test(arguments: ["sent", "confirmed"]) func `a copy that lands after the user's delete is deleted once`(state: String) throws
    {
        for source in ["push", "page"] {
            var (world, conversation, send) = try world()
            let delete = try world.wish(delete(send))
            try world.accept(try #require(try world.claim().first))
            if state == "confirmed" {
                try world.seeNow(.own(100, token: send.token, version: 200, deleted: true), in: conversation)
                #expect(try world.state(delete) == .confirmed)
            }
            for _ in 0..<2 {
                try world.see(
                    .own(150, token: send.token), in: conversation, begun: source == "page" ? try world.begin() : nil)
            }
            world.pass(.seconds(5))
            let delivery = try #require(try world.claim().first)
            #expect(delivery.action.summary == "delete 150")
            try world.accept(delivery)
            world.pass(.seconds(5))
            #expect(try world.claim().isEmpty, "\(source)")
        }
    }

    @Test(arguments: ["sent", "confirmed"]) func `a copy that lands after the user's edit is edited too`(state: String) throws {
        var (world, conversation, send) = try world()
        let edit = try world.wish(edit(send, "x"))
        try world.accept(try #require(try world.claim().first))
        if state == "confirmed" {
            try world.seeNow(.own(100, token: send.token, "x", version: 200, marker: edit.token), in: conversation)
        }
        for _ in 0..<2 { try world.seeNow(.own(150, token: send.token), in: conversation) }
        world.pass(.seconds(5))
        let delivery = try #require(try world.claim().first)
        #expect(delivery.action.summary == "edit 150 x")
        try world.accept(delivery)
        try world.seeNow(.own(150, token: send.token, "x", version: 300, marker: delivery.token), in: conversation)
        try world.seeNow(.own(100, token: send.token, "x", version: 200, marker: edit.token), in: conversation)
        #expect(try world.claim().isEmpty)
        #expect(try world.number("SELECT count(*) FROM intent WHERE state <> 'confirmed'") == 0)
    }

    // MARK: Tokens (R4)

    @Test func `what may have left is not changed but followed by an edit`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let send = try world.send("one", to: conversation)
        let first = try #require(try world.claim().first)
        try world.lose(first)
        world.pass(.seconds(30))
        try world.close(conversation)
        // It stands in the queue again, and an attempt has ended in unknown.
        #expect(try world.state(send) == .queued)
        let edit = try world.wish(edit(send, "two"))
        #expect(edit.intent != send.intent)
        let second = try #require(try world.claim().first)
        #expect(second.action == first.action)
        try world.accept(second, message: "100")
        #expect(try world.claim().summary == ["edit 100 two"])
    }

    @Test func `a late copy of a cancelled send gets exactly one delete`() throws {
        for source in ["push", "page", "answer"] {
            var world = try OutboxWorld()
            let conversation = try world.conversation()
            let send = try world.send("a", to: conversation)
            let delivery = try #require(try world.claim().first)
            try world.lose(delivery)
            try world.act(.discard, on: send.intent)
            #expect(try world.state(send) == .cancelled && world.message(send.message) == nil)
            #expect(try world.text("SELECT token FROM tokenTombstone") == send.token.rawValue)
            for _ in 0..<2 {
                switch source {
                case "answer": try world.accept(delivery, message: "100")
                case "push": try world.see(.own(100, token: send.token, "a"), in: conversation, begun: nil)
                default: try world.seeNow(.own(100, token: send.token, "a"), in: conversation)
                }
            }
            let undo = try world.claim()
            #expect(undo.summary == ["delete 100"], "\(source)")
            try world.accept(try #require(undo.first))
            try world.seeNow(.own(100, token: send.token, version: 200, deleted: true), in: conversation)
            world.pass(.seconds(60))
            #expect(try world.claim().isEmpty)
            #expect(try world.number("SELECT count(*) FROM intent WHERE state IN ('confirmed', 'cancelled')") == 2)
        }
    }

    @Test func `an edited outbox entry goes with a new token in the old place and its former copy is deleted`() throws {
        for source in ["push", "page", "answer"] {
            var world = try OutboxWorld()
            let conversation = try world.conversation()
            let send = try world.send("one", to: conversation)
            let next = try world.send("next", to: conversation)
            let first = try #require(try world.claim().first)
            try world.lose(first)
            world.pass(.seconds(30))
            try world.close(conversation)
            try world.act(.edit("two"), on: send.intent)
            // The first copy lands after all.
            switch source {
            case "answer": try world.accept(first, message: "100")
            case "push": try world.see(.own(100, token: first.token, "one"), in: conversation, begun: nil)
            default: try world.seeNow(.own(100, token: first.token, "one"), in: conversation)
            }
            var sent: [String] = []
            while let delivery = try world.claim().first {
                if delivery.intent == send.intent { #expect(delivery.token != first.token) }
                sent.append(delivery.action.summary)
                try world.accept(delivery, message: String(200 + sent.count))
            }
            #expect(sent == ["send two", "send next", "delete 100"], "\(source)")
            #expect(try world.message(send.message)?.text == "two")
            #expect(try world.state(next) == .sent)
        }
    }

    @Test func `a copy whose token comes later than its row still becomes the user's message`() throws {
        var world = try OutboxWorld()
        let conversation = try world.conversation()
        let send = try world.send("a", to: conversation)
        try world.lose(try #require(try world.claim().first))
        try world.see(.own(100, "a"), in: conversation, begun: nil)
        try world.seeNow(.own(100, token: send.token, "a"), in: conversation)
        #expect(try world.state(send) == .confirmed)
        #expect(try world.number("SELECT count(*) FROM message") == 1)
        #expect(try world.message(send.message)?.remoteID == "100")
    }
}
