import ArgumentParser
import Tidemark

/// Shows on an embedded simulator that nothing is lost and nothing doubled, or fails.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo", abstract: "Watch messages written offline reach a service through a bad network.",
        discussion: """
            A simulated service inside this program, on time of its own: no network, no set-up, and nothing is kept. One \
            seed, one story. At the end the service's messages are compared with the store's; exit code 1 if they \
            differ. A planted defect must end so. In a LiveKit room two people talk, and one of them misses something. In a \
            space of Avaya's a registered user and a guest write, and nothing that is sent bears a token.

            EXAMPLE
              tidemark demo --seed 7
              tidemark demo --service livekit
              tidemark demo --service avaya
            """)

    @Option(help: "The service that is simulated: azure, avaya or livekit.")
    var service = "azure"

    @Option(help: ArgumentHelp("What goes wrong, and when, is drawn from it.", valueName: "n"))
    var seed: UInt64 = 1

    @Option(
        name: .customLong("break"),
        help: ArgumentHelp(
            "Plant a defect: \(DemoBreak.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "name"))
    var defect: DemoBreak?

    @Flag(help: "Print one JSON object with the figures.")
    var json = false

    func validate() throws {
        guard ["azure", "avaya", "livekit"].contains(service) else {
            throw ValidationError("There is no simulated \(service); the services this build knows are azure, avaya and livekit.")
        }
        guard service == "azure" || defect == nil else {
            throw ValidationError("--break plants defects into the story of azure alone.")
        }
    }

    func run() async throws {
        let output = Output(isJSON: json)
        let printer = DemoPrinter(output: output)
        switch service {
        case "livekit": try await runRoom(printer, output)
        case "avaya": try await runSpaces(printer, output)
        default: try await runAzure(printer, output)
        }
    }

    private func runSpaces(_ printer: DemoPrinter, _ output: Output) async throws {
        printer.say("Avaya Spaces, simulated, with seed \(seed). Times are the simulation's, in \(LocalTime(.current).zone).")
        var story = try await SpacesStory(seed: seed, printer: printer)
        let verdicts = try await story.run()
        printer.verdicts(verdicts)
        if json { tell(verdicts, nil, output) }
        try judge(verdicts) { printer.say("They agree.") }
    }

    private func runRoom(_ printer: DemoPrinter, _ output: Output) async throws {
        printer.say("A LiveKit room, simulated, with seed \(seed). Times are the simulation's, in \(LocalTime(.current).zone).")
        let verdicts = try await RoomStory(seed: seed, printer: printer).run()
        printer.verdicts(verdicts, of: "The room against its people")
        if json { tell(verdicts, nil, output) }
        try judge(verdicts) { printer.say("They agree.") }
    }

    private func runAzure(_ printer: DemoPrinter, _ output: Output) async throws {
        let how = defect.map { " and the defect “\($0.rawValue)” planted" } ?? ""
        printer.say("Azure, simulated, with seed \(seed)\(how). Times are the simulation's, in \(LocalTime(.current).zone).")
        var story = DemoStory(stage: try await DemoStage(seed: seed, defect: defect), printer: printer)
        let (verdicts, struck) = try await story.run()
        printer.faults(struck)
        printer.verdicts(verdicts)
        if json { tell(verdicts, struck, output) }
        try judge(verdicts) {
            printer.say("They agree. Another story: tidemark demo --seed \(seed == .max ? 0 : seed + 1)")
        }
    }

    private func judge(_ verdicts: [DemoJudge.Verdict], _ agree: () -> Void) throws {
        guard let first = verdicts.first(where: { !$0.isKept }) else { return agree() }
        throw Failure(
            .failed, code: "disagreement", "The promise “\(first.promise)” is broken: \(first.detail).",
            hint: defect == nil
                ? "This is a defect of Tidemark; report it with the seed \(seed)." : "That is the planted defect at work.")
    }

    private func tell(_ verdicts: [DemoJudge.Verdict], _ struck: [String: Int]?, _ output: Output) {
        let faults = struck.map { struck in DemoFault.all.map { ($0.name, JSONValue.number(struck[$0.name] ?? 0)) } }
        let promises = verdicts.map { verdict in
            JSONValue.object([
                ("promise", .string(verdict.promise)), ("isKept", .bool(verdict.isKept)), ("detail", .string(verdict.detail)),
            ])
        }
        output.json(
            [
                ("service", .string(service)), ("seed", .string(String(seed))),
                ("agrees", .bool(verdicts.allSatisfy(\.isKept))),
            ] + (faults.map { [("faults", .object($0))] } ?? []) + [("promises", .array(promises))])
    }
}
