public import HTTPTypes
public import TidemarkModel

/// A simulator behind a bad network, still as a value: a request in, what its client gets out.
public struct FaultyService<Service: SimulatedService>: Sendable, Codable {
    public enum Outcome: Hashable, Sendable {
        case answer(TransportResponse, after: Duration)
        /// Nothing arrived at the service.
        case requestLost
        /// The service acted, and nobody hears of it.
        case answerLost
        /// Its client has given up; the request arrives later (``FaultyService/land(until:)``).
        case late
    }

    public var simulator: Service
    public var faults: FaultPlan
    /// What was late and has arrived, in order.
    public private(set) var arrivals: [LateArrival] = []
    private var late: [LateRequest] = []

    public init(_ simulator: Service, faults: FaultPlan = FaultPlan()) {
        self.simulator = simulator
        self.faults = faults
    }

    /// A request at `now`, after what was late and is due. `patience` is how long its client waits for an answer that does
    /// not come.
    public mutating func exchange(
        _ request: HTTPRequest, body: [UInt8], now: Timestamp, patience: Duration = .zero
    ) -> Outcome {
        land(until: now)
        let (fault, delay) = faults.next()
        let wait = Duration.milliseconds(delay)
        switch fault {
        case nil:
            return .answer(simulator.respond(to: request, body: body, now: now), after: wait)
        case .dropRequest:
            return .requestLost
        case .late:
            hold(request, body, givenUp: now.milliseconds + patience.milliseconds)
            return .late
        case .dropResponse:
            _ = simulator.respond(to: request, body: body, now: now)
            return .answerLost
        case .status(let status):
            return .answer(simulator.refusal(status), after: wait)
        case .applied(let status):
            _ = simulator.respond(to: request, body: body, now: now)
            return .answer(simulator.refusal(status), after: wait)
        case .duplicate:
            _ = simulator.respond(to: request, body: body, now: now)
            return .answer(simulator.respond(to: request, body: body, now: now), after: wait)
        case .earlyNotFound:
            // Only what was just made can be unknown too early.
            guard simulator.isAboutNews(request, body: body, now: now) else {
                faults.missed(.earlyNotFound)
                return .answer(simulator.respond(to: request, body: body, now: now), after: wait)
            }
            return .answer(simulator.refusal(404), after: wait)
        case .truncated:
            return .answer(spoiled(.truncated, request, body, now) { Array($0.prefix($0.count / 2)) }, after: wait)
        case .malformed:
            return .answer(spoiled(.malformed, request, body, now) { _ in Array("<html>bad gateway</html>".utf8) }, after: wait)
        }
    }

    /// The service acts, and what it says arrives as something else.
    private mutating func spoiled(
        _ kind: FaultPlan.Kind, _ request: HTTPRequest, _ body: [UInt8], _ now: Timestamp, _ spoil: ([UInt8]) -> [UInt8]
    ) -> TransportResponse {
        var response = simulator.respond(to: request, body: body, now: now)
        if response.body.isEmpty {
            faults.missed(kind)
        } else {
            response.body = spoil(response.body)
        }
        return response
    }

    // MARK: Late requests

    private mutating func hold(_ request: HTTPRequest, _ body: [UInt8], givenUp: Int64) {
        let lateness = faults.nextLateness(listLag: simulator.listLag)
        late.append(
            LateRequest(
                arrival: givenUp + lateness, request: request, body: body,
                isAfterQuarantine: lateness >= faults.lateness.quarantine))
    }

    /// Lets arrive what is late and due by `now`, each at its own time. Asking the service anything does so too; call it
    /// before looking at the service without a request.
    public mutating func land(until now: Timestamp) {
        while let next = late.indices.min(by: { late[$0].arrival < late[$1].arrival }),
            late[next].arrival <= now.milliseconds
        {
            let due = late.remove(at: next)
            let answer = simulator.respond(to: due.request, body: due.body, now: Timestamp(milliseconds: due.arrival))
            arrivals.append(
                LateArrival(
                    arrival: due.arrival, message: simulator.messageMade(by: due.request, answer),
                    isAfterQuarantine: due.isAfterQuarantine))
        }
    }
}
