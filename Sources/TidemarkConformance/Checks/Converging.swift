internal import Tidemark
internal import TidemarkModel
internal import TidemarkSimulator
internal import TidemarkStore

/// P5: the same observations give the same content, in any order and any number.
extension ConformanceCheck {
    static let converging = [
        ConformanceCheck("P5", "any order of what was told gives the same content", unless: [Unless.lacks(.send)]) { stage in
            let (device, place) = try await stage.begun()
            try await change(stage, device, place)
            let told = (device.pushed + device.copies(of: place)).filter { event in
                if case .receiving = event { false } else { true }
            }
            var generator = SeededGenerator(seed: 41)
            var results: Set<[String: String]> = []
            var hashes: Set<UInt64> = []
            for _ in 0..<12 {
                let replica = try Replica(of: device, place, stage.traits)
                try replica.take((told + told.shuffled(using: &generator).prefix(told.count / 2)).shuffled(using: &generator))
                results.insert(try replica.texts())
                hashes.insert(try replica.hash)
            }
            try require(results.count == 1, "12 orders of what was told show \(results.count) different contents")
            // Of what is ordered by arrival the order itself is content.
            try require(hashes.count == 1 || stage.traits.ordering == .arrival, "the content hashes of 12 orders differ")
            let there = try await stage.live(place).map(\.text).sorted()
            // Without history an own message is told by the answer to its send.
            let own = stage.traits.history == .none ? Set(try device.shown(place.local).filter(\.isOwn).compactMap(\.text)) : []
            let expected = there.filter { !own.contains($0) }
            let here = (results.first.map { Array($0.values) } ?? []).filter { !own.contains($0) }.sorted()
            try require(here == expected, "what was told is not what the service holds")
        },
        ConformanceCheck("P5", "a program that comes late shows what one shows that saw all", unless: [Unless.hasNoHistory]) {
            stage in
            let (device, place) = try await stage.begun()
            try await change(stage, device, place)
            try await stage.compare(device, place.local, with: place, "seen step by step")
            let late = try await stage.device()
            let local = try await stage.find(place, on: late)
            try await stage.compare(late, local, with: place, "seen at the end")
            guard stage.traits.changes == .listing else { return }
            let (mine, theirs) = (
                try device.store.contentHash(conversation: place.local), try late.store.contentHash(conversation: local)
            )
            try require(mine == theirs, "the same listing gave two content hashes")
        },
    ]

    /// A little of everything, read step by step.
    private static func change(_ stage: Stage, _ device: Device, _ place: Stage.Place) async throws {
        let verbs = stage.traits.lostAnswers
        let first = try await stage.otherSays("first", in: place)
        let second = try await stage.otherSays("second", in: place)
        try await stage.catchUp(device)
        let own = try await stage.say("own", device, in: place)
        if verbs[.edit] != nil {
            try await stage.others(.edit(first, text: "first, edited", metadata: [:], in: place.remote))
            try await stage.catchUp(device)
            try await stage.others(.edit(first, text: "first, edited twice", metadata: [:], in: place.remote))
        }
        if verbs[.edit] != nil, let message = own.message { try await device.engine.edit(message, to: "own, edited") }
        try await device.run(stage.bound) { device.isAtRest }
        if verbs[.delete] != nil { try await stage.others(.delete(second, in: place.remote)) }
        try await stage.otherSays("third", in: place)
        try await stage.catchUp(device)
    }
}
