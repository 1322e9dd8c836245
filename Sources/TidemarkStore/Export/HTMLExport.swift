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
    /// The message above the next one, on the same day and without a gap.
    private var last: TimelineEntry?
    private var people = HTMLPeople([])

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
        (day, last) = ("", nil)
        report.conversations += 1
        let people = try ParticipantView.list(row.id ?? 0, account, db)
        self.people = HTMLPeople(people)
        try write("<section>\n<h1 dir=\"auto\">\(HTMLText.escaped(Self.title(of: view)))</h1>\n")
        let listed = people.map { $0.displayName ?? $0.id.rawValue }
        if !listed.isEmpty {
            try write("<p class=\"people\" dir=\"auto\">\(listed.map(HTMLText.escaped).joined(separator: ", "))</p>\n")
        }
        if view.deletedAt != nil { try write("<p class=\"note\">This conversation was deleted.</p>\n") }
        try messages(of: row)
        try write("</section>\n")
    }

    private mutating func messages(of row: ConversationRow) throws {
        var anchor = try first(in: row)
        var count = 0
        while let from = anchor {
            let side: TimelineAnchor.Side = count == 0 ? .from(from) : .after(from)
            let page = try Timeline.read(
                row, account: account.name, TimelineAnchor(side: side, limit: Self.pageSize), db)
            let answered = try answered(by: page.entries)
            for entry in page.entries { try message(entry, entry.replyTo.flatMap { answered[$0] }) }
            count += page.entries.count
            anchor = page.hasNewer ? page.entries.last?.id : nil
        }
        report.messages += count
        if count == 0 {
            let isEmpty = try Timeline.read(row, account: account.name, TimelineAnchor(side: .end, limit: 1), db)
                .beginningIsProved
            try write("<p class=\"note\">\(isEmpty ? "Nothing is written here yet." : "Nothing of it was kept here.")</p>\n")
        }
    }

    /// The messages that others answer, by their ids.
    private func answered(by entries: [TimelineEntry]) throws -> [MessageID: TimelineEntry] {
        let ids = Set(entries.compactMap(\.replyTo)).map(\.number).sorted()
        guard !ids.isEmpty else { return [:] }
        let rows = try MessageRow.fetchAll(
            db, cached: "\(MessageRow.selection) WHERE id IN (SELECT value FROM json_each(?))", arguments: [ids.jsonArray])
        let reader = try EntryReader(rows, account: account.name, db)
        return Dictionary(rows.map { (MessageID($0.id ?? 0), reader.entry($0, gapBefore: false)) }) { first, _ in first }
    }

    /// The oldest entry of its timeline.
    private func first(in row: ConversationRow) throws -> MessageID? {
        try Timeline.oldest(in: row, db)
    }

    private mutating func message(_ entry: TimelineEntry, _ answered: TimelineEntry?) throws {
        if let time = entry.createdAt, clock.day(time) != day {
            day = clock.day(time)
            last = nil
            try write("<h2>\(HTMLText.escaped(day))</h2>\n")
        }
        if entry.gapBefore {
            last = nil
            try write("<p class=\"note\">Messages may be missing here.</p>\n")
        }
        if entry.state.isUnsent { report.unsent += 1 }
        let article = HTMLArticle(entry: entry, answered: answered, people: people, clock: clock)
        try write(article.text(continuing: last))
        last = entry
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
