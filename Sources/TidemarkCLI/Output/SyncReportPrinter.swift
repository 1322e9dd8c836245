import Tidemark

/// What a sync did, in a few lines.
struct SyncReportPrinter {
    let output: Output
    let common: CommonOptions
    /// Of a LiveKit room, which has no history.
    var room: LiveKitSettings?

    static func json(_ report: SyncReport) -> [(String, JSONValue)] {
        [
            ("sent", .number(report.sent)), ("received", .number(report.received)), ("edited", .number(report.edited)),
            ("deleted", .number(report.deleted)), ("parked", .number(report.parked)), ("inDoubt", .number(report.inDoubt)),
            ("pending", .number(report.pending)), ("gaps", .number(report.gaps)),
            ("conversations", .number(report.conversations)), ("requests", .number(report.requests)),
            ("bytes", .number(report.bytes)), ("seconds", .decimal((report.seconds * 1000).rounded() / 1000)),
            ("ending", .string(report.ending.rawValue)), ("nextDue", .time(report.nextDue)),
            ("problem", .optional(report.problem)),
        ]
    }

    /// - Parameter isHeld: nothing leaves the store until somebody says so, which is told beside it.
    func print(_ report: SyncReport, isHeld: Bool = false) {
        if output.isJSON { return output.json(Self.json(report) + (room == nil ? [] : [("history", .string("none"))])) }
        let changes = counts([
            (report.sent, "sent"), (report.received, "received"), (report.edited, "edited"), (report.deleted, "deleted"),
        ])
        let place = report.conversations == 1 ? " in 1 conversation" : " in \(report.conversations) conversations"
        output.line(
            changes.isEmpty
                ? (report.ending == .temporary ? "Nothing sent or received." : "Nothing new.")
                : changes.capitalizedFirst + (report.conversations > 0 ? place : "") + ".")
        let left = counts([(report.pending, "still to send"), (report.inDoubt, "in doubt"), (report.parked, "parked")])
        if !left.isEmpty { output.line(output.style.yellow("\(left.capitalizedFirst): ") + common.command("outbox")) }
        if report.gaps > 0, room == nil {
            output.line(
                output.style.yellow("History is not complete in \(report.gaps) \(report.gaps == 1 ? "place" : "places")."))
        }
        if report.ending != .complete, !isHeld || report.problem != nil {
            for line in Terminal.lines(of: sentence(report), on: .standardOutput) { output.line(output.style.red(line)) }
        }
        if let room {
            let way = room.bridge == nil ? "an account with a --bridge records" : "\(common.command("sync --watch")) records"
            return tell("A room has no history: what is said while nobody is in it is missed; \(way).")
        }
        let seconds = (report.seconds * 10).rounded() / 10
        output.line(
            output.style.dim("\(TextLayout.counted(report.requests, "request")), \(Self.size(report.bytes)), \(seconds) s"))
    }

    private func tell(_ sentence: String) {
        for line in Terminal.lines(of: sentence, on: .standardOutput) { output.line(output.style.dim(line)) }
    }

    private func sentence(_ report: SyncReport) -> String {
        switch report.ending {
        case .complete: ""
        case .needsPerson: "What is left needs you: \(common.command("outbox"))"
        case .needsCredential: report.problem ?? "The service refused the credential."
        case .temporary:
            (report.problem ?? "Something is left that is not due yet.")
                + " What is left is kept; sync again "
                + (report.nextDue.map { "after \(LocalTime($0).clockWithSeconds)." } ?? "later.")
        }
    }

    private func counts(_ counts: [(Int, String)]) -> String {
        counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    }

    static func size(_ bytes: some BinaryInteger) -> String {
        switch Int64(clamping: bytes) {
        case ..<10_000: "\(bytes) bytes"
        case ..<10_000_000: "\(bytes / 1000) kB"
        default: "\(bytes / 1_000_000) MB"
        }
    }
}

extension String {
    var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}

extension CommonOptions {
    /// A command to paste, on the same store and account.
    func command(_ words: String) -> String {
        var parts = ["tidemark", words]
        if let store { parts += ["--store", Self.quoted(store)] }
        if let account { parts += ["--account", Self.quoted(account)] }
        return parts.joined(separator: " ")
    }

    static func quoted(_ text: String) -> String {
        let plain = text.unicodeScalars.allSatisfy { scalar in
            scalar.isASCII
                && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "-_./:@=+,".unicodeScalars.contains(scalar))
        }
        return plain && !text.isEmpty ? text : "'" + EscapedText.line(text).replacing("'", with: "'\\''") + "'"
    }
}
