import Tidemark

/// A conversation on a terminal: days, times, senders and text in columns.
struct TimelinePrinter {
    private static let longestName = 16

    let output: Output
    let names: [ParticipantID: String]
    private var day = ""
    private var nameWidth = 3
    private var idWidth = 3

    init(output: Output, names: [ParticipantID: String]) {
        self.output = output
        self.names = names
    }

    /// Makes room for these entries, so that their columns align.
    mutating func prepare(_ entries: [TimelineEntry]) {
        for entry in entries {
            nameWidth = max(nameWidth, min(Self.longestName, TextLayout.width(TimelineText.sender(of: entry, names: names))))
            idWidth = max(idWidth, entry.id.description.count)
        }
    }

    mutating func print(_ entry: TimelineEntry, isChange: Bool = false) {
        if output.isJSON { return output.json(TimelineText.json(entry)) }
        let style = output.style
        let time = entry.createdAt.map { LocalTime($0) }
        if !isChange, let time, time.day != day {
            day = time.day
            rule("\(time.weekday) \(time.day)")
        }
        if entry.gapBefore, !isChange { output.line(style.yellow("      ··· history may be missing here ···")) }
        let sender = TextLayout.cut(TimelineText.sender(of: entry, names: names), to: nameWidth)
        let head =
            style.dim(TextLayout.padded(time?.clock ?? "--:--", to: 5)) + (isChange ? style.cyan("~") : " ")
            + style.dim(TextLayout.padded(entry.id.description, to: idWidth)) + " "
            + (entry.isOwn ? style.green : style.bold)(TextLayout.padded(sender, to: nameWidth)) + " "
        let indent = 5 + 1 + idWidth + 1 + nameWidth + 1
        let room = output.width - indent
        var lines = TimelineText.lines(of: entry, names: names).flatMap { TextLayout.wrapped($0, to: room) }
        if entry.deletedAt != nil || !entry.kind.isUserKind { lines = lines.map(style.dim) }
        let mark = TimelineText.mark(of: entry, style)
        if !mark.isEmpty {
            let plain = TimelineText.mark(of: entry, Style.none)
            let last = lines.last ?? ""
            let isTight = TextLayout.width(last) + 1 + TextLayout.width(plain) > room
            if isTight { lines.append(mark) } else { lines[lines.count - 1] = last.isEmpty ? mark : "\(last) \(mark)" }
        }
        for (index, line) in lines.enumerated() {
            output.line(index == 0 ? head + line : String(repeating: " ", count: indent) + line)
        }
    }

    func rule(_ title: String) {
        let length = max(0, min(output.width, 100) - TextLayout.width(title) - 4)
        output.line(output.style.dim("── \(title) " + String(repeating: "─", count: length)))
    }
}
