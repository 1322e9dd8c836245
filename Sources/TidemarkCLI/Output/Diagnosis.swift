import Tidemark

/// What `doctor` found, for people and programs.
struct Diagnosis {
    /// A clock that is off by more than this confuses tokens and people.
    private static let tolerableSkew: Duration = .seconds(60)

    let info: StoreInfo
    let probes: [AccountName: ServiceProbe]
    /// Where the store without any text was written.
    var bundle: String?
    let common: CommonOptions

    /// What is wrong, each with what to do.
    var findings: [String] {
        var findings: [String] = []
        if info.schemaVersion < info.knownSchemaVersion {
            findings.append("The store has an older schema; the next command that writes brings it up to date.")
        }
        if !info.isAdopted {
            findings.append("The store was copied or restored and sends nothing until you say: \(common.command("outbox adopt"))")
        }
        for one in info.accounts { findings += self.findings(one) }
        if info.accounts.isEmpty { findings.append("The store has no account: tidemark account add --help") }
        return findings
    }

    private func findings(_ one: StoreInfo.AccountInfo) -> [String] {
        let name = one.account.name.rawValue
        var findings: [String] = []
        if let reason = one.account.stopReason { findings.append("\(name): \(OutboxText.sentence(reason))") }
        if one.outbox.needingPerson > 0 {
            let words = one.outbox.needingPerson == 1 ? "1 unsent needs you" : "\(one.outbox.needingPerson) unsent need you"
            findings.append("\(name): \(words): \(command("outbox", one.account))")
        }
        if OfflineService.keepsHistory(one.account) { findings += gaps(one) }
        if one.rejects > 0 {
            let items = TextLayout.counted(one.rejects, "item")
            findings.append("\(name): \(items) of the service could not be read, and kept: \(command("rejects", one.account))")
        }
        guard let probe = probes[one.account.name] else { return findings }
        if let problem = probe.problem { findings.append("\(name): \(problem)") }
        if let skew = probe.skew, max(skew, .zero - skew) > Self.tolerableSkew {
            findings.append("\(name): this machine's clock is \(Self.spoken(skew)); set it right.")
        }
        return findings
    }

    /// What a sync reads by itself, and what only a backfill does.
    private func gaps(_ one: StoreInfo.AccountInfo) -> [String] {
        let name = one.account.name.rawValue
        var findings: [String] = []
        let others = one.gaps - one.gapsToBackfill.count
        if others > 0 {
            let places = TextLayout.counted(others, "place")
            findings.append("\(name): history is not complete in \(places): \(command("sync", one.account))")
        }
        let (breaks, beginnings) = (
            one.gapsToBackfill.filter { $0.kind == .between }, one.gapsToBackfill.filter { $0.kind != .between }
        )
        if let first = beginnings.first {
            findings.append(
                "\(name): \(TextLayout.counted(beginnings.count, "conversation")) not read to the beginning: "
                    + command("backfill \(first.conversation)", one.account))
        }
        if let first = breaks.first {
            findings.append(
                "\(name): history is broken in \(TextLayout.counted(breaks.count, "place")): "
                    + command("backfill \(first.conversation)", one.account))
        }
        return findings
    }

    /// A command to paste, with the account where there are several.
    private func command(_ words: String, _ account: Account) -> String {
        var options = common
        if info.accounts.count > 1 { options.account = account.name.rawValue }
        return options.command(words)
    }

    /// From this machine's side.
    private static func spoken(_ skew: Duration) -> String {
        let isBehind = skew > .zero
        let size = isBehind ? skew : .zero - skew
        return size < .seconds(2) ? "right" : "\(size.spoken) \(isBehind ? "slow" : "fast")"
    }

    func print(_ output: Output) {
        let style = output.style
        func fact(_ name: String, _ value: String) {
            let lines = TextLayout.wrapped(EscapedText.line(value), to: output.width - 15)
            for (index, line) in lines.enumerated() {
                output.line(style.dim(TextLayout.padded(index == 0 ? name : "", to: 14)) + " " + line)
            }
        }
        fact("tidemark", "\(ToolVersion.number), store schema \(info.knownSchemaVersion)")
        fact("sqlite", "\(info.sqliteVersion), \(info.sqliteOptions.count) options (all with -v)")
        if common.verbose > 0 { fact("", info.sqliteOptions.joined(separator: " ")) }
        fact("store", info.path ?? "memory")
        fact("", "schema \(info.schemaVersion), \(SyncReportPrinter.size(info.size)), instance \(info.instance.prefix(8))")
        if common.verbose > 0 {
            fact("rows", info.rows.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
        }
        for one in info.accounts { account(one, fact) }
        if let bundle { fact("bundle", "\(bundle), without any text: look at it before you hand it on") }
        output.line()
        let findings = findings
        guard !findings.isEmpty else { return output.line(style.green("Nothing is wrong.")) }
        for finding in findings {
            for (index, line) in TextLayout.wrapped(EscapedText.line(finding), to: output.width - 2).enumerated() {
                output.line((index == 0 ? style.red("! ") : "  ") + line)
            }
        }
    }

    private func account(_ one: StoreInfo.AccountInfo, _ fact: (String, String) -> Void) {
        let account = one.account
        fact("account", "\(account.name) (\(account.service), \(AccountListCommand.place(account)))")
        fact("  user", account.identities.first?.rawValue ?? "not known yet")
        let held = [(one.conversations, "conversation"), (one.messages, "message"), (one.gaps, "gap"), (one.rejects, "reject")]
        fact("  holds", held.map { TextLayout.counted($0.0, $0.1) }.joined(separator: ", "))
        fact(
            "  outbox",
            one.outbox.isEmpty
                ? "empty" : "\(one.outbox.queued) to send, \(one.outbox.sent) sent, \(one.outbox.needingPerson) need you")
        fact("  synced by", one.leaseHolder.map { "\($0), until \(Self.clock(one.leaseExpiresAt))" } ?? "nobody right now")
        fact("  last contact", account.contactAt.map { "\(LocalTime($0).dayAndClock) \(LocalTime($0).zone)" } ?? "never")
        guard let probe = probes[account.name] else { return }
        fact("  service", probe.problem ?? (probe.isAsked ? "answers" : "not asked: only its bridge reaches the room"))
        if let skew = probe.skew { fact("  clock", Self.spoken(skew)) }
    }

    private static func clock(_ time: Timestamp?) -> String {
        time.map { LocalTime($0).clockWithSeconds } ?? "unknown"
    }

    var json: [(String, JSONValue)] {
        [
            ("version", .string(ToolVersion.number)), ("sqliteVersion", .string(info.sqliteVersion)),
            ("sqliteOptions", .array(info.sqliteOptions.map(JSONValue.string))), ("path", .optional(info.path)),
            ("instance", .string(info.instance)), ("schemaVersion", .number(info.schemaVersion)),
            ("knownSchemaVersion", .number(info.knownSchemaVersion)), ("isAdopted", .bool(info.isAdopted)),
            ("size", .number(Int(info.size))), ("bundle", .optional(bundle)),
            ("rows", .object(info.rows.sorted { $0.key < $1.key }.map { ($0.key, .number($0.value)) })),
            ("accounts", .array(info.accounts.map { .object(json($0)) })),
            ("findings", .array(findings.map(JSONValue.string))),
        ]
    }

    private func json(_ one: StoreInfo.AccountInfo) -> [(String, JSONValue)] {
        let probe = probes[one.account.name]
        return AccountListCommand.json(one.account) + [
            ("conversations", .number(one.conversations)), ("messages", .number(one.messages)), ("gaps", .number(one.gaps)),
            ("rejects", .number(one.rejects)), ("queued", .number(one.outbox.queued)), ("sent", .number(one.outbox.sent)),
            ("parked", .number(one.outbox.parked)), ("asking", .number(one.outbox.asking)),
            ("leaseHolder", .optional(one.leaseHolder)), ("leaseExpiresAt", .time(one.leaseExpiresAt)),
            ("clockSkewSeconds", probe?.skew.map { .decimal(Double($0.milliseconds) / 1000) } ?? .null),
            ("problem", .optional(probe?.problem)),
        ]
    }
}
