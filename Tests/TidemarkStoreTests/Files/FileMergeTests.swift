import Foundation
import Testing
import TidemarkModel

@testable import TidemarkStore

/// Files are a part of what a version says (P5), and a tombstone takes them along (P4).
@Suite struct FileMergeTests {
    private func version(_ version: Int64, _ keys: [String], replyTo: RemoteMessageID? = nil, deleted: Bool = false)
        -> RemoteMessage
    {
        var message = RemoteMessage.own(100, "v\(version)", version: version, deleted: deleted, sender: OutboxWorld.other)
        message.attachments = keys.map { RemoteAttachment(file: RemoteFileID($0), name: "\($0).png", size: 4) }
        message.replyTo = replyTo
        return message
    }

    private func files(_ world: FileWorld) throws -> [String] {
        try world.world.store.timeline(of: world.conversation).get().entries.flatMap(\.attachments)
            .map { $0.file?.rawValue ?? "" }
    }

    @Test func `every order of versions ends with the files of the highest`() throws {
        let versions = [
            version(100, ["a", "b"], replyTo: "7"), version(101, ["b", "c", "c"], replyTo: "8"), version(102, ["c"]),
        ]
        var hashes: Set<UInt64> = []
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0], [2, 2, 1, 0, 1]] {
            let world = try FileWorld()
            for index in order { try world.world.seeNow(versions[index], in: world.conversation) }
            #expect(try files(world) == ["c"], "\(order)")
            let entry = try #require(try world.world.store.timeline(of: world.conversation).get().entries.first)
            #expect(entry.remoteReplyTo == nil)
            hashes.insert(try world.world.store.contentHash(conversation: world.conversation))
        }
        #expect(hashes.count == 1)
        // The files and the answered message count.
        for other in [version(102, ["d"]), version(102, ["c"], replyTo: "7"), version(102, [])] {
            let world = try FileWorld()
            try world.world.seeNow(other, in: world.conversation)
            hashes.insert(try world.world.store.contentHash(conversation: world.conversation))
        }
        #expect(hashes.count == 4)
    }

    @Test func `a file that stays keeps its id and its copy, and one that goes loses them`() throws {
        let world = try FileWorld()
        try world.world.seeNow(version(100, ["a", "b"]), in: world.conversation)
        let first = try world.world.store.timeline(of: world.conversation).get().entries[0].attachments
        for file in first { try fetch(file.id, world, "abcd") }
        #expect(try world.copies.count == 2)
        try world.world.seeNow(version(101, ["b", "c"]), in: world.conversation)
        let second = try world.world.store.timeline(of: world.conversation).get().entries[0].attachments
        #expect(second.map(\.file) == ["b", "c"] && second[0].id == first[1].id && second[0].localPath != nil)
        #expect(second[1].localPath == nil)
        #expect(try world.copies.count == 1)
    }

    @Test func `a tombstone takes files, copies and what it answered along, in every order`() throws {
        for isFirst in [false, true] {
            let world = try FileWorld()
            let deleted = version(101, ["a"], replyTo: "7", deleted: true)
            if isFirst { try world.world.seeNow(deleted, in: world.conversation) }
            try world.world.seeNow(version(100, ["a"], replyTo: "7"), in: world.conversation)
            if !isFirst {
                let id = try #require(
                    try world.world.store.timeline(of: world.conversation).get().entries[0].attachments.first?.id)
                try fetch(id, world, "abcd")
                try world.world.seeNow(deleted, in: world.conversation)
            }
            #expect(try files(world).isEmpty && world.copies.isEmpty)
            #expect(try world.world.number("SELECT count(*) FROM attachment") == 0)
            #expect(try world.world.number("SELECT count(*) FROM message WHERE replyTo IS NOT NULL") == 0)
        }
    }

    @Test func `an answer shows the message here, if it is here`() throws {
        let world = try FileWorld()
        var answer = RemoteMessage.foreign(101, "here")
        answer.replyTo = "100"
        let id = try world.world.seeNow(answer, in: world.conversation)
        func entry() throws -> TimelineEntry { try world.world.store.account().message(id).get().entry }
        #expect(try entry().replyTo == nil && entry().remoteReplyTo == "100")
        let asked = try world.world.seeNow(.foreign(100, "where?"), in: world.conversation)
        #expect(try entry().replyTo == asked)
    }

    @Test func `a page that names files without end is cut`() throws {
        let world = try FileWorld()
        try world.world.seeNow(version(100, (0..<5000).map { "k\($0)" }), in: world.conversation)
        #expect(try files(world).count == AttachmentRow.maximumPerMessage)
    }

    // MARK: Copies of what the service has

    private func fetch(_ id: AttachmentID, _ world: FileWorld, _ bytes: String, limit: Int64 = 1 << 20) throws {
        let account = try world.world.store.account()
        let place = try world.world.store.place(of: id, account, world.world.moment)
        let fetch = try world.world.store.beginFetch(place)
        try Data(bytes.utf8).write(to: URL(fileURLWithPath: fetch.partPath))
        _ = try world.world.store.keep(fetch, at: place, limit: limit, world.world.moment)
    }

    @Test func `what was not asked for the longest time makes room, and nothing that is unsent does`() throws {
        var world = try FileWorld()
        let unsent = try world.send([try world.file()])
        try world.world.seeNow(version(100, ["a", "b", "c"]), in: world.conversation)
        let ids = try world.world.store.timeline(of: world.conversation).get().entries[0].attachments.map(\.id)
        for id in ids.prefix(2) {
            try fetch(id, world, "abcd", limit: 8)
            world.world.pass(.seconds(100))
        }
        // The first is asked for again: the second goes.
        let account = try world.world.store.account()
        #expect(try world.world.store.place(of: ids[0], account, world.world.moment).path != nil)
        world.world.pass(.seconds(100))
        try fetch(ids[2], world, "abcd", limit: 8)
        let here = try world.world.store.timeline(of: world.conversation).get().entries[0].attachments.map { $0.localPath != nil }
        #expect(here == [true, false, true])
        // One alone that is larger than all that is kept is there as long as it is the last.
        try fetch(ids[1], world, "abcd", limit: 1)
        #expect(try world.copies.count == 2)
        #expect(try world.entry(unsent).attachments[0].localPath != nil)
    }

    @Test func `another number of bytes than was told is not kept`() throws {
        let world = try FileWorld()
        try world.world.seeNow(version(100, ["a"]), in: world.conversation)
        let id = try world.world.store.timeline(of: world.conversation).get().entries[0].attachments[0].id
        #expect { try fetch(id, world, "abc") } throws: { ($0 as? StoreError)?.code == .damaged }
        #expect(try world.copies.isEmpty)
        let account = try world.world.store.account()
        #expect { try world.world.store.place(of: AttachmentID(99), account, world.world.moment) } throws: {
            ($0 as? StoreError)?.code == .notFound
        }
    }

    @Test func `the copy of what was sent serves until it makes room`() throws {
        var world = try FileWorld()
        let (send, delivery) = try world.sending()
        #expect(try world.world.number("SELECT count(*) FROM attachment WHERE usedAt IS NOT NULL") == 0)
        try world.world.accept(delivery, message: "100")
        #expect(try world.world.number("SELECT count(*) FROM attachment WHERE usedAt IS NOT NULL") == 1)
        let id = try world.entry(send).attachments[0].id
        #expect(try world.world.store.place(of: id, try world.world.store.account(), world.world.moment).path != nil)
    }
}
