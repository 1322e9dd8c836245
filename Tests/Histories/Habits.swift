import TidemarkModel

/// What the people of one history do often and what never. A seed without deletes, or with one conversation that everybody edits,
/// shows what an even mixture of everything hides.
struct Habits {
    /// How often each act, beside the others.
    private var weights: [(kind: StepKind, weight: Int)] = []
    /// A user who is in so many conversations makes no further one.
    let mostConversations: Int
    /// How often our users do something, other clients do, and nobody does anything for a while: beside 33 troubles and 6 times that
    /// what is under way goes on.
    let ours: Int
    let others: Int
    let pauses: Int
    /// How often another client writes between two pages of a walk.
    let meddling: Double
    /// How often another client does several things at once.
    let flurries: Double
    /// Everybody is in one conversation before anything goes wrong.
    let isAcquainted: Bool
    /// How often a message has files, where the service takes any.
    let attaches: Double

    init(seed: UInt64, steps: Int) {
        var generator = SeededGenerator(seed: seed ^ 0x6861_6269_7473)
        func any<T>(_ choices: [T]) -> T { choices[Int(generator.number() % UInt64(choices.count))] }
        // Some begin a conversation for every word.
        weights.append((.create, any([0, 0, 8, 20])))
        for (kind, weight) in Self.usual { weights.append((kind, weight * any([0, 1, 1, 4]))) }
        // After them much is gone: many in a few histories rather than a few in each.
        for (kind, weight) in Self.harsh {
            // Who signs out in a long history has fewer conversations left to do it from.
            let often = kind == .logOut && steps >= 500 ? weight + 3 : weight
            weights.append((kind, often * any([0, 0, 0, 0, 0, 0, 8, 14])))
        }
        // Who writes nothing has nothing to lose.
        weights.append((.send, 30))
        mostConversations = any([1, 2, 3, 8])
        ours = any([62, 69, 76])
        others = any([2, 4, 6])
        pauses = any([3, 6, 9])
        meddling = any([0, 0.1, 0.3])
        flurries = any([0, 0.1, 0.4])
        isAcquainted = any([true, true, true, false])
        attaches = any([0.3, 0.5, 0.5, 0.8])
    }

    private static let usual: [(StepKind, Int)] = [
        (.create, 3), (.edit, 23), (.delete, 29), (.read, 17), (.rename, 16), (.add, 18), (.remove, 54),
    ]

    /// After which much of what was there is gone.
    private static let harsh: [(StepKind, Int)] = [(.deleteConversation, 114), (.logOut, 26)]

    /// What somebody does, given a number.
    func act(_ number: UInt64) -> StepKind {
        var rest = Int(number % UInt64(weights.reduce(0) { $0 + $1.weight }))
        for (kind, weight) in weights {
            rest -= weight
            if rest < 0 { return kind }
        }
        return .send
    }
}
