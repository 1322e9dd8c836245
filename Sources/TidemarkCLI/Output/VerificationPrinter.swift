import Tidemark

/// What a check of the store found.
struct VerificationPrinter {
    let output: Output
    let common: CommonOptions
    let isRepairing: Bool
    let seconds: Duration

    func print(_ result: Verification) {
        if output.isJSON { return result.findings.forEach { output.json(Self.json($0)) } }
        for finding in result.findings { print(finding) }
        let style = output.style
        let checked = style.dim("\(result.checks) checks, \(seconds.spoken)")
        guard !result.findings.isEmpty else {
            output.line(style.green("The store agrees with itself."))
            return output.line(checked)
        }
        if result.isCut { output.line("There are more; these are the first \(Verification.maximumFindings).") }
        output.line(sentence(result))
        output.line(checked)
    }

    private func print(_ finding: Verification.Finding) {
        let style = output.style
        let place = [
            finding.account?.rawValue, finding.conversation?.description, finding.message?.description,
            finding.intent?.description,
        ]
        .compactMap { $0 }.map { EscapedText.line($0, limit: 60) }.joined(separator: " ")
        let kind = finding.isRepaired ? style.green(finding.kind.rawValue) : style.yellow(finding.kind.rawValue)
        output.line(kind + (place.isEmpty ? "" : "  " + style.dim(place)))
        for line in TextLayout.wrapped(EscapedText.line(finding.detail, limit: 500), to: output.width - 2) {
            output.line("  \(line)")
        }
        for (index, line) in TextLayout.wrapped(repair(of: finding), to: output.width - 4).enumerated() {
            output.line((index == 0 ? "  → " : "    ") + line)
        }
    }

    private func repair(of finding: Verification.Finding) -> String {
        switch finding.repair {
        case .automatic(let words): finding.isRepaired ? "repaired: \(words)" : "--repair \(words)"
        case .person(let words): finding.isRepaired ? "gone with another repair" : words
        }
    }

    private func sentence(_ result: Verification) -> String {
        let count = result.findings.count
        let found = "\(count) \(count == 1 ? "finding" : "findings")"
        let repaired = count - result.unrepaired
        if isRepairing {
            return "\(found), \(repaired) repaired" + (result.unrepaired > 0 ? ", \(result.unrepaired) left." : ".")
        }
        let automatic = result.findings.count { if case .automatic = $0.repair { true } else { false } }
        return found + "; nothing was changed." + (automatic > 0 ? " → \(common.command("verify --repair"))" : "")
    }

    private static func json(_ finding: Verification.Finding) -> [(String, JSONValue)] {
        let isAutomatic = if case .automatic = finding.repair { true } else { false }
        return [
            ("kind", .string(finding.kind.rawValue)), ("account", .optional(finding.account?.rawValue)),
            ("conversation", .id(finding.conversation)), ("message", .id(finding.message)), ("intent", .id(finding.intent)),
            ("detail", .string(finding.detail)), ("repair", .string(finding.repair.words)), ("automatic", .bool(isAutomatic)),
            ("repaired", .bool(finding.isRepaired)),
        ]
    }
}
