/// Several services side by side: what holds for whom, as plain text.
public struct ConformanceMatrix: Sendable, CustomStringConvertible {
    public static let width = 80
    private static let promiseWidth = 8
    private static let narrowest = 7

    public var reports: [ConformanceReport]

    public init(_ reports: [ConformanceReport]) {
        self.reports = reports
    }

    /// At most 80 columns: a table, and below it why something is not `ok`.
    public var description: String {
        let columns = reports.map { report in min(max(report.service.count, Self.narrowest), 12) + 1 }
        let nameWidth = max(20, Self.width - Self.promiseWidth - columns.reduce(0, +))
        var lines = [Self.row("", "", reports.map(\.service), columns, nameWidth)]
        for check in checks {
            let words = reports.map { report in
                report.rows.first { $0.check.description == check.description }?.outcome.word ?? ""
            }
            lines += Self.rows(check, words, columns, nameWidth)
        }
        lines.append("")
        for report in reports { lines += Self.reasons(of: report) }
        return lines.map { $0.trimmingEnd() }.joined(separator: "\n")
    }

    private var checks: [ConformanceCheck] {
        var seen: Set<String> = []
        return reports.flatMap(\.rows).map(\.check).filter { seen.insert($0.description).inserted }
    }

    /// A long name goes on in the next line.
    private static func rows(_ check: ConformanceCheck, _ words: [String], _ columns: [Int], _ width: Int) -> [String] {
        let parts = wrap(check.name, at: width - 1)
        return parts.enumerated().map { index, part in
            row(index == 0 ? check.promise : "", part, index == 0 ? words : [], columns, width)
        }
    }

    private static func row(_ promise: String, _ name: String, _ words: [String], _ columns: [Int], _ width: Int) -> String {
        promise.padded(to: promiseWidth) + name.padded(to: width) + zip(words, columns).map { $0.padded(to: $1) }.joined()
    }

    private static func reasons(of report: ConformanceReport) -> [String] {
        let groups = Dictionary(grouping: report.rows.filter { $0.outcome != .passed }) { row in
            "\(row.outcome.word): \(row.outcome.reason ?? "")"
        }
        return groups.sorted { $0.key < $1.key }.flatMap { reason, rows in
            wrap("\(report.service) \(reason) (\(rows.map(\.check.description).joined(separator: "; ")))", at: width)
        }
    }

    private static func wrap(_ text: String, at width: Int) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + word.count < width {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(lines.isEmpty ? String(word) : "  \(word)")
            }
        }
        return lines
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        let cut = prefix(max(0, width - 1))
        return cut + String(repeating: " ", count: max(0, width - cut.count))
    }

    fileprivate func trimmingEnd() -> String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
