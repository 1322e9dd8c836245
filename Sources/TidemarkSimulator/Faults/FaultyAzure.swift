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
                faults.missed(.earlyNotFound)
                return .answer(simulator.respond(to: request, body: body, now: now), after: wait)
            }
            return .answer(Self.refusal(404), after: wait)
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
