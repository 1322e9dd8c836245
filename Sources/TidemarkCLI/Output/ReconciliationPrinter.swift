import Tidemark

/// What a comparison of store and service found.
struct ReconciliationPrinter {
    let output: Output
    let isDryRun: Bool
    let seconds: Duration
    /// The command that repairs what was only looked at.
    var repair: String?

    func print(_ result: Reconciliation) {
        if output.isJSON {
            for finding in result.findings { output.json(Self.json(finding)) }
            return output.json(summary(result))
        }
        let style = output.style
        // Where all is repaired, the sentence below says so.
        let isMixed = !isDryRun && result.unrepaired > 0
        var table = Table(
            [
                Table.Column(title: "kind"), Table.Column(title: "where"),
                Table.Column(title: "remote id", shrinks: true, isID: true),
                Table.Column(title: "what", shrinks: true),
            ] + (isMixed ? [Table.Column(title: "repaired")] : []))
        for finding in result.findings {
            let place = [finding.conversation?.description, finding.message?.description].compactMap { $0 }.joined(separator: "/")
            let isRepaired = finding.isRepaired
            table.add(
                [
                    Table.Cell(finding.kind.rawValue) { isRepaired ? style.green($0) : style.yellow($0) }, Table.Cell(place),
                    Table.Cell(
                        EscapedText.line(
                            finding.remoteID?.rawValue ?? finding.participant?.rawValue ?? finding.remoteConversation?.rawValue
                                ?? "")
                    ),
                    Table.Cell(finding.reason, style.dim),
                ] + (isMixed ? [Table.Cell(isRepaired ? "yes" : "no")] : []))
        }
        if !result.findings.isEmpty {
            output.table(table)
            output.line()
        }
        if result.isCut { output.line("There are more; these are the first \(Reconciliation.maximumFindings).") }
        output.line(sentence(result))
        output.line(
            style.dim(
                "\(TextLayout.counted(result.messages, "message")) in \(TextLayout.counted(result.conversations, "conversation")), "
                    + "\(TextLayout.counted(result.requests, "request")), \(SyncReportPrinter.size(result.bytes))"))
        if isDryRun, !result.findings.isEmpty, let repair { output.line("\(style.cyan("→")) \(repair)") }
    }

    private func sentence(_ result: Reconciliation) -> String {
        guard !result.findings.isEmpty else { return output.style.green("Store and service agree.") }
        if isDryRun { return "\(result.findings.count) found; nothing was changed." }
        let repaired = result.findings.count - result.unrepaired
        return "\(repaired) repaired" + (result.unrepaired > 0 ? ", \(result.unrepaired) left." : ".")
    }

    private static func json(_ finding: Reconciliation.Finding) -> [(String, JSONValue)] {
        [
            ("kind", .string(finding.kind.rawValue)), ("conversation", .id(finding.conversation)),
            ("message", .id(finding.message)),
            ("remoteID", .optional(finding.remoteID?.rawValue ?? finding.remoteConversation?.rawValue)),
            ("participant", .id(finding.participant)), ("reason", .string(finding.reason)),
            ("repaired", .bool(finding.isRepaired)),
        ]
    }

    private func summary(_ result: Reconciliation) -> [(String, JSONValue)] {
        [
            ("kind", .string("summary")), ("dryRun", .bool(isDryRun)), ("conversations", .number(result.conversations)),
            ("messages", .number(result.messages)), ("findings", .number(result.findings.count)),
            ("repaired", .number(result.findings.count - result.unrepaired)), ("isCut", .bool(result.isCut)),
            ("requests", .number(result.requests)), ("bytes", .number(result.bytes)),
            ("seconds", .decimal(Double(seconds.milliseconds) / 1000)),
        ]
    }
}
