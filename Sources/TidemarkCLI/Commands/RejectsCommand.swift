import ArgumentParser
import Tidemark

/// What the service sent and nobody could read.
struct RejectsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rejects", abstract: "Show what could not be decoded, and why.",
        discussion: """
            It is kept, and decoded again by later versions.

            EXAMPLE
              tidemark rejects
            """)

    @OptionGroup(title: "Common options")
    var common: CommonOptions

    func run() async throws {
        let rejects = try await common.viewed().rejects().get()
        let output = common.output
        if output.isJSON {
            return rejects.forEach { one in
                output.json([
                    ("kind", .string(one.subject)), ("conversation", .id(one.conversation)), ("message", .null),
                    ("remoteID", .optional(one.remoteID)), ("at", .time(one.lastSeenAt)), ("cause", .string(one.reason)),
                    ("detail", .string("\(one.size) bytes, decoder \(one.decoder)")),
                    ("repair", .string("a later version decodes it again")),
                ])
            }
        }
        guard !rejects.isEmpty else { return output.line(output.style.green("Everything could be read.")) }
        for one in rejects {
            let place = [one.conversation?.description, one.remoteID.map { EscapedText.line($0, limit: 60) }].compactMap { $0 }
            let head = ([EscapedText.line(one.subject, limit: 20)] + place).joined(separator: "  ")
            let time = LocalTime(one.lastSeenAt)
            output.line(output.style.bold(head) + output.style.dim("  last seen \(time.dayAndClock) \(time.zone)"))
            for line in TextLayout.wrapped(EscapedText.line(one.reason, limit: 500), to: output.width - 4) {
                output.line("    \(line)")
            }
        }
    }
}
