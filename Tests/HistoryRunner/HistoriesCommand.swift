import ArgumentParser
import Foundation
import Histories
import ProcessSettings
import Synchronization

@main
struct HistoriesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "histories",
        abstract: "Plays seeded histories of the whole engine on virtual time, and judges each.",
        discussion: """
            Exit 0 if every promise held in every history, 1 if one was broken. A failing seed is printed with the
            command that repeats it.
            """)

    @Option(help: "How many seeds; each is played on every service.")
    var seeds: UInt64 = 100

    @Option(help: "The first seed.")
    var first: UInt64 = 1

    @Option(help: "Steps of each history, before it comes to rest.")
    var steps = 500

    @Option(help: "The services: tiny, feed, azure, avaya, livekit.")
    var on: [History.Place] = History.Place.allCases

    @Option(help: "Threads.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Option(help: ArgumentHelp("Leave out these steps.", valueName: "3-40,45"))
    var skip = StepSet()

    @Option(
        help: ArgumentHelp(
            "Play the histories of this file too: lines of a service, a seed and a number of steps.", valueName: "file"))
    var also: String?

    @Option(help: ArgumentHelp("Write the hash of each history's trace to this file.", valueName: "file"))
    var traces: String?

    @Flag(help: "Play everything in two processes, and compare the traces: the same seed gives the same history.")
    var twice = false

    @Flag(help: "Leave out of the first failing history what it fails without, and print the command that repeats the rest.")
    var shrink = false

    @Option(
        help: ArgumentHelp(
            "Write what happened to each device as transcripts into this folder; with --shrink, of the shortened history only.",
            valueName: "folder"))
    var retell: String?

    @Option(help: ArgumentHelp("Play the transcripts of this folder instead, and say which fail.", valueName: "folder"))
    var replay: String?

    @Flag(help: "Print each request with its virtual time.")
    var verbose = false

    @Flag(help: "End at the first violation.")
    var stopAtFirst = false

    func validate() throws {
        guard steps > 0, steps < 1_000_000, seeds < 100_000_000 else {
            throw ValidationError("A history has between 1 and 999,999 steps, and a run less than 100,000,000 seeds.")
        }
    }

    func run() async throws {
        if twice { return try await TwoProcesses(arguments: Array(CommandLine.arguments.dropFirst())).run() }
        if let replay { return try TranscriptFolder(replay).play() }
        prepare_process_for_histories()
        let histories = try chosen()
        let printer = Printer(total: histories.count, stopsAtFirst: stopAtFirst || shrink)
        let tally = await HistoryRun(histories, threads: threads).play { printer.hear($0, $1) }
        printer.end(tally)
        if let traces { try printer.writeTraces(to: traces) }
        if shrink, let failing = printer.firstFailing { try shorten(failing) }
        if let retell, !shrink { for history in histories { try Retold(history).write(into: retell) } }
        let missing = missing(tally)
        for sentence in missing { print(sentence) }
        if tally.violations > 0 || !missing.isEmpty { throw ExitCode(1) }
    }

    private func chosen() throws -> [History] {
        let listed = try also.map { try HistoryList(contentsOf: $0).histories } ?? []
        let counted = (0..<seeds).flatMap { number in
            on.map { History($0, seed: first &+ number, steps: steps) }
        }
        return (listed + counted).map { history in
            var history = history
            history.skipped = skip
            history.isVerbose = verbose
            return history
        }
    }

    /// What the histories did not do often enough to be worth something. A few histories may lack anything.
    private func missing(_ tally: HistoryTally) -> [String] {
        guard seeds >= 100, steps >= 150, skip.isEmpty else { return [] }
        var shortfalls: [String] = []
        if on.contains(.tiny), on.contains(.azure) {
            shortfalls = (steps >= 500 ? tally.counts.shortfalls() : []) + tally.counts.untaken()
        }
        for place in [History.Place.feed, .avaya] where steps >= 500 && on == [place] {
            let counts = tally.places[place] ?? HistoryCounts()
            shortfalls += counts.shortfalls(of: place) + counts.untaken(of: place)
        }
        // Short histories of rooms come to some of their branches in one of hundreds only.
        return shortfalls + (on.contains(.livekit) && steps >= 500 ? tally.rooms.shortfalls + tally.rooms.untaken : [])
    }

    private func shorten(_ history: History) throws {
        guard var shrinking = try Shrinking(history) else { return }
        let promise = shrinking.promise
        shrinking.run { print("still breaks \(promise) with \($0.steps - $0.skipped.count) steps") }
        print("The shortest that was found: \(Printer.command(for: shrinking.shortest))")
        try Retold(shrinking.shortest).write(into: retell ?? ".build-simulation/failing")
    }
}

extension StepSet: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
    public var defaultValueDescription: String { "none" }
}

extension History.Place: ExpressibleByArgument {}
