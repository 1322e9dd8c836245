package import TidemarkModel

/// One attempt at a delivery, step by step: packets for the channel, calls of the server's API, and in the end what came of it.
///
/// It has no I/O: whoever drives it does each step and says what became of it. Everything is checked before the first packet
/// leaves; once one has, no failure is `.notApplied` any more (rule R1).
package struct LiveKitAttempt: Sendable {
    package enum Step: Hashable, Sendable {
        /// Publish it by the channel, reliably and to everybody.
        case publish(LiveKitPacket)
        /// Publish a text stream by the channel.
        case publishText(String, streamID: String)
        case call(LiveKitRoomWire.Operation)
        case end(Result<Acceptance, ServiceError>)
    }

    /// What is still to do, in this order.
    enum Part: Hashable, Sendable {
        /// Look whether the room is still the one that this was written for.
        case checkRoom(sid: String)
        /// A send found no node: is it the room or the server?
        case explain(ServiceError)
        case stream(String, id: String)
        case publish(LiveKitPacket)
        case send(LiveKitSendData)
    }

    private let adapter: LiveKitRoomAdapter
    private let deadline: Timestamp?
    private var parts: [Part]
    private var result: Result<Acceptance, ServiceError>
    private var hasLeft = false

    /// The message that it sends, while it does: should it come back before the answer, it is known by this.
    package private(set) var sending: (key: LiveKitMessageKey, token: Token)?

    init(
        _ adapter: LiveKitRoomAdapter, deadline: Timestamp? = nil, _ parts: [Part] = [],
        sending: (key: LiveKitMessageKey, token: Token)? = nil, result: Result<Acceptance, ServiceError>
    ) {
        self.adapter = adapter
        self.deadline = deadline
        self.parts = parts
        self.sending = sending
        self.result = result
    }

    /// What builds the requests of its calls.
    package var server: LiveKitRoomWire? { adapter.server }

    /// What is to be done now. The same again until somebody has said what became of it.
    package mutating func next(_ now: Timestamp) -> Step {
        guard let part = parts.first else { return .end(result) }
        if part.isPacket, let deadline, now >= deadline {
            fail(ServiceError(.tooLate, certainty: .notApplied))
            return .end(result)
        }
        switch part {
        case .checkRoom, .explain: return .call(.listRooms(names: [adapter.room]))
        case .stream(let text, let id): return .publishText(text, streamID: id)
        case .publish(let packet): return .publish(packet)
        case .send(let data): return .call(.sendData(data))
        }
    }

    /// The channel has taken it.
    package mutating func published() {
        hasLeft = true
        parts.removeFirst(min(1, parts.count))
    }

    /// The server answered.
    package mutating func answered(_ response: TransportResponse) {
        guard let server = adapter.server, let part = parts.first else { return }
        do throws(ServiceError) {
            switch part {
            case .checkRoom(let sid):
                let open = try server.rooms(of: response).first { $0.name == adapter.room }
                guard let open else { throw ServiceError(.roomNotOpen, certainty: .notApplied) }
                guard open.sid.isEmpty || open.sid == sid else { throw ServiceError(.roomChanged, certainty: .notApplied) }
                parts.removeFirst()
            case .explain(let error):
                fail(error.explained(by: try? server.rooms(of: response), room: adapter.room))
            case .send:
                try server.checkSent(response)
                published()
            case .stream, .publish: return
            }
        } catch {
            failed(error)
        }
    }

    /// The server did not answer.
    package mutating func failed(_ error: TransportError) {
        let isSend = if case .send? = parts.first { true } else { false }
        failed(LiveKitFailure(isRead: !isSend).error(error))
    }

    /// It was not done, or nobody knows.
    package mutating func failed(_ error: ServiceError) {
        switch parts.first {
        case .send(_)? where error.status == 503: parts[0] = .explain(error)
        // Nobody could say: it stays what it was.
        case .explain(let first)?: fail(first)
        default: fail(error)
        }
    }

    private mutating func fail(_ error: ServiceError) {
        var error = error
        if hasLeft { error.certainty = .unknown }
        result = .failure(error)
        parts = []
    }
}

extension LiveKitAttempt.Part {
    fileprivate var isPacket: Bool {
        switch self {
        case .checkRoom, .explain: false
        case .stream, .publish, .send: true
        }
    }
}

extension ServiceError {
    /// What a 503 was about. A room outlives its last participant by its departure timeout: one that is not listed had nobody in
    /// it who could have got the packet, so nothing came of it. `nil`: nobody knows what is listed.
    func explained(by rooms: [LiveKitOpenRoom]?, room: String) -> ServiceError {
        guard let rooms, rooms.allSatisfy({ $0.name != room }) else { return self }
        var closed = self
        closed.code = .roomNotOpen
        closed.certainty = .notApplied
        return closed
    }
}
