import Foundation
import GRDB
import Synchronization
import Testing
import Tidemark
import TidemarkModel

/// A hundred differences of each kind, drawn with a seed: all of them are found, and none that is not there.
@Suite(.timeLimit(.minutes(2))) struct DivergenceTests {
    private static let count = 100

    /// A store on disk, so that its rows can be looked at and cut from outside.
    private struct World {
        let clock = InstantClock()
        let service: ListedThread
        let engine: SyncEngine
        let conversation: ConversationID
        let folder: URL
        var path: String { folder.appendingPathComponent("chat.sqlite").path }

        init() async throws {
            folder = FileManager.default.temporaryDirectory.appendingPathComponent("tidemark-diverged-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            service = ListedThread(clock)
            for place in 1...600 as ClosedRange<Int64> { service.put(place * 1000, "text \(place)") }
            service.state.withLock { state in
                state.participants += (1...80).map { Participant(id: ParticipantID("old-\($0)"), displayName: "Old \($0)") }
            }
            var configuration = SyncConfiguration()
            configuration.resultsPerPage = 100
            let store = try await MessageStore.open(folder.appendingPathComponent("chat.sqlite").path)
            engine = try SyncEngine(store: store, service: service, configuration: configuration, clock: clock)
            _ = try await engine.syncOnce(deadline: .zero)
            conversation = try engine.account.resolveConversation(ListedThread.id.rawValue)
            _ = try await engine.reconcile(conversation)
        }

        func database<Value>(_ body: (Database) throws -> Value) throws -> Value {
            let queue = try DatabaseQueue(path: path)
            defer { try? queue.close() }
            return try queue.write(body)
        }

        /// Everything that unsent work is made of, as the file holds it.
        func unsent() throws -> [String] {
            try database { db in
                try [
                    "SELECT * FROM intent ORDER BY id", "SELECT * FROM message WHERE remoteID IS NULL ORDER BY id",
                    "SELECT * FROM attempt ORDER BY 1, 2", "SELECT * FROM attachment ORDER BY id", "SELECT * FROM draft",
                ]
                .flatMap { sql in try Row.fetchAll(db, sql: sql).map(\.description) }
            }
        }

        /// Takes the proof away between two messages.
        func cut(_ places: [Int64]) throws {
            try database { db in
                let rows = try Row.fetchAll(
                    db, sql: "SELECT low, high FROM coverage WHERE conversation = ? ORDER BY low",
                    arguments: [conversation.number])
                try #require(rows.count == 1)
                var low: Int64 = rows[0]["low"]
                let top: Int64 = rows[0]["high"]
                try db.execute(sql: "DELETE FROM coverage WHERE conversation = ?", arguments: [conversation.number])
                for end in places.sorted() + [top] {
                    try db.execute(
                        sql: "INSERT INTO coverage (conversation, low, high) VALUES (?, ?, ?)",
                        arguments: [conversation.number, low, end])
                    low = end + 2
                }
            }
        }
    }

    /// What differs, as a finding names it.
    private struct Difference: Hashable, Comparable {
        var kind: String
        var what: String

        static func < (a: Self, b: Self) -> Bool { (a.kind, a.what) < (b.kind, b.what) }
    }

    private func differences(_ result: Reconciliation) -> [Difference] {
        result.findings.map { finding in
            Difference(
                kind: finding.kind.rawValue,
                what: finding.remoteID?.rawValue ?? finding.participant?.rawValue ?? finding.message?.description ?? "")
        }.sorted()
    }

    /// Makes the differences, and tells them.
    private func diverge(_ world: World, _ generator: inout SeededGenerator) throws -> [Difference] {
        let count = Self.count
        var free = (1..<600 as Range<Int64>).map { $0 * 1000 }.shuffled(using: &generator)
        func take(_ number: Int) -> [Int64] {
            defer { free.removeFirst(number) }
            return Array(free.prefix(number))
        }
        var made: [Difference] = []
        func note(_ kind: Reconciliation.Kind, _ what: some CustomStringConvertible) {
            made.append(Difference(kind: kind.rawValue, what: what.description))
        }
        let unreadable = take(count)
        world.service.state.withLock { $0.unreadable = Set(unreadable.map { RemoteMessageID(String($0)) }) }
        unreadable.forEach { note(.unreadable, $0) }
        for place in take(count / 2) { world.service.put(place, "edited"); note(.stale, place) }
        for place in take(count / 2) { world.service.delete(place); note(.stale, place) }
        for place in take(count) { world.service.forget(place); note(.extra, place) }
        for place in take(count) {
            // Said long ago and changed just now: what is newer in the order of changes is newer in time.
            world.service.put(place + 500, "new")
            world.service.put(place + 500, "new, edited")
            note(.missing, place + 500)
        }
        let cuts = take(count)
        try world.cut(cuts)
        let entries = try world.engine.account.timeline(of: world.conversation, limit: 1000).get().entries
        for cut in cuts {
            let before = try #require(entries.first { Int64($0.remoteID?.rawValue ?? "") ?? 0 > cut })
            note(.gap, before.id)
        }
        divergeSets(world, &generator, note)
        return made.sorted()
    }

    private func divergeSets(
        _ world: World, _ generator: inout SeededGenerator, _ note: (Reconciliation.Kind, ParticipantID) -> Void
    ) {
        let old = (1...80).map { ParticipantID("old-\($0)") }.shuffled(using: &generator)
        let (gone, renamed) = (Set(old[..<30]), Set(old[30..<50]))
        let new = (1...(Self.count - 50)).map { ParticipantID("new-\($0)") }
        let readers = (new + old[30...]).shuffled(using: &generator).prefix(Self.count)
        world.service.state.withLock { state in
            state.participants.removeAll { gone.contains($0.id) }
            for index in state.participants.indices where renamed.contains(state.participants[index].id) {
                state.participants[index].displayName = "Renamed"
            }
            state.participants += new.map { Participant(id: $0) }
            state.participants.shuffle(using: &generator)
            state.receipts = readers.map { Receipt(participant: $0, message: "1000", readAt: Timestamp(milliseconds: 2000)) }
        }
        (gone.union(renamed).union(new)).forEach { note(.participant, $0) }
        readers.forEach { note(.receipt, $0) }
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func `all are found, none is invented, and unsent work stays byte for byte`(
        seed: UInt64
    ) async throws {
        let world = try await World()
        defer { try? FileManager.default.removeItem(at: world.folder) }
        #expect(try await world.engine.compare(world.conversation).findings.isEmpty)
        var generator = SeededGenerator(seed: seed)
        let made = try diverge(world, &generator)
        let kinds = Dictionary(grouping: made, by: \.kind).mapValues(\.count)
        try #require(kinds.count == 7 && kinds.values.allSatisfy { $0 == Self.count })

        // What the service did is settled by now: nothing may still be on its way into its listings.
        try await world.clock.sleep(until: world.clock.now + .seconds(300))
        _ = try await world.engine.send("Not yet there", to: world.conversation)
        let own = try await world.engine.send("Nor this", to: world.conversation)
        try await world.engine.edit(try #require(own.message), to: "Nor this one")
        try world.engine.account.setDraft("begun", in: world.conversation)
        let unsent = try world.unsent()
        try #require(unsent.count == 5)

        let plan = try await world.engine.plan(world.conversation)
        #expect(differences(plan.found) == made)
        let done = try await world.engine.apply(plan)
        #expect(differences(done) == made)
        // What can't be read can't be repaired, and nothing is proved around it.
        let kept = done.findings.filter { !$0.isRepaired }
        #expect(kept.count { $0.kind == .unreadable } == Self.count)
        #expect(Set(kept.map(\.kind)).isSubset(of: [.unreadable, .gap]))
        #expect(try world.unsent() == unsent)
        world.service.state.withLock { $0.unreadable = [] }
        _ = try await world.engine.reconcile(world.conversation)
        let left = try await world.engine.compare(world.conversation)
        #expect(left.findings.isEmpty, "\(left.findings.prefix(3))")
        #expect(try world.unsent() == unsent)
        #expect(try world.engine.store.verify(at: world.clock.now).findings.isEmpty)
        try world.engine.store.close()
    }
}
