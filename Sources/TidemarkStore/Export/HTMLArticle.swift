internal import TidemarkModel

/// One message of a page.
struct HTMLArticle {
    /// Messages of one person that follow each other within this time stand together under one name.
    private static let pause: Int64 = 5 * 60_000
    private static let longestQuote = 160

    let entry: TimelineEntry
    /// The message that it answers, where it is here.
    let answered: TimelineEntry?
    let people: HTMLPeople
    let clock: ExportClock

    /// `last`: the message above it.
    func text(continuing last: TimelineEntry?) -> String {
        var lines = ["<article class=\"\(classes(continuing: last))\" id=\"\(entry.id)\">"]
        if !continues(last) {
            lines.append("<header class=\"\(people.colour(of: entry))\" dir=\"auto\">\(name(of: entry))</header>")
        }
        lines += quote + ["<div dir=\"auto\">\(HTMLText.escaped(ExportedEntry.text(of: entry, people.names)))</div>"]
        if ExportedEntry.text(of: entry, people.names).isEmpty { lines.removeLast() }
        return (lines + files + meta + ["</article>", ""]).joined(separator: "\n")
    }

    private func classes(continuing last: TimelineEntry?) -> String {
        [
            "message", entry.isOwn ? "own" : nil, entry.kind.isUserKind ? nil : "event", entry.deletedAt != nil ? "gone" : nil,
            continues(last) ? "more" : nil,
        ].compactMap { $0 }.joined(separator: " ")
    }

    private func continues(_ last: TimelineEntry?) -> Bool {
        guard let last, last.kind.isUserKind, entry.kind.isUserKind, last.isOwn == entry.isOwn, last.sender == entry.sender,
            last.senderName == entry.senderName, let before = last.createdAt, let now = entry.createdAt
        else { return false }
        let (gone, overflow) = now.milliseconds.subtractingReportingOverflow(before.milliseconds)
        return !overflow && (0...Self.pause).contains(gone)
    }

    private func name(of entry: TimelineEntry) -> String {
        HTMLText.escaped(ExportedEntry.sender(of: entry, people.names))
    }

    private var quote: [String] {
        guard entry.deletedAt == nil else { return [] }
        guard let answered else {
            let isAnswer = entry.replyTo != nil || entry.remoteReplyTo != nil
            return isAnswer ? ["<p class=\"quote\">An answer to a message that is not here.</p>"] : []
        }
        let said = ExportedEntry.text(of: answered, people.names)
        let shown = said.isEmpty ? answered.attachments.map(ExportedEntry.name).joined(separator: ", ") : said
        let line = shown.split(whereSeparator: \.isNewline).joined(separator: " ")
        let cut = line.count > Self.longestQuote ? line.prefix(Self.longestQuote) + "…" : Substring(line)
        return [
            "<a class=\"quote\" href=\"#\(answered.id)\" dir=\"auto\"><b>\(name(of: answered))</b> "
                + "\(HTMLText.escaped(String(cut)))</a>"
        ]
    }

    private var files: [String] {
        guard !entry.attachments.isEmpty else { return [] }
        let items = entry.attachments.map { file in
            let facts = [file.size.map(ExportedEntry.size), file.contentType].compactMap { $0 }.map(HTMLText.escaped)
            let about = facts.isEmpty ? "" : " <span>\(facts.joined(separator: " · "))</span>"
            return "<li><b dir=\"auto\">\(HTMLText.escaped(ExportedEntry.name(of: file)))</b>\(about)</li>"
        }
        return ["<ul class=\"files\" aria-label=\"Files\">"] + items + ["</ul>"]
    }

    private var meta: [String] {
        let time = entry.createdAt.map {
            "<time datetime=\"\($0.rfc3339)\">\(HTMLText.escaped(clock.time($0)))</time>"
        }
        let marks = ExportedEntry.marks(of: entry).map { "<span class=\"mark\">\($0)</span>" }
        let facts = [time].compactMap { $0 } + marks
        return facts.isEmpty ? [] : ["<p class=\"meta\">\(facts.joined(separator: " "))</p>"]
    }
}

/// Who writes in a conversation, and in which colour their names stand.
struct HTMLPeople {
    private static let colours = 6

    let names: [ParticipantID: String]
    private let places: [ParticipantID: Int]

    init(_ people: [ParticipantView]) {
        names = people.reduce(into: [:]) { $0[$1.id] = $1.displayName }
        places = people.enumerated().reduce(into: [:]) { $0[$1.element.id] = $1.offset }
    }

    /// Who has left has a colour too, the same on each page.
    func colour(of entry: TimelineEntry) -> String {
        guard !entry.isOwn, let sender = entry.sender else { return "c0" }
        let place = places[sender] ?? sender.rawValue.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF }
        return "c\(1 + place % Self.colours)"
    }
}
