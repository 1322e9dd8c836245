import Tidemark

/// Lines of the journal.
struct JournalPrinter {
    let output: Output

    func print(_ lines: [JournalLine]) {
        if output.isJSON { return lines.forEach { output.json(Self.json($0)) } }
        guard !lines.isEmpty else { return output.line("Nothing is noted.") }
        var table = Table([
            Table.Column(title: "at (\(LocalTime(.current).zone))"), Table.Column(title: "what"), Table.Column(title: "of"),
            Table.Column(title: "try", isRight: true), Table.Column(title: "cause", shrinks: true),
        ])
        for line in lines {
            let subject = [line.intent?.description, line.message?.description ?? line.conversation?.description]
                .compactMap { $0 }.joined(separator: " ")
            let cause = [line.cause, line.status.map { "HTTP \($0)" }, line.detail].compactMap { $0 }.joined(separator: ", ")
            table.add([
                Table.Cell("\(LocalTime(line.at).day) \(LocalTime(line.at).clockWithSeconds)", output.style.dim),
                Table.Cell(line.kind), Table.Cell(subject), Table.Cell(line.attempt.map(String.init) ?? ""),
                Table.Cell(EscapedText.line(cause, limit: 300)),
            ])
        }
        output.table(table)
    }

    static func json(_ line: JournalLine) -> [(String, JSONValue)] {
        [
            ("kind", .string(line.kind)), ("conversation", .id(line.conversation)), ("message", .id(line.message)),
            ("intent", .id(line.intent)), ("at", .time(line.at)), ("cause", .optional(line.cause)),
            ("attempt", .optional(line.attempt.map(Int64.init))), ("status", .optional(line.status.map(Int64.init))),
            ("detail", .optional(line.detail)),
        ]
    }
}
