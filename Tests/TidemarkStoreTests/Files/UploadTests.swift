import Foundation
import Testing
import TidemarkModel

@testable import TidemarkStore

/// Uploads stand in the lane before their send, and the send waits for their keys.
@Suite struct UploadTests {
    @Test func `a send leaves when all of its files have keys, and carries them in their order`() throws {
        var files = try FileWorld()
        let send = try files.send([try files.file("a.png", thumbnail: "small.jpg"), try files.file("b.png")])
        #expect(try files.entry(send).state == .waiting)
        let first = try #require(try files.world.claim().first)
        guard case .upload(let file, let remote) = first.action else { return #expect(Bool(false), "\(first.action)") }
        #expect((file.name, file.contentType, file.size, remote) == ("a.png", "image/png", 18, "19:a"))
        #expect(try String(contentsOfFile: file.path, encoding: .utf8) == "bytes of a picture")
        #expect(try String(contentsOfFile: try #require(file.thumbnailPath), encoding: .utf8) == "small")
        #expect(try files.entry(send).attachments.map(\.state) == [.uploading, .queued])
        // One file of a conversation after the other.
        #expect(try files.world.claim().isEmpty)
        let key = RemoteAttachment(file: "k1", thumbnail: "small")
        try files.world.settle(first, .success(Acceptance(attachment: key)))
        let second = try #require(try files.world.claim().first)
        #expect(try files.entry(send).attachments.map(\.state) == [.uploaded, .uploading])
        try files.take(second, as: "k2")
        let delivery = try #require(try files.world.claim().first)
        guard case .send(let message, _) = delivery.action else { return #expect(Bool(false), "\(delivery.action)") }
        #expect(message.attachments.map(\.file) == ["k1", "k2"] && message.attachments[0].thumbnail == "small")
        #expect(message.attachments.map(\.name) == ["a.png", "b.png"] && message.attachments[0].size == 18)
        #expect(delivery.token == send.token)
        try files.world.accept(delivery, message: "100")
        try files.world.seeNow(.bearing(["k1", "k2"], at: 100), in: files.conversation)
        let entry = try files.entry(send)
        #expect(entry.state == .confirmed && entry.attachments.map(\.state) == [.remote, .remote])
        // The own copies serve as those of what the service has.
        #expect(entry.attachments.allSatisfy { $0.localPath != nil && $0.sentBytes == 18 })
    }

    @Test func `messages behind it wait, and changes and other conversations do not`() throws {
        var files = try FileWorld()
        let other = try files.world.conversation("19:b", high: 10)
        let old = try files.world.sent("old", in: files.conversation)
        try files.send([try files.file()])
        try files.world.send("behind", to: files.conversation)
        try files.world.wish(.edit(try #require(old.message), text: "new", metadata: [:]))
        try files.world.send("elsewhere", to: other)
        #expect(try files.world.claim().summary == ["edit 100 new", "upload a.png", "send elsewhere"])
    }

    @Test func `more files than are let at once wait for each other`() throws {
        var files = try FileWorld()
        let places = try (0..<4).map { try files.world.conversation("19:\($0)", high: 10) }
        for place in places { try files.send([try files.file()], to: place) }
        let first = try files.world.claim()
        #expect(first.count == 2)
        try files.take(try #require(first.first), as: "k")
        #expect(try files.world.claim().summary.sorted() == ["send look", "upload a.png"])
    }

    @Test func `what the service refuses parks the file with its words, and the message waits`() throws {
        var files = try FileWorld()
        let send = try files.send([try files.file()])
        try files.world.send("behind", to: files.conversation)
        let words = ServiceError(.tooLarge, certainty: .notApplied, status: 413, serviceMessage: "10 MB at most")
        try files.world.fail(try #require(try files.world.claim().first), words)
        let entry = try files.entry(send)
        #expect(entry.state == .waiting && entry.problem == .tooLarge)
        let upload = try #require(try files.uploads(of: send).first)
        #expect(upload.state == .parked && upload.detail == "10 MB at most")
        #expect(try files.world.claim().isEmpty)
        // Retried, it goes again.
        let id = IntentID(try #require(upload.id))
        try files.world.act(.retry, on: id)
        try files.world.fail(try #require(try files.world.claim().first), words)
        // Skipped, the rest goes on past it.
        try files.world.act(.skip, on: id)
        #expect(try files.world.claim().summary == ["send behind"])
        #expect(try files.entry(send).state == .waiting)
        // Its message may get another text while it waits.
        try files.world.act(.edit("look here"), on: send.intent)
        try files.world.act(.retry, on: id)
        try files.take(try #require(try files.world.claim().first), as: "k1")
        let again = try #require(try files.world.store.read { db in try IntentRow.fetchOne(db, id: send.intent.number) })
        #expect(again.state == .queued && again.token != send.token.rawValue)
    }

    @Test(arguments: ["the send", "the file", "the message", "the conversation"])
    func `taking it back takes uploads and copies along, and a late answer is dropped`(what: String) throws {
        var files = try FileWorld()
        let send = try files.send([try files.file(), try files.file("b.png")])
        let delivery = try #require(try files.world.claim().first)
        switch what {
        case "the send": try files.world.act(.discard, on: send.intent)
        case "the file": try files.world.act(.discard, on: delivery.intent)
        case "the message": try files.world.wish(.delete(try #require(send.message)))
        default: try files.world.wish(.deleteConversation(files.conversation))
        }
        #expect(try files.copies.isEmpty)
        #expect(!files.world.store.isWanted(delivery))
        #expect(try files.uploads(of: send).allSatisfy { $0.state == .cancelled })
        #expect(try files.world.state(send) == .cancelled)
        try files.take(delivery, as: "k1")
        #expect(try files.world.claim().summary.allSatisfy { $0 == "deleteConversation" })
        #expect(try files.uploads(of: send).allSatisfy { $0.state == .cancelled && $0.remoteTarget == nil })
    }

    @Test func `a kill or a lost answer between claim and settle repeats the upload`() throws {
        var files = try FileWorld()
        let send = try files.send([try files.file()])
        let delivery = try #require(try files.world.claim().first)
        try files.world.lose(delivery)
        files.world.pass(.seconds(2))
        let second = try #require(try files.world.claim().first)
        #expect(second.action == delivery.action && second.attempt == 2 && second.token == delivery.token)
        // The program dies.
        files.world = try files.world.reopened()
        try files.world.recover()
        files.world.pass(.seconds(4))
        let third = try #require(try files.world.claim().first)
        #expect(third.attempt == 3 && third.action.verb == .upload)
        // An answer to an earlier attempt counts: the file is there.
        try files.take(second, as: "k2")
        #expect(try files.world.intent(third.intent).state == .confirmed)
        try files.take(third, as: "k3")
        let sent = try #require(try files.world.claim().first)
        guard case .send(let message, _) = sent.action else { return #expect(Bool(false), "\(sent.action)") }
        #expect(message.attachments.map(\.file) == ["k2"])
        _ = send
    }

    @Test func `a yes without a key is no yes`() throws {
        var files = try FileWorld()
        let send = try files.send([try files.file()])
        let delivery = try #require(try files.world.claim().first)
        #expect(try files.world.accept(delivery).outcome == .again)
        #expect(try files.entry(send).attachments.first?.state == .queued)
    }

    @Test func `an upload may take as long as its size needs on the slowest way`() throws {
        var files = try FileWorld { $0.attachments?.maximumBytes = 1 << 30 }
        try files.send([try files.file("a.png", String(repeating: "x", count: 160 * 1024))])
        let delivery = try #require(try files.world.claim().first)
        #expect(delivery.deadline == files.world.moment.now + .seconds(40))
    }

    @Test func `progress is shown, and what an earlier attempt says counts for nothing`() throws {
        var files = try FileWorld()
        let send = try files.send([try files.file()])
        let delivery = try #require(try files.world.claim().first)
        try files.world.store.noteProgress(7, of: delivery)
        #expect(try files.entry(send).attachments.first?.sentBytes == 7)
        try files.world.store.noteProgress(.max, of: delivery)
        #expect(try files.entry(send).attachments.first?.sentBytes == 18)
        var old = delivery
        old.attempt = 0
        try files.world.store.noteProgress(1, of: old)
        #expect(try files.entry(send).attachments.first?.sentBytes == 18)
    }

    // MARK: Answers to messages

    @Test func `an answer to an unsent message waits for it, and names it`() throws {
        var files = try FileWorld()
        let asked = try files.world.send("where?", to: files.conversation)
        let answer = try files.send("here", [], replyTo: asked.message)
        #expect(try files.entry(answer).replyTo == asked.message && files.entry(answer).state == .waiting)
        let first = try files.world.claim()
        #expect(first.summary == ["send where?"])
        try files.world.accept(try #require(first.first), message: "100")
        let second = try #require(try files.world.claim().first)
        guard case .send(let message, _) = second.action else { return #expect(Bool(false), "\(second.action)") }
        #expect(message.replyTo == "100" && message.text == "here")
    }

    @Test func `an answer does not go past the message that it answers, skipped or not`() throws {
        var files = try FileWorld()
        let asked = try files.world.send("where?", to: files.conversation)
        let answer = try files.send("here", [], replyTo: asked.message)
        try files.world.fail(try #require(try files.world.claim().first), .refused)
        try files.world.act(.skip, on: asked.intent)
        #expect(try files.world.claim().isEmpty)
        #expect(try files.entry(answer).state == .waiting)
    }

    @Test func `an answer to what is discarded is not lost`() throws {
        var files = try FileWorld()
        let asked = try files.world.send("where?", to: files.conversation)
        let answer = try files.send("here", [], replyTo: asked.message)
        try files.world.act(.discard, on: asked.intent)
        #expect(try files.world.state(answer) == .parked)
        try files.world.act(.retry, on: answer.intent)
        #expect(try files.world.claim().summary == ["send here"])
    }

    @Test func `where there are no answers, or no such message, it is refused`() throws {
        var files = try FileWorld { $0.replies = false }
        let asked = try files.world.send("where?", to: files.conversation)
        #expect { try files.send("here", [], replyTo: asked.message) } throws: { ($0 as? StoreError)?.code == .notAllowed }
        files = try FileWorld()
        let other = try files.world.conversation("19:b")
        let elsewhere = try files.world.send("where?", to: other)
        #expect { try files.send("here", [], replyTo: elsewhere.message) } throws: {
            ($0 as? StoreError)?.code == .invalidArgument
        }
        #expect { try files.send("here", [], replyTo: MessageID(99)) } throws: { ($0 as? StoreError)?.code == .notFound }
    }
}
