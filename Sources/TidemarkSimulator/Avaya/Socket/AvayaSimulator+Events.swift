internal import TidemarkModel

/// A client's events in the namespace `/chat`.
extension AvayaSimulator {
    mutating func take(
        _ name: String, _ payload: JSON, _ acknowledgement: String?, _ bytes: Int, on index: Int, _ now: Int64
    ) {
        let connection = sockets[index].number
        guard let user = users.first(where: { $0.id == sockets[index].user }) else { return }
        if socketFaults.strikes("socket-cut", socketFaults.cuts) { return cut(connection, now: .init(milliseconds: now)) }
        if socketFaults.strikes("socket-silence", socketFaults.silences) { return silence(connection) }
        let isCutAfterActing = socketFaults.strikes("socket-applied-cut", socketFaults.cutsAfterActing)
        if let refusal = refusal(of: bytes, on: index, now) {
            switch refusal.isClosing {
            case true: end(connection, .close(1009), at: now)
            case false: if let error = refusal.error, name == "SEND_MESSAGE" { fail(payload, error, connection, now) }
            }
        } else {
            act(name, payload, user, connection, now)
        }
        if let acknowledgement, behavior.answersAcks { say("43/chat,\(acknowledgement)[]", to: connection, at: now) }
        if isCutAfterActing { cut(connection, now: .init(milliseconds: now)) }
    }

    /// Whether an event is too large, or one too many.
    private mutating func refusal(of bytes: Int, on index: Int, _ now: Int64) -> (error: AvayaRefusal?, isClosing: Bool)? {
        sockets[index].events = sockets[index].events.filter { $0 > now - 60_000 } + [now]
        if behavior.limitsRates, sockets[index].events.count > behavior.eventsPerMinute {
            return (AvayaRefusal(status: 429, code: "rate.limit.exceeded", message: "Too many events."), false)
        }
        guard bytes > Self.mostEventBytes else { return nil }
        let error = AvayaRefusal(status: 413, code: "payload.toolarge", message: "An event has at most 16 KB.")
        switch behavior.oversizedEvent {
        case .failed: return (error, false)
        case .ignored: return (nil, false)
        case .closed: return (error, true)
        }
    }

    private mutating func act(_ name: String, _ payload: JSON, _ user: AvayaUser, _ connection: Int, _ now: Int64) {
        switch name {
        case "SUBSCRIBE_CHANNEL": subscribe(payload, user, connection, now)
        case "UNSUBSCRIBE_CHANNEL": unsubscribe(payload, connection, now)
        case "SEND_MESSAGE": send(payload, user, connection, now)
        case "SEND_PRESENCE_EVENT": pass(payload, user, connection, now)
        default: break
        }
    }

    // MARK: Channels

    private func channel(_ payload: JSON) -> (id: String, json: JSON) {
        let id = payload["channel"]?["_id"]?.text ?? ""
        return (id, .members(("channel", .members(("_id", .text(id)), ("type", payload["channel"]?["type"] ?? .text("topic"))))))
    }

    private mutating func subscribe(_ payload: JSON, _ user: AvayaUser, _ connection: Int, _ now: Int64) {
        guard let index = socketIndex(connection) else { return }
        let (id, json) = channel(payload)
        do throws(AvayaRefusal) {
            let space = try find(id, user, password: payload["channel"]?["password"]?.text)
            if behavior.visitingJoins { enter(space, user, at: now) }
            if !sockets[index].subscriptions.contains(id) { sockets[index].subscriptions.append(id) }
            var members = json.members ?? []
            members += [
                ("dtsid", .text(String(sockets[index].subscriptions.count))), ("sessionId", .text(sockets[index].sid)),
            ]
            say(AvayaPacket.event("CHANNEL_SUBSCRIBED", .object(members)), to: connection, at: now)
        } catch {
            var members = json.members ?? []
            members.append(("error", Self.json(error)))
            say(AvayaPacket.event("SUBSCRIBE_CHANNEL_FAILED", .object(members)), to: connection, at: now)
        }
    }

    private static func json(_ refusal: AvayaRefusal) -> JSON {
        .members(("code", .text(refusal.code)), ("message", .text(refusal.message)))
    }

    private mutating func unsubscribe(_ payload: JSON, _ connection: Int, _ now: Int64) {
        guard let index = socketIndex(connection) else { return }
        let (id, json) = channel(payload)
        sockets[index].subscriptions.removeAll { $0 == id }
        say(AvayaPacket.event("CHANNEL_UNSUBSCRIBED", json), to: connection, at: now)
    }

    // MARK: Messages

    private mutating func send(_ payload: JSON, _ user: AvayaUser, _ connection: Int, _ now: Int64) {
        guard let index = socketIndex(connection) else { return }
        let id = payload["topicId"]?.text ?? ""
        guard behavior.sendsWithoutSubscription || sockets[index].subscriptions.contains(id) else {
            var members = behavior.failureReturnsPayload ? payload.members ?? [] : [("topicId", JSON.text(id))]
            members.removeAll { $0.0 == "category" }
            members.append(("category", .text("app.event.channel.subscription.required")))
            return say(AvayaPacket.event("SEND_MESSAGE_FAILED", .object(members)), to: connection, at: now)
        }
        do throws(AvayaRefusal) {
            let category = payload["category"]?.text ?? "chat"
            guard ["chat", "idea", "task"].contains(category) else { throw .invalid("There is no such category.") }
            // Whoever subscribed has shown the password.
            let space = try find(id, user, password: spaces.first { $0.id == id }?.password)
            let place = try compose(payload, category, in: space, user, isPosted: false, now: now)
            announce(place, .sent, echo: payload["loopbackMetadata"].map { (connection, $0) }, now)
        } catch {
            fail(payload, error, connection, now)
        }
    }

    private mutating func fail(_ payload: JSON, _ refusal: AvayaRefusal, _ connection: Int, _ now: Int64) {
        var members = behavior.failureReturnsPayload ? payload.members ?? [] : []
        members.append(("error", Self.json(refusal)))
        say(AvayaPacket.event("SEND_MESSAGE_FAILED", .object(members)), to: connection, at: now)
    }

    // MARK: Presence

    /// Presence and typing go to the other subscribers, or to those that are named; nothing of them is kept.
    private mutating func pass(_ payload: JSON, _ user: AvayaUser, _ connection: Int, _ now: Int64) {
        let id = payload["topicId"]?.text ?? ""
        guard let index = socketIndex(connection), sockets[index].subscriptions.contains(id),
            let category = payload["category"]?.text
        else { return }
        let receivers = payload["receivers"]?.list ?? []
        let named = receivers.compactMap { $0.text ?? $0["_id"]?.text ?? $0["sessionId"]?.text }
        var content = payload["content"]?.members ?? []
        content.removeAll { $0.0 == "sessionId" }
        content.append(("sessionId", .text(sockets[index].sid)))
        let told = JSON.members(
            ("category", .text(category)), ("topicId", .text(id)), ("sender", json(sender: user.id)),
            ("content", .object(content)), ("receivers", .list(receivers)))
        for socket in sockets where socket.subscriptions.contains(id) {
            guard socket.number != connection || behavior.presenceComesBack else { continue }
            guard named.isEmpty || named.contains(socket.user ?? "") || named.contains(socket.sid) else { continue }
            say(AvayaPacket.event("PRESENCE_EVENT_RESPONSE", told), to: socket.number, at: now)
        }
    }
}
