/// What became of a suite on a service: one row for each check, in the order of the suite.
public struct ConformanceReport: Sendable {
    public enum Outcome: Hashable, Sendable {
        case passed
        /// What was broken, in words that hold nothing of what the service said.
        case failed(String)
        /// The traits say that there is nothing to promise; the trait that says it.
        case notApplicable(String)
        /// The traits promise it, and the world has nothing to play it with.
        case notPlayed(String)
    }

    public struct Row: Sendable {
        public var check: ConformanceCheck
        public var outcome: Outcome

        public init(_ check: ConformanceCheck, _ outcome: Outcome) {
            self.check = check
            self.outcome = outcome
        }
    }

    /// The subject's name.
    public var service: String
    public var rows: [Row]

    public init(service: String, rows: [Row]) {
        self.service = service
        self.rows = rows
    }

    public var failures: [Row] {
        rows.filter { row in
            if case .failed = row.outcome { true } else { false }
        }
    }

    /// No check failed, and one at least was passed.
    public var isPassed: Bool { failures.isEmpty && rows.contains { $0.outcome == .passed } }
}

extension ConformanceReport.Outcome {
    /// The word in the matrix.
    public var word: String {
        switch self {
        case .passed: "ok"
        case .failed: "FAILED"
        case .notApplicable: "n/a"
        case .notPlayed: "-"
        }
    }

    /// Why it is not `ok`.
    public var reason: String? {
        switch self {
        case .passed: nil
        case .failed(let reason), .notApplicable(let reason), .notPlayed(let reason): reason
        }
    }
}
