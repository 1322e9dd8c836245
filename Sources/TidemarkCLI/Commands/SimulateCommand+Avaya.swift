import Tidemark
import TidemarkSimulator
import TidemarkSimulatorServer

extension SimulateCommand {
    /// Avaya's faults are those of requests and, with names that begin with `socket-`, those of sockets.
    func prepareAvaya(_ file: SimulatorState?) throws -> FaultyAvaya {
        let parts = faults.split(separator: ",").map(String.init)
        let isOfSockets = { (part: String) in part.drop { $0 == " " }.hasPrefix("socket-") }
        let plan = try FaultPlan(parts.filter { !isOfSockets($0) }.joined(separator: ","), seed: seed)
        let socketFaults = try AvayaSocketFaults(parts.filter(isOfSockets).joined(separator: ","), seed: seed)
        let data = try SeedData(seedData)
        var service: FaultyAvaya
        if let kept = try file?.load(AvayaSimulator.self) {
            service = kept
            service.simulator.renewTokens(now: .current)
            // Whoever was connected to the run before this one is not any more.
            service.simulator.closeSockets()
        } else {
            var avaya = AvayaSimulator(seed: seed, now: .current)
            avaya.fill(data, now: .current)
            service = FaultyAvaya(avaya)
        }
        service.faults = plan
        service.simulator.socketFaults = socketFaults
        service.simulator.behavior.limitsRates = rateLimits
        return service
    }
}
