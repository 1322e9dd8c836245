import ArgumentParser
import Tidemark

/// A conversation's messages.
struct TimelineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "timeline", abstract: "Show a conversation, oldest first.",
        discussion: """
            EXAMPLE
              tidemark timeline c1 --limit 20
            """)

    @Argument(help: ArgumentHelp("The conversation: a local id, a remote id, or the beginning of either.", valueName: "conv"))
    var conversation: String

    @Option(help: ArgumentHelp("The most messages to show.", valueName: "n"))
    var limit = 50

    @Option(help: ArgumentHelp("Show those before this message.", valueName: "msg"))
    var before: String?

    @Flag(help: "Stay, and print what changes.")
    var follow = false

    @OptionGroup(title: "Common options")
    var common: CommonOptions

    func validate() throws {
        guard (1...Timeline.maximumLimit).contains(limit) else {
            throw ValidationError("--limit takes 1 to \(Timeline.maximumLimit).")
        }
        if follow, before != nil { throw ValidationError("--follow shows the newest messages; leave --before out.") }
    }

    func run() async throws {
        let account = try await common.viewed()
        let id = try account.resolveConversation(conversation)
        let before = try before.map { text in try account.resolveMessage(text.contains("/") ? text : "\(id)/\(text)") }
        let view = account.timeline(of: id, limit: limit, before: before)
        let topic = try account.conversation(id).get()
        let names = try account.participants(of: id).get().reduce(into: [:]) { $0[$1.id] = $1.displayName }
        var printer = TimelinePrinter(output: common.output, names: names)
        let timeline = try view.get()
        show(timeline, of: topic, &printer)
        guard follow else { return }
        var known = Dictionary(uniqueKeysWithValues: timeline.entries.map { ($0.id, $0) })
        let newest = timeline.entries.last?.id
        for try await next in view.updates() {
            for entry in next.entries where known[entry.id] != entry {
                // What slides in at the older end is no news.
                if known[entry.id] == nil, let newest, entry.id < newest, entry.id != next.entries.last?.id { continue }
                printer.prepare([entry])
                printer.print(entry, isChange: known[entry.id] != nil)
                known[entry.id] = entry
            }
        }
    }

    private func show(_ timeline: Timeline, of conversation: ConversationView, _ printer: inout TimelinePrinter) {
        let output = common.output
        printer.prepare(timeline.entries)
        if !output.isJSON {
            let style = output.style
            let asOf = timeline.asOf.map { "as of \(LocalTime($0).dayAndClock)" } ?? "never synced"
            let topic = TextLayout.cut(EscapedText.line(conversation.topic, limit: 200), to: output.width - 4)
            let facts = "\(conversation.id), \(asOf), times in \(LocalTime(.current).zone)"
            if TextLayout.width(topic) + 2 + facts.count <= output.width {
                output.line(style.bold(topic) + style.dim("  " + facts))
            } else {
                output.line(style.bold(topic))
                for line in TextLayout.wrapped(facts, to: output.width - 2) { output.line(style.dim("  " + line)) }
            }
            if timeline.hasOlder, let first = timeline.entries.first {
                output.line(style.dim("older ones: \(common.command("timeline \(conversation.id) --before \(first.id)"))"))
            }
            if !timeline.entries.isEmpty, !timeline.hasOlder, !timeline.beginningIsProved,
                !timeline.entries.contains(where: \.gapBefore)
            {
                // What is unsent has no gap before it.
                output.line(style.dim("older ones are not here: \(common.command("gaps \(conversation.id)"))"))
            }
            if timeline.entries.isEmpty {
                output.line(
                    timeline.beginningIsProved
                        ? "Nothing is written here yet."
                        : "Nothing of it is here. What is missing: \(common.command("gaps \(conversation.id)"))")
            }
        }
        for entry in timeline.entries { printer.print(entry) }
        if !output.isJSON, conversation.deletedAt != nil { printer.rule("this conversation is deleted") }
    }
}
