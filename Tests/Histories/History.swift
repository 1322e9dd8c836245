import Foundation
import TidemarkModel
import TidemarkStore

/// One seed, one history: people write and read on several devices while the network loses, delays and lies, and devices
/// crash; then everything comes to rest and is judged.
package struct History: Sendable {
    package enum Place: String, CaseIterable, Sendable {
        /// The smallest service, in the engine's own words.
        case tiny
        /// The same behind a history by creation and a feed of changes.
        case feed
        /// The simulated Azure, behind the adapter's real codecs.
        case azure
        /// The simulated Avaya Spaces, behind the adapter's real codecs.
        case avaya
        /// Rooms of the simulated LiveKit, behind the real adapter.
        case livekit
    }

    /// How many devices there are: two of one user, one of another.
    package static let devices = 3

    package var place: Place
    package var seed: UInt64
    package var steps: Int
    /// Steps that are left out: what a failing history is shortened by.
    package var skipped = StepSet()
    /// Prints each request with its virtual time.
    package var isVerbose = false
    /// The device whose part is written down as a transcript.
    package var retold: Int?

    package init(_ place: Place, seed: UInt64, steps: Int = 150) {
        self.place = place
        self.seed = seed
        self.steps = steps
    }

    /// Plays it and judges it. The same history gives the same report, in every process.
    ///
    /// - Throws: what a store threw: that is a defect too.
    package func play(from shelf: StoreShelf = StoreShelf()) throws -> HistoryReport {
        switch place {
        case .tiny: try play(TinyService(seed: seed), shelf)
        case .feed: try play(FeedService(seed: seed), shelf)
        case .azure: try play(AzureModel(seed: seed), shelf)
        case .avaya: try play(AvayaModel(seed: seed), shelf)
        case .livekit: try playRooms(shelf)
        }
    }

    private func play<Service: ServiceModel>(_ service: Service, _ shelf: StoreShelf) throws -> HistoryReport {
        var world = try World(
            service: service, seed: seed, steps: steps, troubles: Troubles(seed: seed), configuration: configuration, shelf: shelf
        )
        world.isVerbose = isVerbose
        world.setClocks(seed: seed)
        if let retold { world.startRetelling(of: retold, "\(place.rawValue) seed \(seed), device \(retold)") }
        try world.getAcquainted()
        for number in 0..<steps where !skipped.contains(number) {
            // Each step has numbers of its own: to leave one out changes none of the others' choices.
            world.generator = SeededGenerator(seed: seed &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(number))
            try world.step()
            if number % 50 == 49 { try world.watch() }
        }
        let violations = try judge(&world)
        try world.retellEnd(violations)
        for device in world.devices.indices { try world.harvest(device) }
        if isVerbose { try world.printJournals() }
        for device in world.devices { shelf.put(device.store) }
        return HistoryReport(
            history: self, violations: violations, trace: world.trace.value, counts: world.counts,
            transcript: world.retelling.map { RetoldDevice(file: $0.file, untold: $0.untold.sorted()) })
    }

    private func judge<Service: ServiceModel>(_ world: inout World<Service>) throws -> [String] {
        guard try world.settle() else { return ["P9: the history did not come to rest"] }
        try world.watch()
        let early = try Judge(world: world, isEarly: true).violations()
        guard try world.readTops() else { return early + ["P9: the history did not come to rest again"] }
        try world.watch()
        return early + (try Judge(world: world).violations().filter { !early.contains($0) })
    }

    /// Small pages: the walks are where it hurts.
    private var configuration: SyncConfiguration {
        var configuration = SyncConfiguration()
        configuration.maximumConcurrentRequests = 3
        // What a list loses while it moves, the next sweep finds; the judge looks after that.
        configuration.sweepInterval = configuration.topInterval
        configuration.resultsPerPage = [1, 2, 3, 8, 8, 20, 50][Int(seed % 7)]
        // Where the list is read often, that is most of what happens. A feed is asked at that pace, several conversations at once.
        let intervals: [Int64] = place == .feed ? [10, 60, 300] : [60, 300, 900]
        configuration.listInterval = .seconds(intervals[Int(seed / 5 % 3)])
        return configuration
    }
}

/// What came of one history.
package struct HistoryReport: Sendable {
    package var history: History
    /// Each a sentence, with the promise that it breaks.
    package var violations: [String]
    /// A hash over all that happened, in order.
    package var trace: UInt64
    /// How often each kind of step and fault happened.
    package var counts: HistoryCounts
    /// The same of a history of rooms.
    package var rooms = RoomCounts()
    /// Where one was asked for, and the service has a wire.
    package var transcript: RetoldDevice?
}

extension World {
    /// What each device says about each of its intents.
    func printJournals() throws {
        for device in devices {
            for accepted in device.accepted {
                let lines = try device.account.journal(.intent(accepted.enqueued.intent)).get()
                for line in lines {
                    let facts = [line.cause, line.attempt.map(String.init), line.status.map(String.init), line.detail]
                    print(
                        device.name, accepted.enqueued.intent, accepted.verb.rawValue, line.at.milliseconds - World.start,
                        line.kind, facts.compactMap(\.self).joined(separator: " "))
                }
            }
        }
    }
}
