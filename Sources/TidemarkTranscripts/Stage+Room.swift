import Tidemark
import TidemarkLiveKit
import TidemarkModel
import TidemarkStore

/// The account of a LiveKit room: its service's decisions, step by step.
extension Stage {
    mutating func beginInRoom(_ effect: SyncCore.Effect) throws {
        guard case .deliver(let delivery) = effect, case .room(let adapter) = speaker else {
            return try core.take(effect.failed(ServiceError(.unsupported, certainty: .notApplied)), moment)
        }
        try proceed(adapter.attempt(delivery, at: moment.now), effect)
    }

    /// The next step of a delivery that takes several, or what came of it.
    mutating func proceed(_ attempt: LiveKitAttempt, _ effect: SyncCore.Effect) throws {
        guard case .deliver(let delivery) = effect else { return }
        var attempt = attempt
        switch attempt.next(moment.now) {
        case .end(let result): try core.take(.delivered(delivery, result), moment)
        case .publish(let packet): try begin(Pending(effect: effect, exchange: .packet(packet), attempt: attempt))
        case .publishText(let text, let id):
            try begin(Pending(effect: effect, exchange: .stream(text, id: id), attempt: attempt))
        case .call(let operation):
            guard let server = attempt.server else { return }
            do throws(ServiceError) {
                let request = try server.request(for: operation)
                pending.append(
                    Pending(effect: effect, exchange: .request(request), attempt: attempt, isRead: operation.isRead))
            } catch {
                attempt.failed(error)
                return try proceed(attempt, effect)
            }
            try begin(pending.removeLast())
        }
    }

    /// The attempt, told what became of its step.
    func told(_ attempt: LiveKitAttempt, _ answer: Answer, _ exchange: Exchange) -> LiveKitAttempt {
        var attempt = attempt
        switch (exchange, answer) {
        case (.request, _):
            switch answer.response {
            case .success(let response): attempt.answered(response)
            case .failure(let error): attempt.failed(error)
            }
        case (_, .taken): attempt.published()
        case (_, .lost): attempt.failed(ServiceError(DataChannelError(.interrupted)))
        case (_, .full): attempt.failed(ServiceError(DataChannelError(.full)))
        case (_, .unsent), (_, .response): attempt.failed(ServiceError(DataChannelError(.notConnected)))
        }
        return attempt
    }

    mutating func arrive(_ line: PacketLine, _ number: Int) throws {
        guard case .room(let adapter) = speaker, let names else {
            throw TranscriptError("Packets arrive in rooms only; this account is one of \(transcript.service).", line: number)
        }
        guard let packet = line.packet(names) else {
            throw TranscriptError("A name in this packet stands for nothing yet.", line: number)
        }
        let sending = (pending + named.values).compactMap(\.attempt?.sending)
        let underWay = Dictionary(sending.map { ($0.key, $0.token) }) { first, _ in first }
        trace.add(line.topic ?? "")
        try tell(adapter.events(for: packet, underWay: underWay, at: moment.now))
    }

    mutating func happen(_ line: RoomLine, _ number: Int) throws {
        guard case .room(let adapter) = speaker else {
            throw TranscriptError("This account is one of \(transcript.service) and has no room.", line: number)
        }
        switch line {
        case .gap(let gap): try tell(adapter.events(for: gap, openRoom: adapter.asksForRoom(gap) ? openRoom(adapter) : nil))
        case .opened(let sid):
            try list([.object(["name": .text(adapter.room), "sid": .text(sid)])])
        case .closed:
            try list([])
        }
    }

    private mutating func tell(_ events: [RemoteEvent]) throws {
        for event in events {
            try core.take(event, moment)
        }
    }

    /// What the server lists from here on.
    private mutating func list(_ rooms: [JSON]) throws {
        var none = Fields([:], line: 0)
        let pattern = try RequestPattern("POST /twirp/livekit.RoomService/ListRooms", &none)
        let body = JSON.object(["rooms": .list(rooms)])
        _ = try stand(pattern, .response(status: 200, headers: [:], body: Array(body.line.utf8)))
    }

    /// The room that the server lists, as far as the transcript says.
    private func openRoom(_ adapter: LiveKitRoomAdapter) -> String? {
        guard let server = adapter.server,
            let request = try? server.request(for: .listRooms(names: [adapter.room])),
            let response = try? standingAnswer(to: .request(request))?.response.get()
        else { return nil }
        return try? server.rooms(of: response).first { $0.name == adapter.room }?.sid
    }
}
