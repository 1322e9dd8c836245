import ArgumentParser
import Foundation
import Histories
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

    @Option(help: "The services: tiny, azure.")
    var on: [History.Place] = History.Place.allCases

    @Option(help: "Threads.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Option(help: "Write the hash of each history's trace to this file.")
    var traces: String?

    @Flag(help: "Print each request with its virtual time.")
    var verbose = false

    @Flag(help: "End at the first violation.")
    var stopAtFirst = false

    func run() async throws {
        let histories = (0..<seeds).flatMap { number in
            on.map { place in
                var history = History(place, seed: first + number, steps: steps)
                history.isVerbose = verbose
                return history
            }
        }
        let printer = Printer(total: histories.count, stopsAtFirst: stopAtFirst)
        let tally = await HistoryRun(histories, threads: threads).play { printer.hear($0, $1) }
        printer.end(tally)
        if let traces { try printer.writeTraces(to: traces) }
        if tally.violations > 0 { throw ExitCode(1) }
    }
}

extension History.Place: ExpressibleByArgument {}
