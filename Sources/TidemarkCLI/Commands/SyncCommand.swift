import ArgumentParser
import Foundation
import Tidemark

/// Makes the store and the service agree.
struct SyncCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync", abstract: "Push what is queued and pull what is new.",
        discussion: """
            With --conversation only what is unsent in it is sent, and only it is read. With --since what was created since \
            then is read, and nothing older; the gap that stays below is closed by a sync without it.

            Exit code 3: a person is needed (see `outbox`); 4: the credential is refused; 75: try again later. Ctrl-C loses \
            nothing.

            EXAMPLE
              tidemark sync --deadline 30s
            """)

    @Option(help: ArgumentHelp("Sync this conversation only.", valueName: "conv"))
    var conversation: String?

    @Option(help: ArgumentHelp("Read what was created since then: RFC 3339, a date, or a span ago (2d).", valueName: "time"))
    var since: TimeArgument?

    @Option(help: ArgumentHelp("Items asked for in one page. Default: the service's best.", valueName: "n"))
    var pageSize: Int?

    @Flag(help: "Stay, and print a line per change.")
    var watch = false

    @Option(
        help: ArgumentHelp(
            "How long to wait for what falls due later. Default: 60s, 5s where nothing can be reached; with --watch: for ever.",
            valueName: "dur"))
    var deadline: DurationArgument?

    @Flag(help: "Read only conversations that are listed as changed; edits by others may then show up later.")
    var quick = false

    @Option(help: ArgumentHelp("Write what happens as a transcript, for `replay`: no secret, no text.", valueName: "file"))
    var record: String?

    @Flag(help: "Keep message texts, topics and names in the transcript.")
    var recordText = false

    @OptionGroup(title: "Common options")
    var common: CommonOptions

    func validate() throws {
        if let pageSize, !(1...200).contains(pageSize) { throw ValidationError("--page-size takes 1 to 200.") }
        if let since, since.time > .current { throw ValidationError("--since takes a time that has passed.") }
        if record != nil, conversation != nil || since != nil {
            throw ValidationError("--record writes down a whole sync; leave out --conversation and --since.")
        }
        if recordText, record == nil { throw ValidationError("--record-text needs --record FILE.") }
    }

    func run() async throws {
        let store = try await MessageStore.open(common.storePath, mode: .readWrite)
        let account = try store.account(named: common.accountName)
        let view = try store.account(account.name)
        let part = SyncScope(
            conversations: try conversation.map { [try view.resolveConversation($0)] }, since: since?.time)
        var configuration = SyncConfiguration()
        configuration.resultsPerPage = pageSize
        // One after the other, so that a replay can do the same: of several under way, which began first hung on a busy machine.
        if record != nil { configuration.maximumConcurrentRequests = 1 }
        let room = try LiveKitSettings(ifOf: account)
        if room != nil { try refuseForRooms() }
        if record != nil, watch, account.service == AvayaSettings.service {
            throw Failure.usage(
                "--record writes down requests, and who watches Avaya Spaces hears by a socket; leave one of them out.")
        }
        let recording = try record.map { try Recording(to: $0, of: account, in: store, keepsText: recordText) }
        let sync = SyncRun(
            common: common, store: store, account: account, configuration: configuration, recording: recording)
        if watch {
            let printer = WatchPrinter(output: common.output)
            if !common.json { Terminal.standardError("Watching account \(account.name); Ctrl-C stops.") }
            return try await sync.stay(part, deadline: deadline?.duration) { try await printer.follow($0, $1) }
        }
        let report = try await sync.once(
            part, deadline: deadline?.duration, isThorough: !quick)
        let isHeld = try !store.isAdopted && report.pending > 0
        SyncReportPrinter(output: common.output, common: common, room: room).print(report, isHeld: isHeld)
        if isHeld {
            throw Failure(
                .needsPerson, code: "notAdopted",
                "The store was copied or restored: nothing unsent leaves it until it is adopted.",
                hint: common.command("outbox adopt"))
        }
        let status = ExitStatus(report)
        if status != .done { throw status }
    }

    private func refuseForRooms() throws {
        if since != nil {
            throw Failure.usage("A LiveKit room has no history, so that --since can read nothing; leave it out.")
        }
        if record != nil {
            throw Failure.usage("--record writes down requests, and a LiveKit room is heard without any; leave it out.")
        }
    }
}
