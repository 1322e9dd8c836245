import Foundation
import GRDB
import Testing
import Tidemark
import TidemarkModel
import TidemarkSchema
import TidemarkStore

/// Every past store opens with nothing lost, and what was unsent in it goes out (P11). One golden store per version.
final class GoldenStoreTests {
    let folder: URL
    var path: String { folder.appendingPathComponent("chat.sqlite").path }

    static let all = (1...Schema.version).map(GoldenStore.init)

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("tidemark-golden-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    /// With `TIDEMARK_WRITE_GOLDEN=1` the newest version's is made, if it has none.
    @Test func `each version of the schema has its golden store`() async throws {
        let newest = GoldenStore(version: Schema.version)
        if ProcessInfo.processInfo.environment["TIDEMARK_WRITE_GOLDEN"] != nil, !newest.exists {
            let store = try await MessageStore.open(path)
            var story = try GoldenStory(on: store)
            try story.tell()
            let views = try GoldenViews.text(store)
            try store.close()
            try newest.write(try GoldenStore.dump(path), story.me.service, views)
        }
        for golden in Self.all {
            #expect(
                golden.exists,
                "Fixtures/stores has no \(golden.name): TIDEMARK_WRITE_GOLDEN=1 swift test --filter GoldenStoreTests")
        }
    }

    private func opened(_ golden: GoldenStore) async throws -> MessageStore {
        try golden.load(into: path)
        return try await MessageStore.open(path, mode: .readWrite)
    }

    private func soundness() throws -> [String] {
        let queue = try DatabaseQueue(path: path)
        defer { try? queue.close() }
        return try queue.read { db in
            let orphans = try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").count
            return try String.fetchAll(db, sql: "PRAGMA integrity_check") + (orphans == 0 ? [] : ["\(orphans) orphans"])
        }
    }

    @Test(arguments: all) func `it opens and shows what it showed`(golden: GoldenStore) async throws {
        let store = try await opened(golden)
        #expect(try GoldenViews.text(store) == golden.views)
        #expect(try store.isAdopted)
        // What it held before there was an index is in it, and what the views don't show is not.
        #expect(try store.verify().findings.allSatisfy { $0.kind != .search })
        #expect(
            try store.account("me").search("\"first in trip\" twice").get().map(\.entry.text) == ["first in Trip, edited twice"])
        try store.close()
        #expect(try soundness() == ["ok"])
    }

    @Test(arguments: all) func `looking at it shows the same and changes no byte`(golden: GoldenStore) async throws {
        try golden.load(into: path)
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        let store = try await MessageStore.open(path, mode: .readOnly)
        #expect(try GoldenViews.text(store) == golden.views)
        try store.close()
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["chat.sqlite"])
    }

    @Test(arguments: all) func `what was unsent in it goes out, once each`(golden: GoldenStore) async throws {
        let store = try await opened(golden)
        let service = try golden.service
        var me = try Station(service, on: store, as: "me", at: service.latest + 1000)
        let mine = try me.account.outbox().get()
        #expect(Set(mine.map(\.verb)) == Set(Verb.allCases).subtracting(golden.version < 3 ? [.upload] : []))
        let theirs = try store.account("work").outbox().get()
        try #require(try me.quiet())
        var work = try Station(me.service, on: store, as: "work", at: me.now)
        try #require(try work.quiet())
        #expect(try work.account.outbox().get().isEmpty)
        (me.service, me.now) = (work.service, work.now)
        try #require(try me.quiet())

        // What waits for a person, and what waits behind that.
        let left = try me.account.outbox().get()
        let problems = left.compactMap { $0.reason?.rawValue }
        #expect(problems.sorted() == ["conflict", "invalid", "tooLarge", "unprovable"])
        for entry in left where entry.reason == nil { #expect(entry.state == .queued && entry.verb == .send) }
        for entry in left {
            switch (entry.state, entry.reason) {
            case (.parked(.conflict), _): try me.act(.resolve(.mine), on: entry.intent)
            case (.parked, _): try me.act(.retry, on: entry.intent)
            case (.inDoubt, _): try me.act(.resolve(.notSent), on: entry.intent)
            default: break
            }
        }
        try #require(try me.quiet())
        #expect(try me.account.outbox().get().isEmpty)
        for entry in mine + theirs {
            #expect(me.service.effects(of: entry.token) == 1, "\(entry.intent) \(entry.verb)")
            let state = try store.account(entry.account).intent(entry.intent).get().state
            #expect(state == .confirmed, "\(entry.intent) \(entry.verb)")
        }
        // The user took it back while its answer was lost, and it had arrived.
        let late = me.service.threads.flatMap(\.messages).filter(\.isDeleted).filter { $0.token != nil }
        let discarded = try store.account("me").journal(.since(Timestamp(milliseconds: 0)), limit: 10_000).get()
            .first { $0.cause == ParkReason.cancelledByUser.rawValue }?.intent
        let token = try discarded.map { try me.account.intent($0).get().token.rawValue }
        #expect(late.contains { $0.token == token })
        // One thing can't be read and has no id: around it nothing is proved.
        #expect(try me.account.gaps().get().map(\.kind) == [.between])
        #expect(try GoldenViews.text(store).contains("“queued”, confirmed"))
        try store.close()
        #expect(try soundness() == ["ok"])
    }

    @Test(arguments: all.filter { $0.version >= 2 }) func `what was unsent in its room goes out, and what was missed is a gap`(
        golden: GoldenStore
    ) async throws {
        let store = try await opened(golden)
        var alice = try RoomStation(on: store)
        alice.now += 60_000
        var room = PushRoom()
        try alice.join(room)
        try alice.pump(&room)
        #expect(room.packets.map(\.text) == ["on its way", "queued", "sent, edited"])
        #expect(try alice.account.outbox().get().isEmpty)
        try alice.hear(PushRoom.Packet(id: "last", sender: "bob", text: "last", time: 9000))
        #expect(
            try alice.lines == [
                "~hello*", "-", "~later", "~sent, edited*", "~?", "after the break", "~on its way", "queued", "last",
            ])
        try store.close()
        #expect(try soundness() == ["ok"])
    }

    @Test(arguments: [OpeningMode.readOnly, .readWrite, .create])
    func `one of a later version is refused and stays as it is`(mode: OpeningMode) async throws {
        try GoldenStore(version: Schema.version).load(into: path)
        let queue = try DatabaseQueue(path: path)
        try await queue.writeWithoutTransaction { db in
            try db.execute(sql: "ALTER TABLE message ADD COLUMN mood TEXT; PRAGMA user_version = \(Schema.version + 1)")
        }
        try queue.close()
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        await #expect { _ = try await MessageStore.open(path, mode: mode) } throws: { error in
            (error as? StoreError)?.code == .newerStore
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["chat.sqlite"])
    }
}
