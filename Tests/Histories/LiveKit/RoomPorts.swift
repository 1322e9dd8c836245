import HTTPTypes
import Synchronization
import TidemarkLiveKit
import TidemarkModel

/// Something that a program of a history asks of the world outside of it.
struct RoomCall: Sendable {
    enum Kind: Sendable {
        /// The server's API.
        case server(HTTPRequest, [UInt8])
        /// A line for the bridge, with its end.
        case bridge([UInt8])
    }

    enum Answer: Sendable {
        case server(Result<TransportResponse, TransportError>)
        /// `nil`: the bridge has the line.
        case bridge(DataChannelError?)
    }

    var number: Int
    /// The delivery that it is part of; `nil`: it asks which room is open, for what it hears.
    var delivery: Int?
    var kind: Kind
}

/// What a program did, in order.
enum RoomNote: Sendable {
    case called(RoomCall)
    /// It took this from its channel's buffer.
    case pulled(DataChannelEvent)
    /// The adapter told this to the engine.
    case event(RemoteEvent)
    case delivered(Int, Result<Acceptance, ServiceError>)
}

/// Where one program ends and the simulated world begins: what it asks for waits here until the world answers.
final class RoomPorts: Sendable {
    @TaskLocal static var delivery: Int?

    private struct State {
        var notes: [RoomNote] = []
        var waiting: [Int: CheckedContinuation<RoomCall.Answer, Never>] = [:]
        var calls = 0
        var now: Int64 = 0
    }

    private let state = Mutex(State())

    /// The program's wall clock, in milliseconds.
    var now: Int64 {
        get { state.withLock(\.now) }
        set { state.withLock { $0.now = newValue } }
    }

    func note(_ note: RoomNote) {
        state.withLock { $0.notes.append(note) }
    }

    func takeNotes() -> [RoomNote] {
        state.withLock { state in
            defer { state.notes = [] }
            return state.notes
        }
    }

    func call(_ kind: RoomCall.Kind) async -> RoomCall.Answer {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                state.calls += 1
                state.waiting[state.calls] = continuation
                state.notes.append(.called(RoomCall(number: state.calls, delivery: Self.delivery, kind: kind)))
            }
        }
    }

    /// An answer to what was answered already reaches nobody.
    func answer(_ call: Int, _ answer: RoomCall.Answer) {
        state.withLock { $0.waiting.removeValue(forKey: call) }?.resume(returning: answer)
    }

    /// The program is gone: nobody waits any more.
    func close() {
        let waiting = state.withLock { state in
            defer { state.waiting = [:] }
            return state.waiting.sorted { $0.key < $1.key }.map(\.value)
        }
        for continuation in waiting { continuation.resume(returning: .bridge(DataChannelError(.closed))) }
    }
}

/// The way to the server's API.
struct RoomTransport: HTTPTransport {
    let ports: RoomPorts

    func send(_ request: HTTPRequest, body: [UInt8], limits: HTTPLimits) async throws(TransportError) -> TransportResponse {
        guard case .server(let result) = await ports.call(.server(request, body)) else {
            throw TransportError(.cancelled, requestMayHaveArrived: true)
        }
        return try result.get()
    }
}

/// The way to the bridge and from it.
struct RoomChannel: TextStreamChannel {
    let ports: RoomPorts
    let buffer: DataChannelBuffer

    func publish(_ payload: [UInt8], topic: String, reliable: Bool, destinations: [String]) async throws {
        try await write(BridgeLine.publishing(payload, topic: topic, reliable: reliable, destinations: destinations))
    }

    func publishText(_ text: String, topic: String, streamID: String, destinations: [String]) async throws {
        try await write(
            BridgeLine.publishing(Array(text.utf8), topic: topic, destinations: destinations, streamID: streamID))
    }

    private func write(_ line: [UInt8]) async throws {
        guard case .bridge(let error) = await ports.call(.bridge(line)) else { throw DataChannelError(.interrupted) }
        if let error { throw error }
    }

    func packets() -> AsyncStream<DataChannelEvent> {
        AsyncStream { [ports, buffer] in
            let event = await buffer.next()
            if let event { ports.note(.pulled(event)) }
            return event
        }
    }
}
