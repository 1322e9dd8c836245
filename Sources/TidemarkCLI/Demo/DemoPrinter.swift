import Tidemark

/// Tells the demo to a person, in 80 columns. With `--json` it is silent until the end.
struct DemoPrinter {
    let output: Output

    private var style: Style { output.style }

    func chapter(_ title: String, _ text: String) {
        say("")
        say(style.bold(title))
        for line in TextLayout.wrapped(text, to: 78) { say(style.dim("  \(line)")) }
        say("")
    }

    func timeline(of conversation: ConversationID, in account: AccountView, limit: Int = 50) throws {
        guard !output.isJSON else { return }
        let names = try account.participants(of: conversation).get().reduce(into: [:]) { $0[$1.id] = $1.displayName }
        let entries = try account.timeline(of: conversation, limit: limit).get().entries
        var printer = TimelinePrinter(output: output, names: names)
        printer.prepare(entries)
        for entry in entries { printer.print(entry) }
        say("")
    }

    /// A line for each fault.
    func strikes(_ strikes: [DemoNetwork.Strike]) {
        for strike in strikes {
            let text = "\(LocalTime(strike.at).clockWithSeconds)  \(TextLayout.padded(strike.request, to: 19))"
            let isFatal = strike.fault == DemoNetwork.crash
            say("  " + text + (isFatal ? style.red : style.yellow)(DemoFault.said(strike.fault)))
        }
    }

    /// What a sync came to; `nil`: it was killed.
    func report(_ report: SyncReport?) {
        guard let report else {
            say("  " + style.red("killed") + " in mid-send; what it knew and had not written down is gone")
            return say("")
        }
        let counts = [
            ("sent", report.sent), ("received", report.received), ("edited", report.edited), ("deleted", report.deleted),
            ("in doubt", report.inDoubt), ("to be sent", report.pending),
        ].filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }
        let what = counts.isEmpty ? "nothing new" : counts.joined(separator: ", ")
        say(
            "  " + style.green("synced")
                + " in \(Duration.seconds(Int64(report.seconds)).spoken), \(TextLayout.counted(report.requests, "request")): \(what)"
        )
        say("")
    }

    func round(_ round: Int, acts: String, strikes: [DemoNetwork.Strike], isKilled: Bool) {
        var counts: [String: Int] = [:]
        for strike in strikes { counts[strike.fault, default: 0] += 1 }
        let faults = DemoFault.all.compactMap { fault in
            counts[fault.name].map { $0 > 1 ? "\(fault.name) ×\($0)" : fault.name }
        }
        let head = "  round \(TextLayout.padded(String(round), to: 3))"
        let text = faults.isEmpty ? "nothing went wrong" : faults.joined(separator: ", ")
        let lines = TextLayout.wrapped(text, to: 66)
        say(head + acts)
        for line in lines { say(String(repeating: " ", count: 11) + (isKilled ? style.red : style.yellow)(line)) }
    }

    func faults(_ struck: [String: Int]) {
        say(style.bold("How often each fault struck"))
        for fault in DemoFault.all {
            let count = String(struck[fault.name] ?? 0)
            let space = String(repeating: " ", count: max(0, 5 - count.count))
            say("  \(space)\(count)  \(TextLayout.padded(fault.name, to: 15))\(style.dim(fault.said))")
        }
        say("")
    }

    func verdicts(_ verdicts: [DemoJudge.Verdict], of what: String = "The service against the store") {
        say(style.bold(what))
        for verdict in verdicts {
            let mark = verdict.isKept ? style.green("✓") : style.red("✗")
            let lines = TextLayout.wrapped(verdict.detail, to: 49)
            for (index, line) in lines.enumerated() {
                let head =
                    index == 0 ? "  \(mark) \(TextLayout.padded(verdict.promise, to: 25))" : String(repeating: " ", count: 29)
                say(head + line)
            }
        }
        say("")
    }

    func say(_ line: String) {
        if !output.isJSON { output.line(line) }
    }
}
