import ArgumentParser
import Foundation
import Tidemark
import TidemarkSimulator
import TidemarkSimulatorServer

/// A service of one's own, on this machine.
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate", abstract: "Serve a simulated chat service on 127.0.0.1 until stopped.",
        discussion: """
            The first line on standard output is one JSON object: where it is, and who may log in. Faults and data are \
            drawn from the seed. Avaya's sockets have faults of their own: socket-cut, socket-applied-cut, socket-silence \
            and socket-lost.

            EXAMPLE
              tidemark simulate --service azure --faults drop-response=0.05,delay=20ms
              tidemark simulate --service avaya --seed-data conversations=3,messages=200
              tidemark simulate --service livekit
            """)

    @Option(help: ArgumentHelp("The service: avaya, azure or livekit.", valueName: "name"))
    var service: String

    @Option(help: ArgumentHelp("The port; 0 takes a free one.", valueName: "number"))
    var port = 0

    @Option(help: ArgumentHelp("What users, ids and faults are drawn from.", valueName: "number"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Faults and their rates, e.g. drop-request=0.05,status-429=0.02,delay=20ms.", valueName: "spec"))
    var faults = ""

    @Option(help: ArgumentHelp("What the first account begins with, e.g. conversations=50,messages=10000.", valueName: "spec"))
    var seedData = ""

    @Flag(help: "Keep the service's published limits: too many requests are answered 429.")
    var rateLimits = false

    @Option(help: ArgumentHelp("A file to go on from, and to keep the service in when stopped.", valueName: "file"))
    var state: String?

    func validate() throws {
        guard ["avaya", "azure", "livekit"].contains(service) else {
            throw ValidationError("There is no simulator of “\(service)”; there are avaya, azure and livekit.")
        }
        guard (0...65_535).contains(port) else { throw ValidationError("A port is a number from 0 to 65535.") }
        guard service != "livekit" || !rateLimits else {
            throw ValidationError("LiveKit publishes no limits that --rate-limits could keep.")
        }
    }

    func run() async throws {
        let file = state.map(SimulatorState.init(path:))
        do {
            switch service {
            case "avaya":
                let server = AvayaServer(try prepareAvaya(file), port: port, clock: SystemClock())
                try await serve({ try await server.run { Self.tell($0) } }, { try file?.save(server.with { $0 }) })
            case "livekit":
                let server = LiveKitServer(try prepareLiveKit(file), port: port, clock: SystemClock())
                try await serve({ try await server.run { Self.tell($0) } }, { try file?.save(server.with { $0 }) })
            default:
                let server = SimulatorServer(try prepareAzure(file), port: port, clock: SystemClock())
                try await serve({ try await server.run { Self.tell($0) } }, { try file?.save(server.with { $0 }) })
            }
        } catch let error as SpecificationError {
            throw Failure.usage(error.description)
        } catch let error as SimulatorStateError {
            throw Failure(.failed, code: "state", error.description)
        }
    }

    private func serve(_ run: @escaping @Sendable () async throws -> Void, _ keep: () throws -> Void) async throws {
        do {
            try await Interruption.gracefully { try await run() }
        } catch is ExitStatus {
            // Being told to stop is how it ends: nothing failed.
            try keep()
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(.failed, code: "port", "Port \(port) can't be opened; name another with --port, or 0 for a free one.")
        }
    }

    private func prepareAzure(_ file: SimulatorState?) throws -> FaultyAzure {
        let plan = try FaultPlan(faults, seed: seed)
        let data = try SeedData(seedData)
        if var kept = try file?.load() {
            kept.faults = plan
            kept.simulator.renewTokens(now: .current)
            kept.simulator.behavior.limitsRates = rateLimits
            return kept
        }
        var behavior = AzureBehavior()
        behavior.limitsRates = rateLimits
        var azure = AzureSimulator(seed: seed, behavior: behavior, now: .current)
        azure.fill(data, now: .current)
        return FaultyAzure(azure, faults: plan)
    }

    private func prepareLiveKit(_ file: SimulatorState?) throws -> FaultyLiveKit {
        let plan = try FaultPlan(faults, seed: seed)
        let data = try SeedData(seedData)
        guard data.messages == 0 else {
            throw Failure.usage("A LiveKit room has no history to begin with; --seed-data conversations=N opens N rooms.")
        }
        if var kept = try file?.load(LiveKitSimulator.self) {
            kept.faults = plan
            kept.simulator.renewTokens(now: .current)
            kept.simulator.fill(data, now: .current)
            return kept
        }
        var livekit = LiveKitSimulator(seed: seed, now: .current)
        livekit.fill(data, now: .current)
        return FaultyLiveKit(livekit, faults: plan)
    }

    private static func tell(_ description: some Encodable) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let line = try? encoder.encode(description) else { return }
        Terminal.write(String(decoding: line, as: UTF8.self) + "\n")
    }
}
