internal import TidemarkModel

/// What subscribers are told by the service (wire page §6).
extension AvayaSimulator {
    enum Announcement {
        case sent, edited, deleted
    }

    /// Tells every subscriber of a message's space, the sender's connections included, by whichever way it came. `echo` is
    /// what the sending connection, and no other, gets back with it.
    mutating func announce(_ place: AvayaPlace, _ kind: Announcement, echo: (Int, JSON)? = nil, _ now: Int64) {
        let message = self[place]
        let isChat = message.category == "chat"
        switch kind {
        case .sent: tell(payload(json(message, now), in: place.space), of: place.space, echo: echo, now)
        case .edited where isChat && !behavior.announcesEdits: break
        case .edited: tell(payload(json(message, now), in: place.space), of: place.space, now)
        case .deleted:
            switch behavior.deletionEvent {
            case .none where isChat: break
            case .marked where behavior.deletionMark != .absent:
                tell(payload(json(message, now), in: place.space), of: place.space, now)
            default:
                let removed = JSON.members(
                    ("_id", .text(message.id)), ("category", .text("app.event.message.removed")),
                    ("topicId", .text(message.space)), ("sender", json(sender: message.sender)),
                    ("content", .members(("messageId", .text(message.id)))))
                tell(payload(removed, in: place.space), of: place.space, now)
            }
        }
    }

    /// A space has another title, or was archived.
    mutating func announceUpdate(of space: Int, by user: String, _ now: Int64) {
        let update = JSON.members(
            ("category", .text("topic.updated")), ("topicId", .text(spaces[space].id)), ("sender", json(sender: user)),
            ("content", .members(("title", .text(spaces[space].title)), ("status", .number(spaces[space].isArchived ? 1 : 0)))))
        tell(payload(update, in: space), of: space, now)
    }

    /// A user's other connections hear that it has read. The wire page knows that they do, and no name: this one is ours.
    mutating func announceRead(of space: Int, by user: String, _ now: Int64) {
        let read = JSON.members(
            ("topicId", .text(spaces[space].id)),
            ("messagesLastReadTime", .text(AvayaTime.text(spaces[space].member(user)?.readAt ?? now))))
        for socket in sockets where socket.user == user {
            say(AvayaPacket.event("TOPIC_READ", read), to: socket.number, at: now + behavior.eventLag)
        }
    }

    private func payload(_ json: JSON, in space: Int) -> JSON {
        .object(
            (json.members ?? []) + [("topicTitle", .text(spaces[space].title)), ("topicType", .text(spaces[space].type))])
    }

    private mutating func tell(_ payload: JSON, of space: Int, echo: (Int, JSON)? = nil, _ now: Int64) {
        for socket in sockets where socket.subscriptions.contains(spaces[space].id) {
            var told = payload
            if let (connection, metadata) = echo, connection == socket.number {
                told = .object((payload.members ?? []) + [("loopbackMetadata", metadata)])
            }
            if socketFaults.strikes("socket-lost", socketFaults.losses) { continue }
            let text = AvayaPacket.event("MESSAGE_SENT", told)
            for _ in 0..<(generator.chance(behavior.duplicates) ? 2 : 1) {
                say(text, to: socket.number, at: now + behavior.eventLag)
            }
        }
    }
}
