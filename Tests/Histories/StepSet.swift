import TidemarkModel

/// Numbers of steps, written as `3-40,45`.
package struct StepSet: Hashable, Sendable, CustomStringConvertible {
    private var numbers: Set<Int> = []

    package init() {}

    /// Nil if the text is no list of numbers and ranges.
    package init?(_ text: String) {
        for part in text.split(separator: ",", omittingEmptySubsequences: true) {
            let bounds = part.split(separator: "-").map { Int($0) }
            guard let low = bounds.first ?? nil, let high = bounds.last ?? nil, bounds.count <= 2, low >= 0, low <= high,
                high < 1_000_000
            else { return nil }
            numbers.formUnion(low...high)
        }
    }

    package var isEmpty: Bool { numbers.isEmpty }
    package var count: Int { numbers.count }
    package func contains(_ number: Int) -> Bool { numbers.contains(number) }
    package func adding(_ more: some Sequence<Int>) -> StepSet {
        var copy = self
        copy.numbers.formUnion(more)
        return copy
    }

    package var description: String {
        var parts: [String] = []
        let sorted = numbers.sorted()
        var index = 0
        while index < sorted.count {
            var end = index
            while end + 1 < sorted.count, sorted[end + 1] == sorted[end] + 1 { end += 1 }
            parts.append(index == end ? "\(sorted[index])" : "\(sorted[index])-\(sorted[end])")
            index = end + 1
        }
        return parts.joined(separator: ",")
    }
}
