import Tidemark

/// Messages of several conversations, each with where and when it was written.
struct FoundPrinter {
    let output: Output
    let account: AccountView
    private var topics: [ConversationID: String] = [:]
    private var names: [ConversationID: [ParticipantID: String]] = [:]

    init(output: Output, account: AccountView) {
        self.output = output
        self.account = account
    }

    mutating func print(_ entry: TimelineEntry, snippet: SearchSnippet?) throws {
        let style = output.style
        let people = try names(in: entry.conversation)
        let sender = TimelineText.sender(of: entry, names: people)
        let time = entry.createdAt.map { LocalTime($0).dayAndClock } ?? "--"
        let topic = try topic(of: entry.conversation)
        let head = "\(entry.conversation)/\(entry.id)  \(time)  \(sender)"
        let room = output.width - TextLayout.width(head) - 4
        let place = room > 8 ? "  " + style.dim("in " + TextLayout.cut(topic, to: room)) : ""
        output.line(style.bold(head) + place)
        if let snippet {
            output.line("    " + marked(snippet, style))
        } else {
            let text = TextLayout.cut(
                TimelineText.lines(of: entry, names: people).joined(separator: " ⏎ "), to: output.width - 4)
            output.line("    " + (entry.deletedAt == nil ? text : style.dim(text)))
        }
    }

    /// One line, its matches emphasised; between brackets where there is no colour.
    private func marked(_ snippet: SearchSnippet, _ style: Style) -> String {
        var room = output.width - 4
        var line = ""
        for part in snippet.parts where room > 0 {
            let text = EscapedText.line(part.text, limit: 500)
            let shown = TextLayout.cut(text, to: part.isMatch ? max(room - 2, 0) : room)
            let width = TextLayout.width(shown)
            if part.isMatch {
                line += style.isColoured ? style.yellow(shown) : "[\(shown)]"
                room -= width + (style.isColoured ? 0 : 2)
            } else {
                line += shown
                room -= width
            }
            if shown != text { break }
        }
        return line
    }

    private mutating func topic(of conversation: ConversationID) throws -> String {
        if let known = topics[conversation] { return known }
        let topic = EscapedText.line(try account.conversation(conversation).get().topic, limit: 200)
        topics[conversation] = topic
        return topic
    }

    private mutating func names(in conversation: ConversationID) throws -> [ParticipantID: String] {
        if let known = names[conversation] { return known }
        let people = try account.participants(of: conversation).get().reduce(into: [:]) { $0[$1.id] = $1.displayName }
        names[conversation] = people
        return people
    }
}
