import Foundation
import GRDB
import Testing
import TidemarkModel

@testable import TidemarkStore

/// The folder of files through the life of its store: retention, copies, leaving nothing behind, and proof.
struct FolderLifeTests {
    let folder: TemporaryFolder
    let fixture: ViewFixture
    let trip: ConversationID
    let now = Timestamp(milliseconds: 2_000_000)

    init() async throws {
        folder = try TemporaryFolder()
        fixture = try ViewFixture(store: await MessageStore.open(folder.path("store.sqlite")))
        trip = try fixture.conversation(coverage: [0...100_000])
        try fixture.run("UPDATE store SET startNumber = 1")
        try fixture.run("UPDATE conversation SET windowLow = 10, windowLowTime = 10, windowHigh = 4000, windowHighTime = 4000")
    }

    private var shelf: FileShelf { fixture.store.shelf }

    /// A message that somebody sent with a file, which was fetched.
    @discardableResult
    private func fetched(_ name: String, at place: Int64, in other: ConversationID? = nil) throws -> MessageID {
        let message = try fixture.message(other ?? trip, at: place, "look at \(name)")
        try shelf.prepare()
        try Data("bytes of \(name)".utf8).write(to: URL(fileURLWithPath: shelf.path(of: name)))
        try fixture.store.write(.normal) { db in
            var row = try #require(try MessageRow.fetchOne(db, id: message.number))
            row.attachments = AttachmentList.json([RemoteAttachment(file: RemoteFileID("key-\(name)"), name: name, size: 7)])
            try row.update(db)
            try AttachmentList.apply(row, db)
            try db.execute(
                sql: "UPDATE attachment SET copy = ?, usedAt = 5 WHERE message = ?", arguments: [name, message.number])
            try Unread.recount((other ?? trip).number, db)
        }
        return message
    }

    /// A message with a file that is still to be sent.
    @discardableResult
    private func unsent(_ name: String, thumbnail: String? = nil) throws -> IntentID {
        try shelf.prepare()
        for copy in [name, thumbnail].compactMap({ $0 }) {
            try Data("own \(copy)".utf8).write(to: URL(fileURLWithPath: shelf.path(of: copy)))
        }
        let size = Int64("own \(name)".utf8.count)
        let send = try fixture.unsent(trip, "with \(name)", token: "send-\(name)")
        let body = IntentBody(
            file: OutgoingFile(path: name, name: name, contentType: "image/png", size: size, thumbnailPath: thumbnail))
        let upload = try fixture.intent(.upload, trip, message: send.message, token: "send-\(name)/file/1", body: body)
        try fixture.run("UPDATE message SET attachments = '[]' WHERE id = ?", [send.message.number])
        try fixture.run(
            "INSERT INTO attachment (message, position, name, size, copy, thumbnailCopy, intent) VALUES (?, 1, ?, ?, ?, ?, ?)",
            [send.message.number, name, size, name, thumbnail, upload.number])
        return upload
    }

    private func kinds() throws -> [Verification.Kind] {
        try fixture.store.verify(at: now).findings.map(\.kind)
    }

    // MARK: Prune

    @Test func `a prune takes the fetched files of what it forgets, and leaves the others and the unsent`() throws {
        try fetched("old.png", at: 100)
        try fetched("new.png", at: 3000)
        try unsent("mine.png", thumbnail: "mine-small.png")
        let report = try fixture.account.prune(olderThan: Timestamp(milliseconds: 2000), at: now)
        #expect(report.messages == 1)
        #expect(shelf.names() == ["mine-small.png", "mine.png", "new.png"])
        #expect(try kinds() == [])
    }

    // MARK: Wipe

    @Test func `a wipe of all takes the folder, and of one account its files`() throws {
        let other = try fixture.store.addAccount("other", service: "azure")
        let theirs = try fixture.conversation("19:theirs", account: other)
        try fetched("theirs.png", at: 10, in: theirs)
        try fetched("mine.png", at: 20)
        try unsent("unsent.png")
        try Data("left".utf8).write(to: URL(fileURLWithPath: shelf.path(of: "left-by-a-crash.png")))
        try fixture.store.wipe("me", discardingUnsent: true)
        #expect(shelf.names() == ["theirs.png"])
        try fixture.store.wipe(discardingUnsent: true)
        #expect(FileStatus(shelf.folder) == nil)
        // It can be used again.
        try fixture.store.addAccount("again", service: "azure")
        try shelf.prepare()
        #expect(shelf.names().isEmpty)
    }

    @Test func `a wipe while somebody takes files in says so`() throws {
        try fetched("mine.png", at: 20)
        let hold = try shelf.hold()
        #expect { try fixture.store.wipe() } throws: { ($0 as? StoreError)?.code == .busy }
        hold.end()
        try fixture.store.wipe()
        #expect(FileStatus(shelf.folder) == nil)
    }

    // MARK: Backup

    @Test func `a backup has the files that are still to be sent, and names no other`() async throws {
        try fetched("fetched.png", at: 100)
        try unsent("mine.png", thumbnail: "mine-small.png")
        let copy = folder.path("copy.sqlite")
        let report = try fixture.store.backup(to: copy)
        #expect(report == BackupReport(files: 2, fileBytes: Int64("own mine.pngown mine-small.png".utf8.count)))
        let opened = try await MessageStore.open(copy, mode: .readWrite)
        #expect(opened.shelf.names() == ["mine-small.png", "mine.png"])
        #expect(try FileManager.default.attributesOfItem(atPath: opened.shelf.folder)[.posixPermissions] as? Int == 0o700)
        let entries = try opened.account().timeline(of: trip).get().entries
        #expect(entries.map { $0.attachments.first?.localPath } == [nil, opened.shelf.path(of: "mine.png")])
        #expect(try Data(contentsOf: URL(fileURLWithPath: opened.shelf.path(of: "mine.png"))) == Data("own mine.png".utf8))
        #expect(try opened.verify(at: now).findings.isEmpty)
        try opened.close()
        // The store itself has all that it had.
        #expect(shelf.names() == ["fetched.png", "mine-small.png", "mine.png"])
        #expect(
            try fixture.store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM attachment WHERE copy IS NOT NULL") } == 2)
    }

    @Test func `a backup without files makes no folder, and takes none that is there for its own`() throws {
        try fetched("fetched.png", at: 100)
        let copy = folder.path("copy.sqlite")
        #expect(try fixture.store.backup(to: copy) == BackupReport())
        #expect(FileStatus(copy + "-files") == nil)
        let second = folder.path("second.sqlite")
        try FileManager.default.createDirectory(atPath: second + "-files", withIntermediateDirectories: false)
        #expect { try fixture.store.backup(to: second) } throws: { ($0 as? StoreError)?.code == .notAllowed }
        #expect(FileStatus(second) == nil)
    }

    @Test func `a backup says which unsent files it could not find`() throws {
        try unsent("mine.png")
        try unsent("gone.png")
        shelf.remove(["gone.png"])
        let report = try fixture.store.backup(to: folder.path("copy.sqlite"))
        #expect((report.files, report.missingFiles) == (1, 1))
    }

    // MARK: Verify

    @Test func `a file that nothing names is found and removed, unless somebody takes files in`() throws {
        try fetched("fetched.png", at: 100)
        try Data("left".utf8).write(to: URL(fileURLWithPath: shelf.path(of: "left.png")))
        #expect(try kinds() == [.strayFile])
        let hold = try shelf.hold()
        #expect(try kinds() == [])
        hold.end()
        let repaired = try fixture.store.repair(at: now)
        #expect(repaired.findings.map(\.isRepaired) == [true])
        #expect(shelf.names() == ["fetched.png"])
        #expect(try kinds() == [])
    }

    @Test func `a fetched copy that is gone is forgotten, and can be fetched again`() throws {
        let message = try fetched("fetched.png", at: 100)
        shelf.remove(["fetched.png"])
        let findings = try fixture.store.verify(at: now).findings
        #expect(findings.map(\.kind) == [.missingFile])
        #expect(findings.first?.message == message)
        #expect(try fixture.store.repair(at: now).unrepaired == 0)
        #expect(try kinds() == [])
        let files = try fixture.account.timeline(of: trip).get().entries.flatMap(\.attachments)
        #expect(files.map(\.localPath) == [nil])
        #expect(files.map(\.file) == ["key-fetched.png"])
    }

    @Test(arguments: ["gone", "cut"]) func `unsent bytes that are gone or cut short are a person's`(how: String) throws {
        let upload = try unsent("mine.png")
        if how == "gone" {
            shelf.remove(["mine.png"])
        } else {
            try Data("ow".utf8).write(to: URL(fileURLWithPath: shelf.path(of: "mine.png")))
        }
        let outbox = try fixture.account.outbox().get()
        let repaired = try fixture.store.repair(at: now)
        #expect(repaired.findings.map(\.kind) == [.missingFile])
        #expect(repaired.findings.first?.intent == upload)
        #expect(repaired.unrepaired == 1)
        #expect(repaired.findings.first?.repair == .person("`outbox discard \(upload)`, and send the file again"))
        #expect(try fixture.account.outbox().get() == outbox)
    }
}
