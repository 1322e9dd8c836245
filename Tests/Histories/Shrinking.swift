/// Makes a failing history short: leaves out what it fails without.
package struct Shrinking {
    /// The promise that has to be broken still, as its violations begin.
    package let promise: String
    package private(set) var shortest: History
    /// How many histories may be played for it.
    package var tries = 400

    /// - Returns: nil if the history breaks no promise.
    package init?(_ history: History) throws {
        guard let violation = try Self.violations(of: history).first else { return nil }
        promise = Self.promise(of: violation)
        shortest = history
    }

    /// Leaves out halves, quarters and so on down to single steps, from the end, as long as the same promise stays broken.
    ///
    /// - Parameter each: hears of each shorter history that still fails.
    package mutating func run(each: (History) -> Void = { _ in }) {
        var size = max(1, shortest.steps / 2)
        while size >= 1, tries > 0 {
            var isShorter = false
            for start in stride(from: 0, to: shortest.steps, by: size).reversed() where tries > 0 {
                let range = (start..<min(start + size, shortest.steps)).filter { !shortest.skipped.contains($0) }
                guard !range.isEmpty else { continue }
                var candidate = shortest
                candidate.skipped = shortest.skipped.adding(range)
                tries -= 1
                guard fails(candidate) else { continue }
                shortest = candidate
                isShorter = true
                each(candidate)
            }
            if size == 1, !isShorter { return }
            size = max(1, size / 2)
        }
    }

    private func fails(_ history: History) -> Bool {
        // What throws is another defect.
        guard let violations = try? Self.violations(of: history) else { return false }
        return violations.contains { Self.promise(of: $0) == promise }
    }

    private static func violations(of history: History) throws -> [String] { try history.play().violations }

    private static func promise(of violation: String) -> String {
        String(violation.prefix { $0 != ":" })
    }
}
