import Tidemark
import TidemarkModel
import TidemarkStore

/// What the views show, as the rows that expectations name.
extension Stage {
    mutating func compare(_ expectation: Expectation, _ line: Int) throws {
        let rows = try rows(of: expectation, line)
        let shown = JSON.list(rows).projected(like: .list(expectation.rows))
        seen[line] = JSON.object(Expectation.line(expectation.view, of: expectation.conversation, shows: shown)).line
        trace.add(shown.line)
        guard !shown.covers(.list(expectation.rows)) else { return }
        let view = expectation.view + (expectation.conversation.map { " of \($0)" } ?? "")
        guard rows.count == expectation.rows.count else {
            differences.append(
                "line \(line): the \(view) has \(rows.count) rows instead of \(expectation.rows.count): \(shown.line)")
            return
        }
        for (index, (row, expected)) in zip(rows, expectation.rows).enumerated() where !row.covers(expected) {
            differences.append(
                "line \(line): row \(index + 1) of the \(view) is \(row.projected(like: expected).line) instead of \(expected.line)"
            )
        }
    }

    func entries(of conversation: ConversationID) throws -> [TimelineEntry] {
        try account.timeline(of: conversation, limit: Timeline.maximumLimit).get().entries
    }

    private func rows(of expectation: Expectation, _ line: Int) throws -> [JSON] {
        if expectation.view == "requests" {
            return pending.filter(\.isOfWrite).map { .text($0.exchange.description) }
        }
        return try account.rows(of: expectation.view, in: try expectation.conversation.map { try conversation($0, line) })
    }
}
