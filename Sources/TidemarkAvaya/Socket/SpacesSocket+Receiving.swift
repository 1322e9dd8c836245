import TidemarkModel

extension SpacesSocket {
    mutating func received(_ text: String, _ now: Int64) {
        switch phase {
        case .handshake, .ready: break
        case .idle, .waiting, .opening: return
        }
        if let beat = heartbeat, beat.goneAt != nil { heartbeat?.goneAt = nil }
        do throws(SocketFrameError) {
            take(try EngineFrame(text), now)
        } catch {
            // Binary packets belong to events that chat doesn't use.
            guard error.code != .binary else { return }
            if isReady { tell(.missed) } else { lose(now) }
        }
    }

    private mutating func take(_ frame: EngineFrame, _ now: Int64) {
        switch frame {
        case .open(let opening): greet(opening, now)
        case .close: lose(now)
        case .ping(let text): effects.append(.write(EngineFrame.pong(text).text, connection: connection))
        case .message(let packet): take(packet, now)
        case .pong, .upgrade, .noop: break
        }
    }

    private mutating func greet(_ opening: EngineOpening, _ now: Int64) {
        guard case .handshake(.opening, let deadline) = phase else { return }
        let interval = Self.bounded(opening.pingInterval, default: 25_000)
        heartbeat = Heartbeat(
            interval: interval, timeout: Self.bounded(opening.pingTimeout, default: 60_000),
            pingAt: Self.time(now, .milliseconds(interval)))
        phase = .handshake(.root, deadline: deadline)
    }

    /// What a server asks for is taken between one second and five minutes.
    private static func bounded(_ milliseconds: Int64?, default normal: Int64) -> Int64 {
        guard let milliseconds, milliseconds > 0 else { return normal }
        return min(max(milliseconds, 1_000), 300_000)
    }

    private mutating func take(_ packet: SocketPacket, _ now: Int64) {
        let isOurs = packet.namespace == SpacesEvent.namespace
        switch (packet.kind, phase) {
        case (.connect, .handshake(.root, let deadline)) where packet.namespace == "/":
            guard let access else { return lose(now) }
            phase = .handshake(.namespace, deadline: deadline)
            effects.append(.write(SpacesEvent.joining(access), connection: connection))
        case (.connect, .handshake(.namespace, _)) where isOurs: join(now)
        case (.error(let reason), .handshake): refuse(Self.refusal(reason), now, closing: true)
        case (.error(let reason), .ready): tell(.refused(Self.refusal(reason)))
        case (.disconnect, _) where isOurs || packet.namespace == "/": lose(now)
        case (.event(let name, let arguments), .ready) where isOurs:
            if let id = packet.id {
                let answer = SocketPacket(.acknowledgement([]), namespace: packet.namespace, id: id)
                effects.append(.write(EngineFrame.message(answer).text, connection: connection))
            }
            take(name, arguments.first ?? SocketJSON("{}"), now)
        default: break
        }
    }

    private mutating func join(_ now: Int64) {
        phase = .ready(since: now)
        if asksForSpaces { listAt = now }
    }

    private mutating func take(_ name: String, _ payload: SocketJSON, _ now: Int64) {
        let space = (payload["channel"]?["_id"]?.text).map { RemoteConversationID(rawValue: $0) }
        switch name {
        case SpacesEvent.subscribed:
            if let space { subscribed(space) }
        case SpacesEvent.subscribeFailed: subscribeFailed(space ?? Self.space(in: payload), now)
        case SpacesEvent.unsubscribed:
            if let space { unsubscribed(space, now) }
        case SpacesEvent.sent:
            settle(sent: payload)
            if recent.isNew(payload) { tell(.event(name: name, payload: payload.bytes)) }
        case SpacesEvent.sendFailed: sendFailed(payload)
        default: tell(.event(name: name, payload: payload.bytes))
        }
    }

    static func space(in payload: SocketJSON) -> RemoteConversationID? {
        (payload["topicId"] ?? payload["channelId"] ?? payload["_id"])?.text.map { RemoteConversationID(rawValue: $0) }
    }

    /// What the service means by refusing the namespace. Its words are not established (wire page §11): those that speak of
    /// the limit are taken as the limit, everything else as a refused token, of which another one is the only remedy.
    static func refusal(_ reason: SocketJSON?) -> SpacesSocketRefusal {
        let words = (reason?.text ?? reason?["message"]?.text ?? "").prefix(500).lowercased()
        let speaksOfLimit = ["limit", "too many", "maximum", "max_connection", "exceed"].contains { words.contains($0) }
        return speaksOfLimit ? .tooManyConnections : .token
    }
}
