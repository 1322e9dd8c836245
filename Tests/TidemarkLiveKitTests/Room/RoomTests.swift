import Testing
import TidemarkLiveKit
import TidemarkModel

/// A packet in few words.
private struct Said: Sendable, CustomTestStringConvertible {
    var sender: String?
    var topic = LiveKitTopic.chat
    var json: String

    static func chat(_ sender: String?, _ json: String) -> Said { Said(sender: sender, json: json) }
    static func update(_ sender: String?, _ json: String) -> Said {
        Said(sender: sender, topic: LiveKitTopic.update, json: json)
    }

    var packet: LiveKitPacket { LiveKitPacket(topic: topic, payload: Array(json.utf8), identity: sender) }
    var testDescription: String { "\(sender ?? "nobody") \(topic) \(json)" }
}

private struct Story: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var said: [Said]
    /// Sender, id and shown text; `nil` is a tombstone.
    var shown: Set<[String?]>
    var rejected = 0

    init(_ name: String, _ said: [Said], shows shown: Set<[String?]>, rejects rejected: Int = 0) {
        testDescription = name
        self.said = said
        self.shown = shown
        self.rejected = rejected
    }
}

private let stories = [
    Story(
        "an edit",
        [.chat("a", #"{"id":"1","message":"x","timestamp":5}"#), .update("a", #"{"id":"1","message":"y","timestamp":6}"#)],
        shows: [["a", "1", "y"]]),
    Story(
        "an edit that repeats the time, as Python's",
        [.chat("a", #"{"id":"1","message":"x","timestamp":5}"#), .update("a", #"{"id":"1","message":"y","timestamp":5}"#)],
        shows: [["a", "1", "y"]]),
    Story(
        "edits over both topics, one by editTimestamp",
        [
            .chat("a", #"{"id":"1","message":"x","timestamp":5}"#), .chat("a", #"{"id":"1","message":"y","timestamp":7}"#),
            .update("a", #"{"id":"1","message":"z","timestamp":5,"editTimestamp":8}"#),
            .chat("a", #"{"id":"1","message":"z","timestamp":5,"editTimestamp":8}"#),
            .chat("a", #"{"id":"1","message":"x","timestamp":5}"#),
        ],
        shows: [["a", "1", "z"]]),
    Story(
        "a delete, an edit and a late create",
        [
            .chat("a", #"{"id":"1","message":"x","timestamp":5}"#), .update("a", #"{"id":"1","message":"y","timestamp":900}"#),
            .update("a", #"{"id":"1","message":"x","timestamp":5,"deleted":true}"#),
            .update("a", #"{"id":"1","message":"x","timestamp":5,"deleted":true}"#),
            .chat("a", #"{"id":"1","message":"x","timestamp":5, "again":1}"#),
        ],
        shows: [["a", "1", nil]]),
    Story(
        "one id of two senders and of the server's API",
        [
            .chat("a", #"{"id":"1","message":"x","timestamp":5}"#), .chat("b", #"{"id":"1","message":"y","timestamp":6}"#),
            .update("b", #"{"id":"1","message":"z","timestamp":7}"#), .chat(nil, #"{"id":"1","message":"w","timestamp":8}"#),
            .update("a", #"{"id":"1","message":"x","timestamp":5,"deleted":true}"#),
        ],
        shows: [["a", "1", nil], ["b", "1", "z"], [nil, "1", "w"]]),
    Story(
        "edits and deletes by others",
        [
            .chat("a", #"{"id":"1","message":"x","timestamp":5}"#), .update("b", #"{"id":"1","message":"evil","timestamp":9}"#),
            .update("c", #"{"id":"1","message":"","timestamp":5,"deleted":true}"#),
            .chat("c", #"{"id":"1","message":"","timestamp":6,"deleted":true}"#),
            .update(nil, #"{"id":"1","message":"no","timestamp":9}"#),
        ],
        shows: [["a", "1", "x"]], rejects: 3),
    Story(
        "a packet without a time is the oldest",
        [
            .chat("a", #"{"id":"1","message":"x"}"#), .chat("a", #"{"id":"1","message":"y","timestamp":-5}"#),
            .chat("a", #"{"id":"2","message":"z","timestamp":0}"#),
        ],
        shows: [["a", "1", "y"], ["a", "2", "z"]]),
    Story(
        "a held tombstone and a held edit",
        [.update("a", #"{"id":"1","deleted":true,"timestamp":5}"#), .update("b", #"{"id":"2","message":"y","timestamp":5}"#)],
        shows: [["a", "1", nil], ["b", "2", "y"]]),
    Story(
        "names that Swift takes for equal",
        [
            .chat("e\u{301}", #"{"id":"1","message":"x","timestamp":5}"#),
            .update("\u{E9}", #"{"id":"1","message":"y","timestamp":6}"#),
            .chat("a", "{\"id\":\"e\u{301}\",\"message\":\"x\",\"timestamp\":5}"),
            .chat("a", "{\"id\":\"\u{E9}\",\"message\":\"y\",\"timestamp\":6}"),
        ],
        shows: [["e\u{301}", "1", "x"], ["a", "e\u{301}", "x"], ["a", "\u{E9}", "y"]], rejects: 1),
]

@Suite struct RoomTests {
    private func shown(_ room: LiveKitRoom) -> Set<[[UInt8]?]> {
        Set(
            room.messages.map { message in
                #expect(!message.isDeleted || message.text == nil)
                return [message.key.sender, message.key.id, message.text].map { $0.map { Array($0.utf8) } }
            })
    }

    @Test(arguments: stories) private func `packets that come in any order show the same`(story: Story) {
        let expected = Set(story.shown.map { $0.map { $0.map { Array($0.utf8) } } })
        for said in permutations(story.said) {
            var room = LiveKitRoom(name: "lobby")
            // Everything comes twice.
            for packet in said + said.reversed() { room.receive(packet.packet) }
            #expect(shown(room) == expected, "\(said.map(\.testDescription))")
            #expect(room.rejects.count == story.rejected, "\(said.map(\.testDescription))")
            #expect(room.rejects.allSatisfy { $0.reason == .notTheAuthor })
        }
    }

    @Test(arguments: stories) private func `numbered packets make one value in any order of applying`(story: Story) throws {
        var numbering = LiveKitRoom(name: "lobby")
        let arrivals = story.said.compactMap { said -> LiveKitArrival? in
            guard case .observation(let observation) = LiveKitChatWire().read(said.packet) else { return nil }
            let arrival = numbering.number(observation, of: said.packet)
            if let arrival { numbering.apply(arrival) }
            return arrival
        }
        try #require(arrivals.count > 1)
        for order in permutations(arrivals) {
            var room = LiveKitRoom(name: "lobby")
            for arrival in order { room.apply(arrival) }
            #expect(room == numbering)
            // A crash between storing and telling: some are applied once more.
            for arrival in order.dropFirst() { room.apply(arrival) }
            #expect(room == numbering)
        }
    }

    @Test func `a repeated packet is a duplicate and gets no number`() {
        var room = LiveKitRoom(name: "lobby")
        let create = Said.chat("a", #"{"id":"1","message":"x","timestamp":5}"#).packet
        guard case .changed(let message) = room.receive(create) else {
            Issue.record("a new message changes the room")
            return
        }
        #expect(message.arrival == 1 && !message.isEdited && !message.isHeld)
        #expect(room.receive(create) == .duplicate && room.nextArrival == 2)
        // The same bytes under another topic or by another sender are another packet.
        #expect(room.receive(Said.update("a", #"{"id":"1","message":"x","timestamp":5}"#).packet) == .unchanged)
        #expect(room.nextArrival == 3)
    }

    @Test func `of edits with one time the one that came last counts, by its number`() {
        let create = Said.chat("a", #"{"id":"1","message":"x","timestamp":5}"#)
        let edits = ["y", "z"].map { Said.update("a", #"{"id":"1","message":"\#($0)","timestamp":5}"#) }
        for (order, text) in [([0, 1], "z"), ([1, 0], "y")] {
            var room = LiveKitRoom(name: "lobby")
            for index in order { room.receive(edits[index].packet) }
            room.receive(create.packet)
            #expect(room.messages.map(\.text) == [text])
            #expect(room.messages.map(\.isEdited) == [true])
        }
    }

    @Test func `a create repeated with other bytes and equal text is no edit`() {
        var room = LiveKitRoom(name: "lobby")
        room.receive(Said.chat("a", #"{"id":"1","message":"x","timestamp":5}"#).packet)
        room.receive(Said.chat("a", #"{"id":"1","message":"x","timestamp":9}"#).packet)
        #expect(room.messages.map(\.isEdited) == [false])
        #expect(room.messages.map(\.timestamp) == [Timestamp(milliseconds: 5)])
    }

    @Test func `what was held as somebody's edit becomes a reject when the author's message comes, and theirs when it comes`() {
        var room = LiveKitRoom(name: "lobby")
        room.receive(Said.update("b", #"{"id":"1","message":"held","timestamp":5}"#).packet)
        #expect(room.messages.map(\.isHeld) == [true])
        room.receive(Said.chat("a", #"{"id":"1","message":"x","timestamp":5}"#).packet)
        #expect(room.messages.map(\.key.sender) == ["a"] && room.rejects.map(\.sender) == ["b"])
        #expect(room.rejects.first?.id == "1")
        room.receive(Said.chat("b", #"{"id":"1","message":"mine","timestamp":4}"#).packet)
        #expect(room.messages.map(\.text) == ["held", "x"] && room.rejects.isEmpty)
    }

    @Test func `malformed packets and other topics leave the room as it is`() {
        var room = LiveKitRoom(name: "lobby")
        guard case .reject = room.receive(Said.chat("a", "{").packet) else {
            Issue.record("it was read")
            return
        }
        #expect(room.receive(Said(sender: "a", topic: "other", json: "{}").packet) == .ignored)
        #expect(room == LiveKitRoom(name: "lobby"))
    }

    @Test func `versions are ordered by delete, time, topic and arrival, in this order`() {
        var versions: [LiveKitVersion] = []
        for isDeleted in [false, true] {
            for time in [nil, -1, 0, 7] as [Int64?] {
                for isUpdate in [false, true] {
                    for arrival in [1, 2] as [Int64] {
                        versions.append(
                            LiveKitVersion(
                                isDeleted: isDeleted, wireTime: time.map(Timestamp.init(milliseconds:)), isUpdate: isUpdate,
                                arrival: arrival))
                    }
                }
            }
        }
        for (left, first) in versions.enumerated() {
            for (right, second) in versions.enumerated() { #expect((first < second) == (left < right)) }
        }
    }

    // MARK: Limits

    @Test func `the oldest packets of a message are forgotten, the newest and its first are known again`() {
        var room = LiveKitRoom(name: "lobby", limits: .init(packetsPerMessage: 3))
        let create = Said.chat("a", #"{"id":"1","message":"x","timestamp":5}"#).packet
        let edits = (0..<10).map { Said.update("a", #"{"id":"1","message":"\#($0)","timestamp":\#($0 + 6)}"#).packet }
        for packet in [create] + edits { room.receive(packet) }
        for packet in [create] + edits.suffix(3) { #expect(room.receive(packet) == .duplicate) }
        #expect(room.nextArrival == 12)
        // An older one is news that changes nothing, its time being what it is.
        #expect(room.receive(edits[2]) == .unchanged)
        #expect(room.messages.map(\.text) == ["9"])
    }

    @Test func `what is forgotten of packets is the same in every order`() {
        let said = (0..<5).map { Said.update("a", #"{"id":"1","message":"\#($0)","timestamp":5}"#) }
        var numbering = LiveKitRoom(name: "lobby", limits: .init(packetsPerMessage: 2))
        let arrivals = said.compactMap { said -> LiveKitArrival? in
            guard case .observation(let observation) = LiveKitChatWire().read(said.packet) else { return nil }
            let arrival = numbering.number(observation, of: said.packet)
            if let arrival { numbering.apply(arrival) }
            return arrival
        }
        for order in permutations(arrivals) {
            var room = LiveKitRoom(name: "lobby", limits: .init(packetsPerMessage: 2))
            for arrival in order { room.apply(arrival) }
            #expect(room == numbering)
        }
    }

    @Test func `a flood of messages leaves the newest and a bounded room`() {
        var room = LiveKitRoom(name: "lobby", limits: .init(messages: 80))
        for number in 0..<1000 {
            room.receive(Said.chat("a", #"{"id":"\#(number)","message":"m","timestamp":5}"#).packet)
            room.receive(Said.update("b", #"{"id":"\#(number)","message":"","timestamp":5,"deleted":true}"#).packet)
            #expect(room.messages.count + room.rejects.count <= 80)
        }
        #expect(room.messages.count + room.rejects.count >= 70)
        #expect(room.messages.last?.key.id == "999")
    }
}
