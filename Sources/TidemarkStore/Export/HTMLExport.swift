internal import GRDB
internal import TidemarkModel

/// Conversations as one page for people, as views show them: pending changes on top, copies folded, gaps named.
struct HTMLExport {
    /// How many messages are held at a time.
    private static let pageSize = 200

    let account: AccountKey
    let clock: ExportClock
    let db: Database
    let write: (String) throws -> Void
    private var report = ExportReport()
    private var day = ""

    init(account: AccountKey, clock: ExportClock, db: Database, write: @escaping (String) throws -> Void) {
        (self.account, self.clock, self.db, self.write) = (account, clock, db, write)
    }

    mutating func run(_ conversations: [ConversationRow], at now: Timestamp) throws -> ExportReport {
        let views = try conversations.map { try ConversationView.read($0, account, db) }
        let title = views.count == 1 ? Self.title(of: views[0]) : "\(views.count) conversations"
        try write(Self.head(title: title))
        for (row, view) in zip(conversations, views) { try conversation(row, view) }
        try write(
            """
            <footer>Exported \(day(now)) \(clock.time(now)), times in \(HTMLText.escaped(clock.zone)).</footer>
            </main>
            </body>
            </html>

            """)
        return report
    }

    private static func title(of view: ConversationView) -> String {
        view.topic.isEmpty ? "Conversation \(view.id)" : view.topic
    }

    private func day(_ time: Timestamp) -> String { HTMLText.escaped(clock.day(time)) }

    private mutating func conversation(_ row: ConversationRow, _ view: ConversationView) throws {
        day = ""
        report.conversations += 1
        let people = try ParticipantView.list(row.id ?? 0, account, db)
        let names = people.reduce(into: [:]) { $0[$1.id] = $1.displayName }
        try write("<section>\n<h1 dir=\"auto\">\(HTMLText.escaped(Self.title(of: view)))</h1>\n")
        let listed = people.map { $0.displayName ?? $0.id.rawValue }
        if !listed.isEmpty {
            try write("<p class=\"people\" dir=\"auto\">\(listed.map(HTMLText.escaped).joined(separator: ", "))</p>\n")
        }
        if view.deletedAt != nil { try write("<p class=\"note\">This conversation was deleted.</p>\n") }
        try messages(of: row, names)
        try write("</section>\n")
    }

    private mutating func messages(of row: ConversationRow, _ names: [ParticipantID: String]) throws {
        var anchor = try first(in: row)
        var count = 0
        while let from = anchor {
            let side: TimelineAnchor.Side = count == 0 ? .from(from) : .after(from)
            let page = try Timeline.read(
                row, account: account.name, TimelineAnchor(side: side, limit: Self.pageSize), db)
            for entry in page.entries { try message(entry, names) }
            count += page.entries.count
            anchor = page.hasNewer ? page.entries.last?.id : nil
        }
        report.messages += count
        if count == 0 { try write("<p class=\"note\">Nothing is written here yet.</p>\n") }
    }

    /// The oldest entry of its timeline.
    private func first(in row: ConversationRow) throws -> MessageID? {
        try Timeline.oldest(in: row, db)
    }

    private mutating func message(_ entry: TimelineEntry, _ names: [ParticipantID: String]) throws {
        if let time = entry.createdAt, clock.day(time) != day {
            day = clock.day(time)
            try write("<h2>\(HTMLText.escaped(day))</h2>\n")
        }
        if entry.gapBefore { try write("<p class=\"note\">Messages may be missing here.</p>\n") }
        if entry.state.isUnsent { report.unsent += 1 }
        let sender = ExportedEntry.sender(of: entry, names)
        let classes = [
            "message", entry.isOwn ? "own" : nil, entry.kind.isUserKind ? nil : "event", entry.deletedAt != nil ? "gone" : nil,
        ]
        let time = entry.createdAt.map(clock.time) ?? ""
        let marks = ExportedEntry.marks(of: entry).map { " <span class=\"mark\">\($0)</span>" }.joined()
        try write(
            """
            <article class="\(classes.compactMap { $0 }.joined(separator: " "))">
            <header><b dir="auto">\(HTMLText.escaped(sender))</b> <time>\(HTMLText.escaped(time))</time>\(marks)</header>
            <div dir="auto">\(HTMLText.escaped(ExportedEntry.text(of: entry, names)))</div>
            </article>

            """)
    }
}

extension DeliveryState {
    /// It has not reached the service, for all that is known.
    fileprivate var isUnsent: Bool {
        switch self {
        case .confirmed, .sent, .cancelled: false
        default: true
        }
    }
}
