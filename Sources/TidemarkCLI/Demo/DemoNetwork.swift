import HTTPTypes
import Synchronization
import Tidemark
import TidemarkModel
import TidemarkSimulator

/// The bad network of the demo: the simulator's own faults, a note of each that struck, and the crash.
final class DemoNetwork: HTTPTransport {
    /// Something that went wrong.
    struct Strike: Hashable, Sendable {
        var at: Timestamp
        /// What the request was about: `send`.
        var request: String
        /// The fault's name as ``FaultPlan`` has it, or ``crash``.
        var fault: String
    }

    static let crash = "crash"

    private struct State {
        var strikes: [Strike] = []
        var victim: MessageStore?
        var requests = 0
    }

    let transport: SimulatorTransport<AzureSimulator>
    private let clock: VirtualClock
    private let state = Mutex(State())

    init(_ transport: SimulatorTransport<AzureSimulator>, clock: VirtualClock) {
        self.transport = transport
        self.clock = clock
    }

    var strikes: [Strike] { state.withLock { $0.strikes } }
    var requests: Int { state.withLock { $0.requests } }

    /// At the next send the service acts, and the program dies before it hears of it: its store is closed under it, so
    /// that nothing it still knows is written down.
    func crashAtNextSend(of store: MessageStore) {
        state.withLock { $0.victim = store }
    }

    func send(
        _ request: HTTPRequest, body: [UInt8], limits: HTTPLimits
    ) async throws(TransportError) -> TransportResponse {
        let name = Self.name(of: request)
        let victim = state.withLock { state in
            state.requests += 1
            guard name == "send" else { return nil as MessageStore? }
            defer { state.victim = nil }
            return state.victim
        }
        if let victim {
            clock.advance(by: .milliseconds(40))
            let now = clock.now
            transport.with { _ = $0.simulator.respond(to: request, body: body, now: now) }
            note(Self.crash, name)
            try? victim.close()
            throw TransportError(.connectionLost, requestMayHaveArrived: true)
        }
        let before = transport.with { $0.faults.struck }
        defer {
            let after = transport.with { $0.faults.struck }
            for (fault, count) in after where count > before[fault, default: 0] { note(fault, name) }
        }
        return try await transport.send(request, body: body, limits: limits)
    }

    private func note(_ fault: String, _ request: String) {
        let strike = Strike(at: clock.now, request: request, fault: fault)
        state.withLock { $0.strikes.append(strike) }
    }

    private static func name(of request: HTTPRequest) -> String {
        let path = (request.path ?? "").prefix { $0 != "?" }.split(separator: "/").dropFirst(2)
        let isRead = request.method == .get
        switch (path.count, path.last.map { $0.lowercased() } ?? "") {
        case (0, _): return isRead ? "list conversations" : "create"
        case (2, "messages"): return isRead ? "list messages" : "send"
        case (2, "participants"): return "list participants"
        case (2, "readreceipts"): return isRead ? "list receipts" : "mark as read"
        case (3, ":add"), (3, ":remove"): return "participants"
        case (3, _) where request.method == .patch: return "edit"
        case (3, _) where request.method == .delete: return "delete"
        case (3, _): return "read message"
        default: return isRead ? "read conversation" : request.method == .patch ? "rename" : "delete conversation"
        }
    }
}

/// Where the application gets its tokens: its own server, which is on a good network.
struct DemoTokenServer: HTTPTransport {
    let transport: SimulatorTransport<AzureSimulator>
    let clock: VirtualClock

    func send(
        _ request: HTTPRequest, body: [UInt8], limits: HTTPLimits
    ) async throws(TransportError) -> TransportResponse {
        let now = clock.now
        return transport.with { $0.simulator.respond(to: request, body: body, now: now) }
    }
}
