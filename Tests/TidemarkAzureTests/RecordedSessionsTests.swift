import Foundation
import GRDB
import Testing
import TidemarkAzure
import TidemarkModel

@testable import TidemarkStore

/// Whole recorded sessions of the real service through the adapter's codec and the store's `apply` and `settle`.
@Suite(.enabled(if: RecordingFolder.isExpected, "the recordings are not here; TIDEMARK_RECORDINGS names their folder"))
struct RecordedSessionsTests {
    /// What was there when the tests were written. Less means that something is no longer played.
    private enum Floor {
        static let files = 165
        static let pages = 98
        static let planned = 77
        static let settled = 230
        static let messages = 47
        static let participants = 39
    }

    /// What a recorded client did and the engine would not; each is printed with its reason.
    private static let notSent = 19

    @Test func `every recorded session ends in a store that holds what the service told`() throws {
        var total = Total()
        for session in try RecordedSession.all() {
            var replay = try SessionReplay(session)
            try replay.run()
            let content = RecordedContent(session.exchanges)
            try check(replay, content)
            try checkRepeated(&replay)
            total.add(replay, content)
        }
        print("recordings: \(total)")
        #expect(total.files >= Floor.files && total.pages >= Floor.pages && total.planned >= Floor.planned)
        #expect(total.settled >= Floor.settled && total.messages >= Floor.messages)
        #expect(total.participants >= Floor.participants && total.notSent.values.reduce(0, +) <= Self.notSent)
    }

    private struct Total: CustomStringConvertible {
        var files = 0
        var sessions = 0
        var pages = 0
        var planned = 0
        var settled = 0
        var parked = 0
        var unreadable = 0
        var messages = 0
        var sightings = 0
        var participants = 0
        var notSent: [String: Int] = [:]

        mutating func add(_ replay: SessionReplay, _ content: RecordedContent) {
            files += replay.session.files
            sessions += 1
            pages += replay.count.pages
            planned += replay.count.planned
            settled += replay.count.settled
            parked += replay.count.parked
            unreadable += replay.count.unreadable
            messages += content.messages.count
            sightings += content.sightings
            participants += content.participants.count
            notSent.merge(replay.count.notSent, uniquingKeysWith: +)
        }

        var description: String {
            let kept = notSent.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }.joined(separator: "; ")
            return """
                \(files) files in \(sessions) sessions through the store: \(pages) pages applied (\(planned) to the store's own \
                reads), \(messages) messages in \(sightings) sightings, \(participants) participants, \(settled) writes settled, \
                \(parked) parked, \(unreadable) answers without content; not sent: \(kept)
                """
        }
    }

    // MARK: What the service told

    private func check(_ replay: SessionReplay, _ content: RecordedContent) throws {
        let name = Comment(rawValue: replay.session.name)
        #expect(replay.rejects.isEmpty, name)
        #expect(try replay.store.read { db in try String.fetchOne(db, sql: "PRAGMA integrity_check") } == "ok", name)
        #expect(try replay.store.read { db in try Row.fetchOne(db, sql: "PRAGMA foreign_key_check") } == nil, name)
        for (key, told) in content.messages {
            let row = try #require(try row(of: key, replay), "\(replay.session.name): message \(key.id)")
            compare(row, told, name)
        }
        for (thread, told) in content.threads {
            let id = try #require(try replay.conversation(RemoteConversationID(thread)), name)
            let view = try replay.store.account("me").conversation(id).get()
            #expect((view.deletedAt != nil) == (told["deletedOn"] != nil), name)
        }
        try checkOrder(replay, content, name)
        try checkSets(replay, content, name)
    }

    private func row(of key: RecordedContent.Key, _ replay: SessionReplay) throws -> MessageRow? {
        guard let id = try replay.conversation(RemoteConversationID(key.thread)) else { return nil }
        return try replay.store.read { db in try MessageRow.find(key.id, in: id.number, db) }
    }

    private func compare(_ row: MessageRow, _ told: RecordedContent.Message, _ name: Comment) {
        #expect(row.version == told.version && row.sequence == told.sequence, name)
        #expect(row.kind?.lowercased() == told.kind.lowercased(), name)
        #expect(row.text ?? "" == (told.deletedAt == nil ? told.text ?? "" : ""), name)
        #expect(row.topic == told.topic && row.sender == told.sender, name)
        #expect(row.createdAt == told.createdAt && row.editedAt == told.editedAt && row.deletedAt == told.deletedAt, name)
        let metadata = row.metadata.flatMap { try? JSONDecoder().decode([String: String].self, from: Data($0.utf8)) } ?? [:]
        #expect(metadata == told.metadata && !row.isUnreadable, name)
    }

    /// By creation, which is what the ids say; the view shows what it shows in the same order.
    private func checkOrder(_ replay: SessionReplay, _ content: RecordedContent, _ name: Comment) throws {
        for (thread, keys) in Dictionary(grouping: content.messages.keys, by: \.thread) {
            let id = try #require(try replay.conversation(RemoteConversationID(thread)), name)
            let expected = keys.compactMap { Int64($0.id) }.sorted()
            let stored = try replay.store.read { db in
                try Int64.fetchAll(
                    db, sql: "SELECT place FROM message WHERE conversation = ? AND version IS NOT NULL ORDER BY sort, id",
                    arguments: [id.number])
            }
            #expect(stored.filter { expected.contains($0) } == expected, name)
            let shown = try replay.store.account("me").timeline(of: id, limit: 1000).get().entries
            let places = shown.compactMap { $0.remoteID.flatMap { Int64($0.rawValue) } }.filter { expected.contains($0) }
            #expect(places == places.sorted(), name)
        }
    }

    private func checkSets(_ replay: SessionReplay, _ content: RecordedContent, _ name: Comment) throws {
        for key in content.participants {
            let id = try #require(try replay.conversation(RemoteConversationID(key.thread)), name)
            let stored = try replay.store.read { db in
                try Int.fetchOne(
                    db, sql: "SELECT count(*) FROM participant WHERE conversation = ? AND participant = ?",
                    arguments: [id.number, key.id])
            }
            #expect(stored == 1, name)
        }
        for (key, readAt) in content.receipts {
            let id = try #require(try replay.conversation(RemoteConversationID(key.thread)), name)
            let stored = try replay.store.account("me").receipts(of: id).get().first { $0.participant.rawValue == key.id }
            #expect(stored?.readAt.milliseconds == readAt, name)
        }
    }

    // MARK: Once more

    private func checkRepeated(_ replay: inout SessionReplay) throws {
        let before = try replay.contents()
        // A topic is as new as its answer: without dates only the order in which they came can be repeated.
        for backwards in replay.session.bearsDates ? [false, true] : [false] {
            try replay.repeatAll(backwards: backwards)
            let after = try replay.contents()
            let changed = Set(after).symmetricDifference(before).sorted()
            #expect(changed.isEmpty, "\(replay.session.name), \(backwards ? "backwards" : "once more")")
        }
    }
}
