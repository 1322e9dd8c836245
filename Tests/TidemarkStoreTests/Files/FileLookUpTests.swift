import Testing
import TidemarkModel

@testable import TidemarkStore

/// Where the key of a file comes back in listings, it tells a send of which no answer came (wire page of Avaya, §7).
@Suite struct FileLookUpTests {
    @Test func `a listed own message that bears the file is the send, whatever its text`() throws {
        var files = try FileWorld()
        let (send, delivery) = try files.sending()
        try files.world.lose(delivery)
        try files.world.seeNow(.bearing(["k1"], at: 100, "another text"), in: files.conversation)
        #expect(try files.world.state(send) == .confirmed)
        #expect(try files.world.message(send.message)?.remoteID == "100")
        #expect(try files.world.store.timeline(of: files.conversation).get().entries.count == 1)
        #expect(try files.entry(send).attachments.first?.localPath != nil)
    }

    @Test func `it is found too where it was listed before the answer was lost`() throws {
        var files = try FileWorld()
        let (send, delivery) = try files.sending()
        // Listed, and not told from others yet: the trait says only now that keys tell.
        files.world.scope.traits.attachments?.identifySends = false
        try files.world.seeNow(.bearing(["k1"], at: 100, "another text"), in: files.conversation)
        files.world.scope.traits.attachments?.identifySends = true
        try files.world.lose(delivery)
        try files.world.close(files.conversation)
        #expect(try files.world.state(send) == .confirmed)
        #expect(try files.world.message(send.message)?.remoteID == "100")
    }

    @Test func `a push that tells it before the answer shows it once`() throws {
        var files = try FileWorld()
        let (send, delivery) = try files.sending()
        try files.world.see(.bearing(["k1"], at: 100), in: files.conversation, begun: nil)
        #expect(try files.world.store.timeline(of: files.conversation).get().entries.map(\.id) == [try #require(send.message)])
        try files.world.accept(delivery, message: "100")
        #expect(try files.world.state(send) == .confirmed)
    }

    @Test func `an equal text with other files is not ours, and absence is proved without asking`() throws {
        var files = try FileWorld()
        let (send, delivery) = try files.sending()
        try files.world.lose(delivery)
        try files.world.seeNow(.bearing(["k9"], at: 100), in: files.conversation)
        try files.world.seeNow(.own(101, "look", sequence: 101), in: files.conversation)
        files.world.pass(.seconds(60))
        try files.world.close(files.conversation)
        let again = try #require(try files.world.claim().first)
        #expect(again.token == send.token && again.action.summary == "send look")
        #expect(try !files.world.intent(send.intent).asks)
    }

    @Test func `absence is not proved before the quarantine is over, nor beside what was deleted`() throws {
        var files = try FileWorld()
        let (send, delivery) = try files.sending()
        try files.world.lose(delivery)
        try files.world.close(files.conversation)
        #expect(try files.world.claim().isEmpty)
        try files.world.seeNow(.own(100, sequence: 100, deleted: true), in: files.conversation)
        files.world.pass(.seconds(60))
        try files.world.close(files.conversation)
        #expect(try files.world.intent(send.intent).asks)
    }

    @Test func `a message without files is not taken for one with them, nor the other way round`() throws {
        var files = try FileWorld { $0.attachments?.identifySends = false }
        let plain = try files.world.send("look", to: files.conversation)
        try files.world.lose(try #require(try files.world.claim().first))
        try files.world.seeNow(.bearing(["k9"], at: 100), in: files.conversation)
        files.world.pass(.seconds(60))
        try files.world.close(files.conversation)
        #expect(try files.world.intent(plain.intent).asks)
        try files.world.seeNow(.own(101, "look", sequence: 101), in: files.conversation)
        #expect(try files.world.message(plain.message)?.remoteID == nil)
    }

    @Test func `a cancelled send that landed all the same is deleted by its file`() throws {
        var files = try FileWorld()
        let (send, delivery) = try files.sending()
        try files.world.lose(delivery)
        try files.world.act(.discard, on: send.intent)
        try files.world.seeNow(.bearing(["k1"], at: 100), in: files.conversation)
        #expect(try files.world.claim().summary == ["delete 100"])
    }

    /// The copy was made before the upload; what the other store uploaded and sent bears a key that nobody knows here.
    @Test func `what a copied store uploads anew proves nothing of what was sent before`() throws {
        var files = try FileWorld()
        let send = try files.send([try files.file()])
        try files.world.store.becameCopy(at: files.world.moment.now)
        try files.world.store.adopt(files.world.scope, files.world.moment)
        try files.take(try #require(try files.world.claim().first), as: "k2")
        try files.world.seeNow(.bearing(["k1"], at: 100), in: files.conversation)
        files.world.pass(.seconds(60))
        try files.world.close(files.conversation)
        #expect(try files.world.intent(send.intent).asks)
        #expect(try files.world.claim().isEmpty)
        // What a person says is not there goes, and its own key tells it from then on.
        try files.world.act(.resolve(.notSent), on: send.intent)
        let delivery = try #require(try files.world.claim().first)
        try files.world.lose(delivery)
        try files.world.seeNow(.bearing(["k2"], at: 200), in: files.conversation)
        #expect(try files.world.state(send) == .confirmed)
    }

    /// A send of a copied store may have landed: it stays when its conversation is to go, and its file with it.
    @Test func `a conversation that is not to go after all leaves a copied send its file`() throws {
        var files = try FileWorld()
        let send = try files.send([try files.file()])
        try files.world.store.becameCopy(at: files.world.moment.now)
        let delete = try files.world.wish(.deleteConversation(files.conversation))
        #expect(delete.cancelled == 0)
        try files.world.act(.discard, on: delete.intent)
        try files.world.store.adopt(files.world.scope, files.world.moment)
        try files.take(try #require(try files.world.claim().first), as: "k1")
        files.world.pass(.seconds(60))
        try files.world.close(files.conversation)
        // Nothing tells what the other store sent: a person is asked.
        try files.world.act(.resolve(.notSent), on: send.intent)
        let again = try #require(try files.world.claim().first)
        #expect(again.action.summary == "send look" && again.token == send.token)
    }

    @Test func `what is unsent goes with its files when its conversation is to go`() throws {
        var files = try FileWorld()
        let send = try files.send([try files.file()])
        let delete = try files.world.wish(.deleteConversation(files.conversation))
        #expect(delete.cancelled == 2)
        #expect(try files.world.state(send) == .cancelled)
        #expect(try files.uploads(of: send).map(\.state) == [.cancelled])
    }
}
