import TidemarkModel
import TidemarkStore

/// What one device shows, compared with what it heard and what of its own was accepted.
struct RoomWatch {
    let device: RoomDevice
    let timeline: Timeline
    let conversation: ConversationView
    private let shown: [(key: String, message: RoomWitness.Message)]

    /// - Returns: `nil` where nothing is known of the room yet.
    init?(_ device: RoomDevice) throws {
        guard let lobby = device.conversation, let conversation = try? device.account.conversation(lobby).get() else {
            return nil
        }
        self.device = device
        self.conversation = conversation
        timeline = try device.account.timeline(of: lobby, limit: Timeline.maximumLimit).get()
        shown = device.witness.shown
    }

    /// Each a sentence with the promise that it breaks.
    func violations() throws -> [String] {
        guard shown.count < Timeline.maximumLimit else { return [] }
        return (order() + contents() + gaps() + unread()).map { "\($0) (\(device.name))" }
    }

    /// What has come, as the timeline shows it: what is only written stands behind it and has no name yet.
    private var entries: [TimelineEntry] {
        timeline.entries.filter { $0.remoteID != nil && $0.version != nil || $0.kind == .unreadable }
    }

    /// Every message once, under its sender and id, in the order in which it came (P2, P3, P5).
    private func order() -> [String] {
        let names = entries.map(name)
        let expected = shown.map(\.key)
        guard names != expected else { return [] }
        let missing = expected.filter { !names.contains($0) }
        let more = names.filter { !expected.contains($0) }
        if !missing.isEmpty { return ["P1: \(missing[0]) came and is not shown"] }
        if !more.isEmpty { return ["P5: \(more[0]) is shown and never came, or is somebody else's to say"] }
        return ["P3: the messages are not in the order in which they came"]
    }

    private func name(_ entry: TimelineEntry) -> String {
        let key = entry.remoteID?.rawValue ?? ""
        guard key.hasPrefix("idless-") else { return key }
        let id = "\(entry.createdAt?.milliseconds ?? 0) \(entry.text ?? "")"
        return RoomWitness.key(RoomSaying(id: id, hasNoID: true, change: .create, text: ""), entry.sender?.rawValue)
    }

    /// The greatest of what was said, unless the user's own change stands on top; deleted is deleted (P4, P5, P7).
    private func contents() -> [String] {
        let messages = Dictionary(shown.map { ($0.key, $0.message) }) { first, _ in first }
        return entries.flatMap { entry -> [String] in
            guard let message = messages[name(entry)], !message.isUnreadable else { return [] }
            if message.isDeleted {
                return entry.deletedAt == nil || entry.text != nil ? ["P4: \(name(entry)) was deleted and is shown"] : []
            }
            guard entry.intents.isEmpty else { return [] }
            if entry.deletedAt != nil { return ["P1: \(name(entry)) is shown as deleted, and nobody deleted it"] }
            let text = message.newest?.saying.text ?? ""
            return entry.text == text ? [] : ["P5: \(name(entry)) shows \"\(entry.text ?? "")\" and not \"\(text)\""]
        }
    }

    /// What was missed is behind a gap, and between what was received without a break there is none (P6).
    private func gaps() -> [String] {
        guard entries.count == shown.count else { return [] }
        var found: [String] = []
        for (index, entry) in entries.enumerated() {
            let expected = index == 0 || shown[index - 1].message.stretch != shown[index].message.stretch
            guard entry.gapBefore != expected else { continue }
            found.append(
                expected
                    ? "P6: before \(name(entry)) something may be missing, and no gap says so"
                    : "P6: a gap stands before \(name(entry)), and nothing was missed")
        }
        // Behind the last message nothing was missed, if it was heard in the stretch that goes on.
        let isProved = device.witness.stretch != nil && shown.last.map { $0.message.stretch == device.witness.stretch } ?? true
        // Before it has the room's name it is known here only.
        if conversation.remoteID != nil, timeline.endIsProved != isProved {
            found.append(
                "P6: the end counts as \(isProved ? "unproved, and everything was heard" : "proved, and something may be missing")"
            )
        }
        return found
    }

    /// What others said behind what was read (P8).
    private func unread() -> [String] {
        let expected = device.witness.unread
        return conversation.unread == expected ? [] : ["P8: \(conversation.unread) are unread and not \(expected)"]
    }
}

extension RoomWorld {
    /// After each step: whatever a device shows.
    mutating func watch() throws {
        notePutOut()
        for index in devices.indices {
            let changes = try devices[index].store.changeCount()
            guard devices[index].watched?.changes != changes || devices[index].watched?.heard != devices[index].witness.number
            else {
                continue
            }
            devices[index].watched = (changes, devices[index].witness.number)
            _ = try devices[index].lobby()
            guard let watch = try RoomWatch(devices[index]) else { continue }
            for violation in try watch.violations() { caught.append("\(violation) at \(now - Self.start)") }
        }
    }
}
