import Foundation
import Testing
import TidemarkAzure
import TidemarkModel
import TidemarkSimulator

@Suite struct HostileBytesTests {
    /// Mutations of each decoder; `FUZZ` says another number.
    static let runs = ProcessInfo.processInfo.environment["FUZZ"].flatMap(Int.init) ?? 1_500

    @Test(arguments: Decoder.allCases) func `bad bytes are refused and never trap`(decoder: Decoder) throws {
        let wire = AzureChatService.wire(endpoint: try #require(URL(string: Decoder.endpoint)))
        let corpus = try Self.corpus(decoder)
        try #require(!corpus.isEmpty)
        var whole = 0
        for good in corpus { whole += decoder.read(good, wire) > 0 ? 1 : 0 }
        // What is well has to be read, or its mutations prove nothing.
        #expect(whole > 0, "no seed of \(decoder.rawValue) can be read")
        var mutator = Mutator(seed: 1)
        var read = 0
        var longest = Duration.zero
        let clock = ContinuousClock()
        for run in 0..<Self.runs {
            let bytes = mutator.mutate(corpus[run % corpus.count], with: corpus[(run / 7) % corpus.count])
            longest = max(longest, clock.measure { read += decoder.read(bytes, wire) > 0 ? 1 : 0 })
        }
        print("\(decoder.rawValue): \(Self.runs) mutations, \(read) still read")
        // No input of 200 kB may take anything near this, on any machine.
        #expect(longest < .seconds(20))
        // A failure is told in some words whatever the service wrote.
        #expect(decoder == .failure || read < Self.runs)
    }

    /// Every file of `Fixtures/fuzz` with the decoder's name in front, and every body that the transcripts hold.
    private static func corpus(_ decoder: Decoder) throws -> [[UInt8]] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Fixtures")
        var corpus = decoder.seeds.map { Array($0.utf8) }
        let service =
            decoder.isOfLiveKit ? "livekit" : decoder.isOfAvayaSocket ? "avaya-socket" : decoder.isOfAvaya ? "avaya" : "azure"
        let folder = decoder == .transcript ? "transcripts/azure" : "fuzz/\(service)"
        let files = try FileManager.default.contentsOfDirectory(
            at: root.appendingPathComponent(folder), includingPropertiesForKeys: nil)
        for file in files.sorted(by: { $0.path < $1.path }) {
            let name = file.lastPathComponent
            guard decoder == .transcript ? name.hasSuffix(".jsonl") : name.hasPrefix(decoder.rawValue + "-") else { continue }
            corpus.append([UInt8](try Data(contentsOf: file)))
        }
        return corpus
    }
}
