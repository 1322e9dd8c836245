import Foundation
import Testing

enum SmallDisk {
    static let prefix = ["--user", "--map-root-user", "--mount", "sh", "-c"]

    static func isPossible() -> Bool {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/unshare")
        process.arguments = prefix + ["mount -t tmpfs -o size=1m tmpfs /mnt"]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}

/// A disk that fills up while a file is attached: a small one in memory, in a namespace of the test's own, where the machine lets
/// it have one.
@Suite(.timeLimit(.minutes(2)), .enabled(if: SmallDisk.isPossible())) struct FullDiskTests {
    /// Runs lines of a shell on a disk of 2 MB, whose store and files are there; each line's status and words are kept apart.
    private func run(_ lines: [String]) async throws -> Program.Ended {
        let program = try Program()
        defer { program.remove() }
        let executable = try Program.executable().path
        let process = try program.process([])
        process.executableURL = URL(filePath: "/usr/bin/unshare")
        let script = """
            set -e
            mkdir disk && mount -t tmpfs -o size=2m tmpfs disk && cd disk
            export TIDEMARK_STORE="$PWD/chat.sqlite"
            tidemark() { "\(executable)" "$@" && echo "status 0" || echo "status $?"; }
            \(lines.joined(separator: "\n"))
            """
        process.arguments = SmallDisk.prefix + [script]
        return try await program.run(process)
    }

    @Test func `what does not fit is refused with a sentence, and nothing of it is left behind`() async throws {
        let ended = try await run([
            "tidemark account add me --service avaya --guest Ann", "tidemark create Garden",
            "head -c 400000 /dev/urandom > small.bin",
            "head -c 3000000 /dev/zero > ../large.bin",
            "tidemark send c1 'before' --attach small.bin", "tidemark send c1 'too much' --attach ../large.bin",
            "ls chat.sqlite-files | wc -l", "tidemark outbox --json", "rm small.bin",
            "tidemark send c1 'after'", "tidemark verify",
        ])
        #expect(ended.status == 0, "\(ended.errors)")
        let statuses = ended.lines.filter { $0.hasPrefix("status ") }
        #expect(statuses == [0, 0, 0, 1, 0, 0, 0].map { "status \($0)" }, "\(ended.output)\n\(ended.errors)")
        #expect(ended.errors.contains("disk is full"))
        // The one copy of what was accepted, and nothing else.
        #expect(ended.lines.contains { $0.trimmingCharacters(in: .whitespaces) == "1" })
        #expect(!ended.output.contains("too much"))
        #expect(ended.output.components(separatedBy: #""verb":"upload""#).count == 2)
    }
}
