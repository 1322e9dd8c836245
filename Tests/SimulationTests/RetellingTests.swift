import Histories
import Testing

/// A history told again as a transcript: another program plays it, with the adapter's codecs on the same bytes, and has to come
/// to the same views.
@Suite struct RetellingTests {
    /// Devices of a few histories whose whole way a transcript can tell.
    private static func told(_ place: History.Place) throws -> [RetoldDevice] {
        try (1...7 as ClosedRange<UInt64>).flatMap { seed in
            try [1, 2].compactMap { device in
                var history = History(place, seed: seed, steps: 120)
                history.retold = device
                return try history.play().transcript
            }
        }.filter { $0.untold.isEmpty }
    }

    @Test(arguments: [History.Place.azure, .avaya])
    func `devices' parts of histories are transcripts that come to what the service has`(_ place: History.Place) throws {
        let told = try Self.told(place)
        #expect(told.count > 4)
        // One in twenty can't be played to its end: the player's engine does not begin a request at the same moment.
        let clean = told.filter { (try? $0.replay()) == [] }
        #expect(clean.count * 10 >= told.count * 8, "\(clean.count) of \(told.count)")
        // As if the service held other messages than the devices show.
        let showing = clean.filter { String(decoding: $0.file, as: UTF8.self).contains("\"expect\":\"timeline\"") }
        #expect(showing.count > 1)
        for transcript in showing.prefix(3) {
            let lines = String(decoding: transcript.file, as: UTF8.self).split(separator: "\n").map { line in
                line.contains("\"expect\":\"timeline\"")
                    ? String(line.replacing("\"id\":\"", with: "\"id\":\"0")) : String(line)
            }
            let other = RetoldDevice(file: Array(lines.joined(separator: "\n").utf8), untold: [])
            #expect(try !other.replay().isEmpty)
        }
    }

    @Test func `a service without a wire is not told again`() throws {
        var history = History(.tiny, seed: 1, steps: 20)
        history.retold = 1
        #expect(try history.play().transcript == nil)
    }
}
