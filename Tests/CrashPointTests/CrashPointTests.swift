import FaultyDisk
import Foundation
import GRDB
import Testing
import TidemarkModel
import TidemarkStore
import TidemarkTranscripts

/// A day played once for each change that it makes to the disk, each time with another one failing (P10).
///
/// As many as a test run has time for, evenly spread; which of them else, `CrashPoints` says.
@Suite(.serialized) struct CrashPointTests {
    private static let operations = 200
    private static let tried = 12

    private struct Tally {
        var (runs, struck, accepted) = (0, 0, 0)

        mutating func add(_ run: CrashRun) {
            runs += 1
            struck += run.counts.struck > 0 ? 1 : 0
            accepted += run.accepted.count
        }
    }

    @Test(
        arguments: [
            FaultyDiskStops, FaultyDiskTears, FaultyDiskFailsOnce, FaultyDiskFills, FaultyDiskIsBusy,
        ].map(\.rawValue))
    func `a store opens and has all it accepted, whatever the disk did and when`(mode: UInt32) async throws {
        try #require(faulty_disk_install() == 0)
        let transcript = try CrashScript.transcript(operations: Self.operations)
        let fault = FaultyDiskMode(mode)
        let well = try await CrashRun(transcript, FaultyDiskWell, at: 0)
        try await well.check()
        #expect(well.failure == nil)
        var last = fault == FaultyDiskIsBusy ? well.counts.locks : well.counts.changes
        // Only writes need room, and the last changes may be others.
        if fault == FaultyDiskFills { last -= last / 20 }
        try #require(last > 200)
        let points = CrashPoints.wanted(of: mode, upTo: last, step: max(last / Int64(Self.tried), 1))
        let tally = try await play(points, transcript, fault)
        guard tally.runs > 0 else { return }
        print(
            "mode \(mode): \(tally.runs) of \(last) points, the fault struck in \(tally.struck), \(tally.accepted) accepted intents "
                + "were there again")
        #expect(tally.struck == tally.runs)
    }

    private func play(_ points: [Int64], _ transcript: Transcript, _ fault: FaultyDiskMode) async throws -> Tally {
        var tally = Tally()
        try await withThrowingTaskGroup(of: CrashRun?.self) { group in
            for (number, at) in points.enumerated() {
                if number >= CrashPoints.threads, let run = try await group.next() ?? nil { tally.add(run) }
                if number > 0, number.isMultiple(of: 1000) {
                    print("mode \(fault.rawValue): \(number) of \(points.count) points")
                }
                group.addTask { await Self.play(transcript, fault, at) }
            }
            for try await case let run? in group { tally.add(run) }
        }
        return tally
    }

    private static func play(_ transcript: Transcript, _ fault: FaultyDiskMode, _ at: Int64) async -> CrashRun? {
        do {
            let run = try await CrashRun(transcript, fault, at: at)
            try await run.check()
            return run
        } catch {
            Issue.record("\(CrashPoints.place(fault.rawValue, at)): \(error)")
            return nil
        }
    }
}

/// One play on a disk that fails at one point.
struct CrashRun {
    private(set) var accepted: [Enqueued] = []
    /// What ended the play before its end.
    private(set) var failure: String?
    private(set) var counts = FaultyDiskCounts()
    private let folder: URL
    private let mode: FaultyDiskMode
    private let at: Int64

    private var path: String { folder.appending(path: "chat.sqlite").path }

    init(_ transcript: Transcript, _ mode: FaultyDiskMode, at: Int64) async throws {
        self.mode = mode
        self.at = at
        folder = FileManager.default.temporaryDirectory.appending(path: "tidemark-crash-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let disk = faulty_disk_watch(folder.path)
        try #require(disk >= 0)
        faulty_disk_arm(disk, mode, at)
        if let store = try? await MessageStore.open(folder.appending(path: "chat.sqlite").path) {
            var taken: [Enqueued] = []
            do {
                _ = try CrashScript.player.play(transcript, in: store) { taken.append($0) }
            } catch {
                failure = "\(error)"
            }
            accepted = taken
            try? store.close()
        }
        counts = faulty_disk_counts(disk)
        // A power cut on every other point; else the program died and the disk has what was written.
        let losesPower = (mode == FaultyDiskStops || mode == FaultyDiskTears) && at % 2 == 0
        if losesPower {
            _ = faulty_disk_lose_unsynced(disk, at % 4 == 0 ? 0 : UInt64(at))
            try? FileManager.default.removeItem(atPath: path + "-shm")
        }
        faulty_disk_forget(disk)
    }

    /// Opens what is left and looks whether all that was accepted is there.
    func check() async throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let place = Comment(rawValue: CrashPoints.place(mode.rawValue, at))
        let store = try await MessageStore.open(path)
        if !accepted.isEmpty {
            let account = try store.account("me")
            for enqueued in accepted {
                #expect(try account.intent(enqueued.intent).get().token == enqueued.token, place)
            }
            let conversations = try account.conversations(includingDeleted: true).get()
            #expect(!conversations.isEmpty, place)
            for conversation in conversations { _ = try account.timeline(of: conversation.id, limit: 1000).get() }
        }
        try store.close()
        let queue = try DatabaseQueue(path: path)
        let (integrity, orphans) = try await queue.read { db in
            (try String.fetchAll(db, sql: "PRAGMA integrity_check"), try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").count)
        }
        try queue.close()
        #expect(integrity == ["ok"], place)
        #expect(orphans == 0, place)
    }
}
