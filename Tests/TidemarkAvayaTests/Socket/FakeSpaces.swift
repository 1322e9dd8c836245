import Foundation
import HTTPTypes
import Synchronization
import TidemarkModel

/// The service's side of a socket in memory: one script for each connection, the last for all that follow.
final class FakeSpaces: WebSocketTransport {
    enum Opening: Sendable {
        /// Breaks without a word after so many frames of the service.
        case open(cutAfter: Int = .max, refusesSubscriptions: Bool = false)
        case refused(Int)
        case unreachable
        /// Never answers.
        case hangs
        /// Opens, and takes nothing that is sent.
        case stuck
        /// Opens, and says nothing after the handshake of engine.io.
        case silent
    }

    struct State {
        var openings: [Opening]
        var requests: [HTTPRequest] = []
        var sent: [String] = []
        var current: FakeConnection?
        var open = 0
        var mostOpen = 0
        var messages = 0
        var refusesSends = false
        var swallowsSends = false
    }

    let state: Mutex<State>
    let requested: AsyncStream<Int>
    /// One element for each text that the client sent.
    let texts: AsyncStream<String>
    private let request: AsyncStream<Int>.Continuation
    private let text: AsyncStream<String>.Continuation

    init(_ openings: [Opening] = [.open()]) {
        state = Mutex(State(openings: openings))
        (requested, request) = AsyncStream.makeStream()
        (texts, text) = AsyncStream.makeStream()
    }

    var tokens: [String] {
        state.withLock {
            $0.requests.map {
                $0.path?.split(separator: "=").dropFirst().first?.split(separator: "&").first.map(String.init) ?? ""
            }
        }
    }

    func connect(_ head: HTTPRequest, limits: WebSocketLimits) async throws(TransportError) -> any WebSocketConnection {
        let opening = state.withLock { state in
            state.requests.append(head)
            request.yield(state.requests.count)
            return state.openings.count > 1 ? state.openings.removeFirst() : state.openings.first ?? .unreachable
        }
        switch opening {
        case .refused(let status): throw TransportError(.refused(status: status), requestMayHaveArrived: true)
        case .unreachable: throw TransportError(.unreachable, requestMayHaveArrived: false)
        case .hangs:
            await untilCancelled()
            throw TransportError(.cancelled, requestMayHaveArrived: true)
        case .open(let limit, let refuses): return open(FakeConnection(self, cutAfter: limit, refusesSubscriptions: refuses))
        case .stuck: return open(FakeConnection(self, cutAfter: .max, takesNothing: true))
        case .silent: return open(FakeConnection(self, cutAfter: 3))
        }
    }

    private func open(_ connection: FakeConnection) -> FakeConnection {
        state.withLock { state in
            state.current = connection
            state.open += 1
            state.mostOpen = max(state.mostOpen, state.open)
        }
        connection.push(#"0{"sid":"s","upgrades":[],"pingInterval":25000,"pingTimeout":60000}"#)
        connection.push("40")
        return connection
    }

    func ended() {
        state.withLock { $0.open -= 1 }
    }

    /// To the connection that is open now.
    func push(_ event: String, _ payload: String) {
        state.withLock { $0.current }?.push("42/chat,[\"\(event)\",\(payload)]")
    }

    func cut() {
        state.withLock { $0.current }?.cut()
    }

    func take(_ text: String, from connection: FakeConnection) {
        state.withLock { $0.sent.append(text) }
        self.text.yield(text)
        if text.hasPrefix("40/chat") { return connection.push("40/chat") }
        if text == "2" { return connection.push("3") }
        guard let start = text.firstIndex(of: "["),
            let event = try? JSONSerialization.jsonObject(with: Data(text[start...].utf8)) as? [Any],
            let payload = event.last as? [String: Any]
        else { return }
        switch event.first as? String {
        case "SUBSCRIBE_CHANNEL":
            let space = (payload["channel"] as? [String: Any])?["_id"] as? String ?? ""
            if connection.refusesSubscriptions { return connection.push(#"42/chat,["SUBSCRIBE_CHANNEL_FAILED",{}]"#) }
            connection.push(#"42/chat,["CHANNEL_SUBSCRIBED",{"channel":{"_id":"\#(space)","type":"topic"}}]"#)
        case "SEND_MESSAGE": echo(payload, connection)
        default: break
        }
    }

    private func echo(_ payload: [String: Any], _ connection: FakeConnection) {
        let (number, refuses, swallows) = state.withLock { state in
            state.messages += 1
            return (state.messages, state.refusesSends, state.swallowsSends)
        }
        if swallows { return }
        var message = payload
        message["_id"] = "m-\(number)"
        message["modified"] = "2026-01-05T10:00:0\(number % 10).000Z"
        guard let bytes = try? JSONSerialization.data(withJSONObject: message) else { return }
        let name = refuses ? "SEND_MESSAGE_FAILED" : "MESSAGE_SENT"
        connection.push("42/chat,[\"\(name)\",\(String(decoding: bytes, as: UTF8.self))]")
    }
}

final class FakeConnection: WebSocketConnection {
    private struct State {
        var isOpen = true
        var pushed = 0
    }

    private let spaces: FakeSpaces
    private let limit: Int
    private let takesNothing: Bool
    let refusesSubscriptions: Bool
    private let inbox: AsyncStream<Result<String?, TransportError>>
    private let arriving: AsyncStream<Result<String?, TransportError>>.Continuation
    private let state = Mutex(State())

    init(
        _ spaces: FakeSpaces, cutAfter limit: Int, takesNothing: Bool = false, refusesSubscriptions: Bool = false
    ) {
        self.refusesSubscriptions = refusesSubscriptions
        self.spaces = spaces
        self.limit = limit
        self.takesNothing = takesNothing
        (inbox, arriving) = AsyncStream.makeStream()
    }

    func push(_ text: String) {
        let (isOpen, isLast) = state.withLock { state in
            state.pushed += 1
            return (state.isOpen && state.pushed <= limit, state.pushed >= limit)
        }
        if isOpen { arriving.yield(.success(text)) }
        if isLast { cut() }
    }

    func cut() {
        end(.failure(TransportError(.connectionLost, requestMayHaveArrived: true)))
    }

    private func end(_ result: Result<String?, TransportError>) {
        let wasOpen = state.withLock { state in
            defer { state.isOpen = false }
            return state.isOpen
        }
        guard wasOpen else { return }
        arriving.yield(result)
        arriving.finish()
        spaces.ended()
    }

    func send(_ text: String) async throws(TransportError) {
        if takesNothing {
            await untilCancelled()
            throw TransportError(.cancelled, requestMayHaveArrived: true)
        }
        guard state.withLock({ $0.isOpen }) else { throw TransportError(.connectionLost, requestMayHaveArrived: false) }
        spaces.take(text, from: self)
    }

    func receive() async throws(TransportError) -> String? {
        for await result in inbox { return try result.get() }
        if Task.isCancelled { throw TransportError(.cancelled, requestMayHaveArrived: true) }
        throw TransportError(.connectionLost, requestMayHaveArrived: true)
    }

    func close() async {
        end(.success(nil))
    }
}

func untilCancelled() async {
    let (never, continuation) = AsyncStream.makeStream(of: Never.self)
    for await _ in never {}
    withExtendedLifetime(continuation) {}
}
