import TidemarkModel

/// How often what goes wrong. By seed, so that each trouble also has histories without it, and histories in which it is
/// frequent.
struct Troubles {
    /// Of the requests.
    private var rates: [Fault: Double] = [:]
    /// A change is pushed; else only a poll shows it.
    var pushed = 0.0
    var hasBackups = false
    var setsClocks = false
    var hasPrograms = false
    /// What does not work is tried again, and again.
    private(set) var isImpatient = false

    static let none = Troubles()

    /// The end of a history: nothing goes wrong any more.
    var isNone: Bool { rates.isEmpty }

    private init() {}

    init(seed: UInt64) {
        for (fault, rate) in Self.usual { rates[fault] = rate }
        // A third is not there and a third is half as frequent again.
        var generator = SeededGenerator(seed: seed ^ 0x7472_6F75)
        for fault in Fault.allCases {
            guard let rate = rates[fault] else { continue }
            rates[fault] = rate * [0, 1.2, 1.8][Int(generator.number() % 3)]
        }
        // In most one of them is the rule: what is rare anywhere else happens again and again.
        let theme = Self.themes[Int(generator.number() % UInt64(Self.themes.count))]
        let isThemed = generator.number() % 3 > 0
        if isThemed { rates[theme] = 0.4 }
        func chance(in count: UInt64) -> Bool { generator.number() % count == 0 }
        // In some histories little else happens than that people try again.
        isImpatient = generator.number() % 8 < 3
        rates[.refused] = isImpatient ? [0.9, 0.98][Int(generator.number() % 2)] : [0, 0.05, 0.2][Int(generator.number() % 3)]
        pushed = chance(in: 3) ? 0 : 0.75
        setsClocks = chance(in: 4)
        hasBackups = chance(in: 2)
        hasPrograms = chance(in: 2)
    }

    private static let themes: [Fault] = [
        .answerLost, .answerLate, .delayed, .duplicated, .late, .afterQuarantine, .failedAfterActing, .truncated, .reordered,
    ]

    private static let usual: [Fault: Double] = [
        .requestLost: 0.06, .answerLost: 0.06, .delayed: 0.06, .answerLate: 0.06, .duplicated: 0.08, .late: 0.06,
        .afterQuarantine: 0.08,
        .throttled: 0.06, .unreachable: 0.06, .failedAfterActing: 0.06, .truncated: 0.08, .earlyNotFound: 0.6,
        .reordered: 0.12, .credentialRefused: 0.05, .linkRejected: 0.3,
    ]

    func rate(_ fault: Fault) -> Double { rates[fault, default: 0] }

    /// What strikes one request, given a number from 0 to 1: one fault at most.
    func strike(_ number: Double, _ possible: [Fault]) -> Fault? {
        var sum = 0.0
        for fault in possible {
            sum += rate(fault)
            if number < sum { return fault }
        }
        return nil
    }
}
