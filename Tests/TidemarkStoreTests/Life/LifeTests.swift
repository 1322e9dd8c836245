import Foundation
import GRDB
import Testing
import TidemarkModel

@testable import TidemarkStore

/// Retention, copies, and leaving nothing behind.
struct LifeTests {
    let folder: TemporaryFolder
    let path: String
    let fixture: ViewFixture
    let trip: ConversationID
    let now = Timestamp(milliseconds: 2_000_000)

    init() async throws {
        folder = try TemporaryFolder()
        path = folder.path("store.sqlite")
        fixture = try ViewFixture(store: await MessageStore.open(path))
        trip = try fixture.conversation(coverage: [0...100_000])
        try fixture.run("UPDATE store SET startNumber = 1")
        let filler = String(repeating: "sediment ", count: 200)
        for place in 1...400 as ClosedRange<Int64> { try fixture.message(trip, at: place * 10, "wreck\(place) \(filler)") }
        try fixture.run(
            "UPDATE conversation SET windowLow = 10, windowLowTime = 10, windowHigh = 4000, windowHighTime = 4000, backfillIsDone = 1"
        )
        try fixture.store.write(.normal) { try Unread.recount(trip.number, $0) }
    }

    private func kept() throws -> [Int64] {
        try fixture.store.read { try Int64.fetchAll($0, sql: "SELECT place FROM message WHERE place IS NOT NULL ORDER BY place") }
    }

    @Test func `what is old goes, the counters are right and the file shrinks`() throws {
        let report = try fixture.account.prune(olderThan: Timestamp(milliseconds: 2000), at: now)
        #expect(report.messages == 199)
        #expect(report.conversations == 1)
        #expect(report.sizeAfter < report.sizeBefore * 7 / 10)
        #expect(FileStatus(path)?.size == report.sizeAfter)
        #expect(try kept().first == 2000)
        #expect(try fixture.account.conversation(trip).get().unread == 201)
        #expect(try fixture.account.search("wreck5").get().isEmpty)
        #expect(try fixture.account.search("wreck300").get().count == 1)
        #expect(try fixture.store.verify(at: now).findings.isEmpty)
        #expect(try fixture.account.prune(olderThan: Timestamp(milliseconds: 2000), at: now).messages == 0)
    }

    @Test func `a tombstone below what went is next to nothing, and nothing empty is left in the file`() throws {
        try fixture.run("UPDATE message SET text = '', deletedAt = 51, deletedBy = 'observed' WHERE place = 50")
        _ = try fixture.account.prune(olderThan: Timestamp(milliseconds: 2000), at: now)
        let entries = try fixture.account.timeline(ofBeginningOf: trip, limit: 3).get().entries
        #expect(entries.map(\.createdAt?.milliseconds) == [2000, 2010, 2020])
        #expect(entries.map(\.gapBefore) == [true, false, false])
        #expect(try fixture.store.read { try Int.fetchOne($0, sql: "PRAGMA freelist_count") } == 0)
    }

    @Test func `what went is a gap that no sync fills by itself`() throws {
        _ = try fixture.account.prune(olderThan: Timestamp(milliseconds: 2000), at: now)
        let timeline = try fixture.account.timeline(ofBeginningOf: trip).get()
        #expect(timeline.entries.first?.gapBefore == true)
        #expect(!timeline.beginningIsProved)
        #expect(timeline.entries.dropFirst().allSatisfy { !$0.gapBefore })
        #expect(try fixture.account.gaps().get().map(\.kind) == [.beginning])
        let scope = Scope(account: fixture.account.id, traits: .likeAzure)
        let row = try #require(try fixture.store.read { try ConversationRow.fetchOne($0, id: trip.number) })
        #expect(row.bottom == nil)
        #expect(row.backfillIsDone)
        #expect(row.windowLow == 2000)
        #expect(try #require(row.windowLowTime) > 1990)
        let reads = try fixture.store.planReads(scope, Moment(milliseconds: 2_000_000), busy: [], limit: 100).reads
        #expect(!reads.contains { if case .backfill = $0.purpose { true } else { false } })
        // Who asks for it gets it.
        try fixture.store.askForHistory(of: trip, scope)
        let asked = try fixture.store.planReads(scope, Moment(milliseconds: 2_000_000), busy: [], limit: 100).reads
        #expect(
            asked.contains { if case .backfill = $0.purpose { true } else { false } } || asked.contains { $0.purpose == .catchUp }
        )
    }

    @Test func `of a conversation that was pruned to nothing a backfill is all that helps`() throws {
        try fixture.run("UPDATE coverage SET high = 4000")
        _ = try fixture.account.prune(olderThan: Timestamp(milliseconds: 1_000_000), at: now)
        #expect(try kept().isEmpty)
        let gaps = try fixture.account.gaps().get()
        #expect(gaps == [GapView(kind: .beginning, conversation: trip, needsBackfill: true)])
        #expect(try fixture.store.info(at: now).accounts.first?.gapsToBackfill == gaps)
        try fixture.store.askForHistory(of: trip, Scope(account: fixture.account.id, traits: .likeAzure))
        #expect(try fixture.account.gaps().get().allSatisfy { !$0.needsBackfill })
    }

    @Test(arguments: [4000, 4001, 9000]) func `the gap of all that went has one name, whatever the newest change was`(
        high: Int64
    ) throws {
        // A message that was edited in the end was changed later than any was written, and proved up to then.
        try fixture.run("DELETE FROM coverage; INSERT INTO coverage VALUES (\(trip.number), 0, \(high))")
        try fixture.run("UPDATE conversation SET windowHighTime = \(high)")
        _ = try fixture.unsent(trip, "later", token: "later")
        _ = try fixture.account.prune(olderThan: Timestamp(milliseconds: 1_000_000), at: now)
        let whole = GapView(kind: .beginning, conversation: trip, needsBackfill: true)
        #expect(try fixture.account.gaps(in: trip).get() == [whole])
        #expect(try fixture.account.prune(olderThan: Timestamp(milliseconds: 1_000_000), at: now).messages == 0)
        #expect(try fixture.account.gaps(in: trip).get() == [whole])
        let timeline = try fixture.account.timeline(of: trip).get()
        #expect(timeline.entries.map(\.text) == ["later"] && !timeline.beginningIsProved)
    }

    @Test func `tombstones, unsent work and what it is about stay`() throws {
        try fixture.run("UPDATE message SET text = '', deletedAt = 51, deletedBy = 'observed' WHERE place = 50")
        let own = try fixture.store.read { try Int64.fetchOne($0, sql: "SELECT id FROM message WHERE place = 60") ?? 0 }
        try fixture.intent(.edit, trip, message: MessageID(own), token: "edit", body: IntentBody(text: "changed"))
        let unsent = try fixture.unsent(trip, "later", token: "later")
        try fixture.run("UPDATE message SET createdAt = 1 WHERE id = ?", [unsent.message.number])
        let outbox = try fixture.account.outbox().get()
        _ = try fixture.account.prune(olderThan: Timestamp(milliseconds: 100_000), at: now)
        #expect(try kept() == [50, 60])
        #expect(try fixture.account.outbox().get() == outbox)
        #expect(try fixture.store.verify(at: now).findings.isEmpty)
    }

    @Test func `an old message that was edited since stays, and so does what is above it in the window`() throws {
        try fixture.run("UPDATE message SET editedAt = 3500, version = 3500, sequence = 4100 WHERE place = 70")
        try fixture.run("UPDATE conversation SET windowHigh = 4100")
        _ = try fixture.account.prune(olderThan: Timestamp(milliseconds: 2000), at: now)
        #expect(try kept().first == 70)
        #expect(try fixture.store.read { try ConversationRow.fetchOne($0, id: trip.number)?.windowLow } == 2000)
    }

    @Test func `a prune of one conversation leaves the others`() throws {
        let other = try fixture.conversation("19:other")
        try fixture.message(other, at: 5, "old")
        let report = try fixture.account.prune(olderThan: Timestamp(milliseconds: 100_000), in: other, at: now)
        #expect(report.messages == 1)
        #expect(try kept().count == 400)
    }

    @Test func `a copy of a store in use is whole, and says that it is one`() async throws {
        _ = try fixture.unsent(trip, "later", token: "later")
        let copy = folder.path("copy.sqlite")
        try fixture.store.backup(to: copy)
        try fixture.message(trip, at: 9000, "after")
        #expect(FileStatus(copy + "-wal") == nil)
        #expect(try FileManager.default.attributesOfItem(atPath: copy)[.posixPermissions] as? Int == 0o600)
        let looked = try await MessageStore.open(copy, mode: .readOnly)
        #expect(try looked.account().outbox().get().count == 1)
        #expect(try looked.account().search("wreck7").get().count == 1)
        #expect(try looked.account().search("after").get().isEmpty)
        try looked.close()
        let opened = try await MessageStore.open(copy, mode: .readWrite)
        #expect(try !opened.isAdopted)
        try opened.close()
        #expect { try fixture.store.backup(to: copy) } throws: { ($0 as? StoreError)?.code == .notAllowed }
        #expect(throws: StoreError.self) { try fixture.store.backup(to: folder.path("none/copy.sqlite")) }
    }

    @Test func `a wipe leaves no byte of what was said`() async throws {
        let old = try fixture.store.read { try Int64.fetchOne($0, sql: "SELECT id FROM message WHERE place = 60") ?? 0 }
        try fixture.intent(.edit, trip, message: MessageID(old), token: "edit", body: IntentBody(text: "barnacle"))
        try fixture.run("UPDATE intent SET state = 'confirmed'")
        _ = try fixture.unsent(trip, "flotsam", token: "later")
        try fixture.account.setDraft("jetsam", in: trip)
        try fixture.run("UPDATE message SET text = 'driftwood' WHERE place = 70")
        #expect { try fixture.store.wipe() } throws: { ($0 as? StoreError)?.code == .notAllowed }
        #expect(try fixture.store.unsent().map(\.token) == ["later"])
        #expect(try kept().count == 400)
        try fixture.store.wipe(discardingUnsent: true)
        #expect(try fixture.store.accounts().isEmpty)
        try expectNoTrace()
        #expect(try fixture.store.verify(at: now).findings.isEmpty)
        try fixture.store.addAccount("again", service: "azure")
        try fixture.store.close()
        try expectNoTrace()
    }

    @Test func `a wipe of one account leaves the others`() throws {
        let other = try fixture.store.addAccount("other", service: "azure")
        let theirs = try fixture.conversation("19:theirs", account: other)
        try fixture.message(theirs, at: 1, "lighthouse")
        try fixture.store.wipe("me", discardingUnsent: true)
        #expect(try other.timeline(of: theirs).get().entries.map(\.text) == ["lighthouse"])
        #expect(try other.search("lighthouse").get().count == 1)
        try expectNoTrace()
    }

    private func expectNoTrace() throws {
        for (name, bytes) in try folder.contents {
            for word in ["wreck", "sediment", "barnacle", "flotsam", "driftwood", "19:trip"] {
                #expect(bytes.range(of: Data(word.utf8)) == nil, "\(word) in \(name)")
            }
        }
    }

    private func make(_ path: String, _ schema: StoreSchema) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { db in try schema.migrate(db) }
        try queue.close()
    }

    private func version(of path: String) throws -> Int? {
        try DatabaseQueue(path: path).read { try Int.fetchOne($0, sql: "PRAGMA user_version") }
    }

    @Test func `a migration keeps a copy of the store as it was`() async throws {
        let old = folder.path("old.sqlite")
        let before = StoreSchema(migrations: Array(StoreSchema.current.migrations.prefix(1)))
        try make(old, before)
        let copy = folder.path("before.sqlite")
        #expect(try await MessageStore.migrate(old, backingUpTo: copy) == 1)
        #expect(try await MessageStore.migrate(old) == StoreSchema.current.version)
        #expect(try version(of: copy) == 1)
        await #expect(throws: StoreError.self) { try await MessageStore.migrate(old, backingUpTo: copy) }
    }
}
