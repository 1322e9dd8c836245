import Testing

@Suite struct HostileSimulatorTests {
    @Test(arguments: SimulatorDecoder.allCases)
    func `bad bytes are answered by the simulator and never trap`(decoder: SimulatorDecoder) {
        let seeds = decoder.seeds
        for seed in seeds { #expect(decoder.read(seed) > 0, "a seed of \(decoder.rawValue) can't be read") }
        var mutator = Mutator(seed: 2)
        var read = 0
        var longest = Duration.zero
        let clock = ContinuousClock()
        // Each is read by seven procedures, or signed for.
        let runs = HostileBytesTests.runs / 3
        for run in 0..<runs where !seeds.isEmpty {
            let bytes = mutator.mutate(seeds[run % seeds.count], with: seeds[(run / 7) % seeds.count])
            longest = max(longest, clock.measure { read += decoder.read(bytes) > 0 ? 1 : 0 })
        }
        print("simulator's \(decoder.rawValue): \(runs) mutations, \(read) still read")
        #expect(longest < .seconds(20))
        #expect(decoder == .lines || read < runs)
    }
}
