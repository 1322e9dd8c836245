import TidemarkSimulator

/// What goes wrong in the demo, in the words of the one who watches.
enum DemoFault {
    /// Each of them has to strike before the demo ends well.
    static let all: [(name: String, share: Double, said: String)] = [
        ("drop-request", 0.06, "the request was lost"),
        ("drop-response", 0.06, "it was done, and the answer was lost"),
        ("late", 0.03, "it arrives after we gave up"),
        ("status-401", 0.03, "401: the token was refused"),
        ("status-429", 0.04, "429: too many requests"),
        ("status-500", 0.03, "500, and nothing was done"),
        ("applied-500", 0.03, "500, and yet it was done"),
        ("applied-504", 0.04, "504, and yet it was done"),
        ("truncated", 0.04, "the answer was cut off"),
        ("malformed", 0.03, "the answer was no JSON"),
        (DemoNetwork.crash, 0, "it was done, and the program was killed"),
    ]

    static func plan(seed: UInt64) -> FaultPlan {
        var plan = FaultPlan(seed: seed)
        plan.delay = 300
        // Its check demands one copy of each: what arrives after the quarantine can be a second.
        plan.lateness = .withinQuarantine
        for fault in all {
            if let kind = FaultPlan.Kind(name: fault.name) { plan.add(kind, fault.share) }
        }
        return plan
    }

    static func said(_ name: String) -> String {
        all.first { $0.name == name }?.said ?? name
    }
}
