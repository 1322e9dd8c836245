import TidemarkModel

/// What the people of one history do often and what never.
struct RoomHabits {
    private var weights: [(kind: RoomStep, weight: Int)] = []
    let ours: Int
    let others: Int
    let pauses: Int
    /// Two devices of one user have one name: whoever comes puts the other out.
    let sharesName: Bool
    /// How often a stranger means what somebody else has made.
    let meddling: Double
    /// Whether strangers' clocks run ahead.
    let clocksAhead: Bool
    /// How often an SDK does not know yet whose packet it hands out (wire page §5).
    let namelessness: Double
    /// Whether bridges hand out the time of a stream's header.
    let timesStreams: Bool

    init(seed: UInt64) {
        var generator = SeededGenerator(seed: seed ^ 0x726F_6F6D)
        func any<T>(_ choices: [T]) -> T { choices[generator.pick(choices.count)] }
        for (kind, weight) in [(RoomStep.edit, 24), (.delete, 14), (.read, 10)] {
            weights.append((kind, weight * any([0, 1, 1, 3])))
        }
        weights.append((.logOut, any([0, 10, 15, 25])))
        weights.append((.send, 24))
        ours = any([30, 40, 50])
        others = any([10, 20, 36])
        pauses = any([3, 6, 9])
        sharesName = any([true, false, false, false, false])
        meddling = any([0.1, 0.3, 0.6])
        clocksAhead = any([true, false, false])
        namelessness = any([0, 0.1, 0.1])
        timesStreams = any([true, true, false])
    }

    func act(_ number: Int) -> RoomStep {
        var rest = number % weights.reduce(0) { $0 + $1.weight }
        for (kind, weight) in weights {
            rest -= weight
            if rest < 0 { return kind }
        }
        return .send
    }
}

/// How often what goes wrong, by seed.
struct RoomTroubles {
    private(set) var rates: [RoomFault: Double] = [:]
    let hasPrograms: Bool
    let hasWrongClocks: Bool
    private(set) var isNone = false

    init(seed: UInt64) {
        var generator = SeededGenerator(seed: seed ^ 0x726F_7562)
        for fault in RoomFault.allCases where fault.whole != .steps {
            rates[fault] = 0.05 * [0, 1.2, 1.8][generator.pick(3)]
        }
        // In most one of them is the rule.
        let themes: [RoomFault] = [
            .answerLost, .late, .duplicated, .failedAfterActing, .truncated, .interrupted, .swallowed, .delayed,
        ]
        let theme = themes[generator.pick(themes.count)]
        if generator.pick(3) > 0 { rates[theme] = 0.4 }
        rates[.denied] = [0.3, 0.7, 0.95][generator.pick(3)]
        hasPrograms = generator.pick(2) == 0
        hasWrongClocks = generator.pick(3) == 0
    }

    /// The end of a history: nothing goes wrong any more.
    mutating func end() {
        rates = [:]
        isNone = true
    }

    /// What strikes one call, given a number from 0 to 1: one fault at most.
    func strike(_ number: Double, _ possible: [RoomFault]) -> RoomFault? {
        var sum = 0.0
        for fault in possible {
            sum += rates[fault, default: 0]
            if number < sum { return fault }
        }
        return nil
    }
}
