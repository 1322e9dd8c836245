import Foundation
import Testing
import TidemarkAvaya
import TidemarkAzure
import TidemarkModel
import TidemarkTranscripts

/// The transcripts of this repository.
struct Fixture: CustomTestStringConvertible, Sendable {
    let name: String
    let path: String

    var testDescription: String { name }

    func transcript() throws -> Transcript {
        try Transcript([UInt8](Data(contentsOf: URL(fileURLWithPath: path))))
    }

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Fixtures/transcripts")

    static let all: [Fixture] = {
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        return (files?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "jsonl" }
            .map { Fixture(name: $0.lastPathComponent, path: $0.path) }.sorted { $0.path < $1.path }
    }()

    static let player = TranscriptPlayer { service, endpoint in
        switch (service, URL(string: endpoint)) {
        case ("azure", let url?): return AzureChatService.wire(endpoint: url)
        case ("avaya", let url?): return AvayaChatService.wire(endpoint: url)
        case ("avaya-guest", let url?): return AvayaChatService.wire(endpoint: url, isGuest: true)
        default: throw UnknownService()
        }
    }

    struct UnknownService: Error {}
}

@Suite struct FixtureTests {
    @Test(arguments: Fixture.all) func `a transcript ends as it says`(fixture: Fixture) throws {
        let transcript = try fixture.transcript()
        #expect(try Fixture.player.play(transcript).differences == [])
    }

    @Test(arguments: Fixture.all.enumerated().filter { $0.offset.isMultiple(of: 12) }.map(\.element))
    func `the same transcript gives the same trace`(fixture: Fixture) throws {
        let transcript = try fixture.transcript()
        #expect(try Fixture.player.play(transcript).trace == Fixture.player.play(transcript).trace)
    }

    @Test func `there are transcripts`() {
        #expect(Fixture.all.count { $0.path.contains("/azure/") } >= 169)
        #expect(Fixture.all.count { $0.path.contains("/livekit/") } >= 40)
        #expect(Fixture.all.count { $0.path.contains("/avaya/") } >= 41)
    }
}
