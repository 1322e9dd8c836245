import Foundation
import Testing

/// A live view in one process, and commits in another.
@Suite(.timeLimit(.minutes(2))) struct TwoProcessTests {
    /// A window of time in which an idle process is watched, and the most of them until one is quiet.
    private static let window = "2"
    private static let maximumWindows = 15

    /// How often the threads of a process have given up the processor to wait for something: each wake-up ends in one.
    private func waits(of process: Int32) throws -> [String: Int] {
        let threads = "/proc/\(process)/task"
        return try FileManager.default.contentsOfDirectory(atPath: threads).reduce(into: [:]) { waits, thread in
            // A thread may end between the two.
            guard let status = try? String(contentsOfFile: "\(threads)/\(thread)/status", encoding: .utf8) else { return }
            let line = status.split(separator: "\n").first { $0.hasPrefix("voluntary_ctxt_switches") }
            waits[thread] = line.flatMap { Int($0.drop { !$0.isNumber }) }
        }
    }

    /// Whether in some whole window nothing of the process ran but one thread of libdispatch, which looks after the others once a
    /// second in every program on Linux. Who looks every half second never has such a window: what looks is another thread.
    private func comesToRest(_ process: Int32) async throws -> Bool {
        // What is written beside the store wakes who watches its folder.
        let elsewhere = try Program()
        defer { elsewhere.remove() }
        for _ in 0..<Self.maximumWindows {
            let before = try waits(of: process)
            // The time is what is measured here; it passes in a process of its own.
            let clock = Process()
            clock.executableURL = URL(filePath: "/bin/sleep")
            clock.arguments = [Self.window]
            try #require(try await elsewhere.run(clock).status == 0)
            let after = try waits(of: process)
            #expect(!after.isEmpty)
            let woken = after.compactMap { thread, count in before[thread] == count ? nil : count - (before[thread] ?? 0) }
            if woken.count <= 1, woken.allSatisfy({ $0 <= 4 }) { return true }
        }
        return false
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self/task")), arguments: [false, true])
    func `a live view sees what another process commits, and nothing runs while nobody writes`(hasWriter: Bool) async throws {
        try await withProgram { program in
            #expect(try await program.run("create", "Trip").status == 0)
            #expect(try await program.run("send", "c1", "one").status == 0)
            // With a process that has the store open for writing, and with none: then there is no log beside the file.
            let syncing = hasWriter ? try Lines(try program.process(["sync", "--watch", "--json"])) : nil
            let lines = try Lines(try program.process(["timeline", "c1", "--follow", "--json"]))
            _ = try await lines.first { $0.contains("\"one\"") }
            if !hasWriter { #expect(try await comesToRest(lines.process.processIdentifier)) }
            for text in ["two", "three"] {
                #expect(try await program.run("send", "c1", text).status == 0)
                let committed = ContinuousClock.now
                _ = try await lines.first { $0.contains("\"\(text)\"") }
                // Within a second where the machine has nothing else to do.
                #expect(ContinuousClock.now - committed < .seconds(10))
            }
            if !hasWriter { #expect(try await comesToRest(lines.process.processIdentifier)) }
            #expect(await lines.stop() == 130)
            if let syncing { _ = await syncing.stop() }
        }
    }
}
