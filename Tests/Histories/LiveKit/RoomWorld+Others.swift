import TidemarkModel
import TidemarkSimulator

/// People with other clients.
extension RoomWorld {
    mutating func actOfOthers() -> RoomStep {
        let index = chance(0.25) ? evil : pick(strangers.count)
        guard enter(index) else { return .nothing }
        if chance(0.12) {
            leave(index)
            return .others
        }
        if habits.clocksAhead, chance(0.1) {
            strangers[index].clockOffset = Int64(pick(7_200_000))
            counts.branches[.clockAhead, default: 0] += 1
        }
        switch strangers[index].kind {
        case .evil: meddle(index)
        case _ where chance(habits.meddling * 0.15): replay(index)
        default: write(index)
        }
        return .others
    }

    private var evil: Int { strangers.firstIndex { $0.kind == .evil } ?? 0 }

    private mutating func enter(_ index: Int) -> Bool {
        if let sid = strangers[index].sid, server.isPresent(sid) { return true }
        strangers[index].sid = server.join(
            Self.room, as: strangers[index].identity, isHidden: strangers[index].kind == .hidden, now: time)
        return strangers[index].sid != nil
    }

    private mutating func leave(_ index: Int) {
        if let sid = strangers[index].sid { server.leave(sid, now: time) }
        strangers[index].sid = nil
    }

    private mutating func say(
        _ index: Int, _ topic: String, _ payload: [UInt8], isReliable: Bool = true, streamID: String? = nil,
        streamTime: Int64? = nil
    ) {
        guard let sid = strangers[index].sid else { return }
        var packet = SimulatedPacket(topic: topic, payload: payload)
        packet.isReliable = isReliable
        packet.streamID = streamID
        packet.streamTimestamp = streamTime
        let before = server.accepted.count
        server.publish(packet, by: sid, now: time)
        noteRecord(from: before)
        trace.add("says", index, now, topic)
        tell("\(strangers[index].identity) on \(topic): \(String(decoding: payload, as: UTF8.self))")
    }

    // MARK: What they write

    private mutating func write(_ index: Int) {
        let made = strangers[index].made
        if !made.isEmpty, chance(0.45) { return change(index, made[pick(made.count)]) }
        make(index)
    }

    /// More at once than a slow program holds.
    mutating func flood() { flood(of: 10 + pick(50)) }

    mutating func flood(of count: Int) {
        let index = pick(strangers.count)
        guard enter(index) else { return }
        for _ in 0..<count { make(index) }
    }

    private func clock(_ index: Int) -> Int64 { now + strangers[index].clockOffset }

    private mutating func make(_ index: Int) {
        let text = "\(strangers[index].identity) \(pick(1_000_000_000))"
        let time = clock(index)
        var made = RoomStranger.Made(id: "\(strangers[index].kind.rawValue)\(pick(1_000_000_000))", text: text, time: time)
        switch strangers[index].kind {
        case .newWeb, .newAndroid:
            let copy = strangers[index].kind == .newWeb ? made.id : "\(made.id)copy"
            say(index, "lk.chat", Array(text.utf8), streamID: made.id, streamTime: time)
            say(index, "lk-chat-topic", StrangersBytes.legacy(id: copy, text: text, time: time, isCopy: true))
        case .flutter:
            made.id = String(time)
            say(index, "lk-chat-topic", StrangersBytes.legacy(id: made.id, text: text, time: time), isReliable: false)
        case .android:
            say(index, "lk-chat-topic", StrangersBytes.legacy(id: nil, text: text, time: time))
            return
        default:
            let isPython = strangers[index].kind == .python
            say(index, "lk-chat-topic", StrangersBytes.legacy(id: made.id, text: text, time: time, hasSpaces: isPython))
        }
        strangers[index].made.append(made)
    }

    private mutating func change(_ index: Int, _ made: RoomStranger.Made) {
        let text = "\(strangers[index].identity) edited \(pick(1_000_000_000))"
        let isDelete = chance(0.3)
        switch strangers[index].kind {
        case .newWeb, .newAndroid:
            // Today's clients have no delete; who says an id again replaces.
            say(index, "lk-chat-topic", StrangersBytes.legacy(id: made.id, text: text, time: clock(index)))
        case .oldWeb:
            say(
                index, "lk-chat-update-topic",
                StrangersBytes.legacy(
                    id: made.id, text: isDelete ? "" : text, time: made.time, isDeleted: isDelete, editTime: clock(index)))
        case .flutter, .android: make(index)
        default:
            say(
                index, "lk-chat-update-topic",
                StrangersBytes.legacy(
                    id: made.id, text: isDelete ? made.text : text, time: made.time, isDeleted: isDelete, hasSpaces: true))
        }
    }

    /// Something that was said before is said again, by whoever said it or by another.
    private mutating func replay(_ index: Int) {
        let mine = server.accepted.filter { $0.identity == strangers[index].identity }
        let pool = chance(0.7) && !mine.isEmpty ? mine : Array(server.accepted.suffix(30))
        guard !pool.isEmpty else { return make(index) }
        let packet = pool[pick(pool.count)]
        say(index, packet.topic ?? "", packet.payload, streamID: packet.streamID, streamTime: packet.streamTimestamp)
    }

    // MARK: What they should not

    private mutating func meddle(_ index: Int) {
        let known = knownIDs.isEmpty ? nil : knownIDs[knownIDs.count - 1 - pick(min(knownIDs.count, 12))]
        // What it meant last, at times again.
        let target = chance(0.4) ? meant ?? known : known
        meant = target
        let text = "evil \(pick(1_000_000_000))"
        switch (pick(8), target) {
        case (0...1, let id?):
            say(index, "lk-chat-update-topic", StrangersBytes.legacy(id: id, text: text, time: clock(index) + 5000))
            claim(index, id)
        case (2, let id?):
            say(
                index, "lk-chat-update-topic",
                StrangersBytes.legacy(id: id, text: "", time: clock(index) + 5000, isDeleted: true))
            claim(index, id)
        case (3, let id?) where chance(habits.meddling * 2):
            say(index, "lk-chat-topic", StrangersBytes.legacy(id: id, text: text, time: clock(index)))
        case (4, _): replay(index)
        case (5, _):
            let (payload, id) = StrangersBytes.rubbish(pick(6), number: pick(40))
            rubbish[payload] = .some(id)
            say(index, chance(0.5) ? "lk-chat-topic" : "lk-chat-update-topic", payload)
        case (6, _):
            // A change, and a delete, of what was never made: it may be made later.
            let made = RoomStranger.Made(id: "early\(pick(30))", text: text, time: clock(index))
            if chance(0.4) {
                say(
                    index, "lk-chat-update-topic",
                    StrangersBytes.legacy(id: made.id, text: "", time: made.time, isDeleted: true))
            } else {
                say(
                    index, chance(0.5) ? "lk-chat-update-topic" : "lk-chat-topic",
                    StrangersBytes.legacy(id: made.id, text: text, time: made.time - Int64(pick(3))))
            }
        default: write(index)
        }
    }
    /// Who has changed another's message says at times that it is its own: a message of its own under that id.
    private mutating func claim(_ index: Int, _ id: String) {
        guard chance(0.4) else { return }
        say(
            index, "lk-chat-topic",
            StrangersBytes.legacy(id: id, text: "evil \(pick(1_000_000_000))", time: clock(index)))
    }
}
