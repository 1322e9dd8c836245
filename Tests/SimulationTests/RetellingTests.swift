import Histories
import Testing

/// A history told again as a transcript: another program plays it, with the adapter's codecs on the same bytes, and has to come
/// to the same views.
@Suite struct RetellingTests {
    @Test(arguments: [1, 4, 8], [1, 2])
    func `a device's part of a history is a transcript that comes to what the service has`(seed: UInt64, device: Int) throws {
        var history = History(.azure, seed: seed, steps: 120)
        history.retold = device
        let report = try history.play()
        let transcript = try #require(report.transcript)
        try #require(transcript.untold == [])
        #expect(report.violations == [])
        #expect(transcript.file.count > 10_000)
        #expect(try transcript.replay() == [])
    }

    @Test func `what differs from the service is told when the transcript is played`() throws {
        var history = History(.azure, seed: 1, steps: 120)
        history.retold = 1
        var transcript = try #require(try history.play().transcript)
        let text = String(decoding: transcript.file, as: UTF8.self)
        let lines = text.split(separator: "\n").map { line in
            // As if the service held another message than the device shows.
            line.contains("\"expect\":\"timeline\"") ? String(line.replacing("\"id\":\"1", with: "\"id\":\"2")) : String(line)
        }
        transcript.file = Array(lines.joined(separator: "\n").utf8)
        #expect(try !transcript.replay().isEmpty)
    }

    @Test func `a service without a wire is not told again`() throws {
        var history = History(.tiny, seed: 1, steps: 20)
        history.retold = 1
        #expect(try history.play().transcript == nil)
    }
}
