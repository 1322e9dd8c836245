import Foundation
import Testing

/// `verify` as a person and a script see it.
@Suite(.timeLimit(.minutes(2))) struct VerifyCommandTests {
    @Test func `a store that agrees with itself says so and exits 0`() async throws {
        try await withProgram { program in
            _ = try await program.run("create", "Trip")
            _ = try await program.run("send", "c1", "Hello")
            let ended = try await program.run("verify")
            #expect(ended.status == 0, "\(ended.errors)")
            #expect(ended.lines.first == "The store agrees with itself.")
            #expect(try await program.run("verify", "--json").output.isEmpty)
        }
    }

    @Test func `a damaged index is found, named with its repair, and repaired`() async throws {
        try await withProgram { program in
            _ = try await program.run("create", "Trip")
            _ = try await program.run("send", "c1", "Hello", "--token", "train-station-1")
            try flip("train-station-1", in: program)
            let found = try await program.run("verify", "--json")
            #expect(found.status == 3)
            let findings = try found.objects()
            #expect(!findings.isEmpty)
            #expect(findings.allSatisfy { $0["kind"] as? String == "index" && $0["repaired"] as? Bool == false })
            #expect(findings.allSatisfy { $0["repair"] as? String == "builds the indexes anew" })
            let told = try await program.run("verify")
            #expect(told.status == 3)
            #expect(told.lines.allSatisfy { $0.count <= 80 })
            #expect(told.output.contains("tidemark verify --repair"))
            let repaired = try await program.run("verify", "--repair", "--json")
            #expect(repaired.status == 0)
            #expect(try repaired.objects().allSatisfy { $0["repaired"] as? Bool == true })
            #expect(try await program.run("verify").status == 0)
        }
    }

    /// Changes a word in the pages of indexes, as a bad disk does, and not in the tables.
    private func flip(_ word: String, in program: Program) throws {
        let file = URL(filePath: program.store)
        var bytes = try Data(contentsOf: file)
        var changed = 0
        var rest = bytes.startIndex..<bytes.endIndex
        while let found = bytes.range(of: Data(word.utf8), in: rest) {
            rest = found.upperBound..<bytes.endIndex
            // The first byte of a page that is a leaf of an index.
            guard bytes[found.lowerBound / 4096 * 4096] == 10 else { continue }
            // It keeps its place among the random tokens, which are hexadecimal.
            bytes[found.lowerBound] = UInt8(ascii: "u")
            changed += 1
        }
        try #require(changed > 0)
        try bytes.write(to: file)
    }
}
