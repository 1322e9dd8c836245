public import HTTPTypes
public import TidemarkModel

/// The simulator behind a bad network, still as a value: a request in, what its client gets out.
public struct FaultyAzure: Sendable, Codable {
    public enum Outcome: Hashable, Sendable {
        case answer(TransportResponse, after: Duration)
        /// Nothing arrived at the service.
        case requestLost
        /// The service acted, and nobody hears of it.
        case answerLost
        /// The request will arrive later: call ``FaultyAzure/land(_:body:now:)`` then.
        case late
    }

    public var simulator: AzureSimulator
    public var faults: FaultPlan

    public init(_ simulator: AzureSimulator, faults: FaultPlan = FaultPlan()) {
        self.simulator = simulator
        self.faults = faults
    }

    public mutating func exchange(_ request: HTTPRequest, body: [UInt8], now: Timestamp) -> Outcome {
        let (fault, delay) = faults.next()
        let wait = Duration.milliseconds(delay)
        switch fault {
        case nil:
            return .answer(simulator.respond(to: request, body: body, now: now), after: wait)
        case .dropRequest:
            return .requestLost
        case .late:
            return .late
        case .dropResponse:
            _ = simulator.respond(to: request, body: body, now: now)
            return .answerLost
        case .status(let status):
            return .answer(Self.refusal(status), after: wait)
        case .applied(let status):
            _ = simulator.respond(to: request, body: body, now: now)
            return .answer(Self.refusal(status), after: wait)
        case .earlyNotFound:
            // Only what names something that exists can be unknown too early.
            let isAbout = request.path?.contains("/messages/") == true || request.path?.contains("readReceipts") == true
            guard isAbout, request.method != .get else {
                return .answer(simulator.respond(to: request, body: body, now: now), after: wait)
            }
            return .answer(Self.refusal(404), after: wait)
        case .truncated:
            var response = simulator.respond(to: request, body: body, now: now)
            response.body = Array(response.body.prefix(response.body.count / 2))
            return .answer(response, after: wait)
        case .malformed:
            var response = simulator.respond(to: request, body: body, now: now)
            if !response.body.isEmpty { response.body = Array("<html>bad gateway</html>".utf8) }
            return .answer(response, after: wait)
        }
    }

    /// A late request arrives.
    public mutating func land(_ request: HTTPRequest, body: [UInt8], now: Timestamp) {
        _ = simulator.respond(to: request, body: body, now: now)
    }

    private static func refusal(_ status: Int) -> TransportResponse {
        var head = HTTPResponse(status: .init(code: status))
        head.headerFields[.contentType] = "application/json; charset=utf-8"
        if status == 429 { head.headerFields[.retryAfterSeconds] = "2" }
        let body = JSON.members(("error", .members(("code", .text("Simulated")), ("message", .text("A simulated fault.")))))
        return TransportResponse(head: head, body: body.bytes)
    }
}
