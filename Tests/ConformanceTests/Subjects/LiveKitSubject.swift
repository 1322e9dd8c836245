import Foundation
import Synchronization
import TidemarkConformance
import TidemarkLiveKit
import TidemarkModel
import TidemarkSimulator

/// LiveKit's adapter, as it is, in a simulated room.
struct LiveKitSubject: ConformanceSubject {
    /// What is wrong with a room.
    enum Defect: String, Sendable {
        case replaysWhatWasMissed, neverCloses
    }

    var defect: Defect?

    var name: String { defect?.rawValue ?? "livekit" }

    func makeWorld(on clock: VirtualClock) async throws -> any ConformanceWorld { LiveKitWorld(clock, defect) }
}

/// A room and the people in it: what one publishes is in the others' buffers at once.
final class LiveKitWorld: ConformanceWorld {
    static let room = "lobby"
    /// Told after what was told before, and known by it: where the reader has read to.
    private static let mark = "— so far —"

    private struct Person {
        var sid: String
        var buffer: DataChannelBuffer
        var reader: Reader
    }

    private struct State {
        var simulator: LiveKitSimulator
        var people: [ParticipantID: Person] = [:]
        var isOpen = true
    }

    private let state: Mutex<State>
    private let clock: VirtualClock
    private let defect: LiveKitSubject.Defect?

    init(_ clock: VirtualClock, _ defect: LiveKitSubject.Defect?) {
        (self.clock, self.defect) = (clock, defect)
        state = Mutex(State(simulator: LiveKitSimulator(seed: 3, now: clock.now)))
    }

    var users: [ParticipantID] { ["ann", "ben"] }
    var topics: [String] { [Self.room] }

    func service(for user: ParticipantID) async throws -> any ChatService {
        let (now, buffer) = (clock.now, DataChannelBuffer())
        let channel = Channel(world: self, user: user, buffer: buffer)
        let clock = clock
        let service = LiveKitChatService(room: Self.room, participant: user.rawValue, channel: channel, now: { clock.now })
        let reader = Reader(service)
        state.withLock { state in
            if let former = state.people[user] { state.simulator.leave(former.sid, now: now) }
            guard let sid = state.simulator.join(Self.room, as: user.rawValue, now: now) else { return }
            state.people[user] = Person(sid: sid, buffer: buffer, reader: reader)
        }
        buffer.push(.started)
        if defect == .replaysWhatWasMissed {
            for packet in state.withLock({ $0.simulator.accepted }) {
                buffer.push(LiveKitPacket(topic: packet.topic, payload: packet.payload, identity: packet.identity))
            }
        }
        return service
    }

    func conversations() async throws -> [HeldConversation] {
        let members = state.withLock { Array($0.people.keys) }
        return [HeldConversation(id: RemoteConversationID(Self.room), topic: Self.room, members: members)]
    }

    /// Nobody keeps anything: what a listener who was there all the time has.
    func messages(in conversation: RemoteConversationID) async throws -> [HeldMessage] {
        var held: [HeldMessage] = []
        for packet in state.withLock({ $0.simulator.accepted }) {
            guard let body = try JSONSerialization.jsonObject(with: Data(packet.payload)) as? [String: Any],
                let wireID = body["id"] as? String
            else { continue }
            let author = packet.identity.map { ParticipantID($0) }
            let id = RemoteMessageID("\(wireID)@\(packet.identity ?? "")")
            let (text, isDeleted) = (body["message"] as? String ?? "", body["deleted"] as? Bool ?? false)
            guard let index = held.firstIndex(where: { $0.id == id }) else {
                held.append(HeldMessage(id: id, author: author, text: text, isDeleted: isDeleted))
                continue
            }
            if isDeleted { held[index].isDeleted = true }
            if body["editTimestamp"] != nil, !isDeleted { (held[index].text, held[index].isEdited) = (text, true) }
        }
        return held
    }

    func pushes(to user: ParticipantID) async throws -> [RemoteEvent] {
        guard let person = state.withLock({ $0.people[user] }) else { return [] }
        let body = LiveKitChatBody(id: "mark", text: Self.mark, timestamp: clock.now)
        person.buffer.push(
            LiveKitPacket(topic: LiveKitTopic.chat, payload: try LiveKitChatWire.payload(body), identity: "the world"))
        return try await person.reader.read(until: Self.mark)
    }

    func plantUnreadable(in conversation: RemoteConversationID) async throws -> Bool {
        deliver(SimulatedPacket(topic: LiveKitTopic.chat, payload: Array("{\"id\":7,".utf8)), by: "ben")
        return true
    }

    /// While it is closed nobody's channel is connected.
    func setOpen(_ isOpen: Bool, _ conversation: RemoteConversationID) async throws -> Bool {
        let people = state.withLock { state in
            state.isOpen = isOpen || defect == .neverCloses
            return state.people.values.map(\.buffer)
        }
        if isOpen { for buffer in people { buffer.push(.reconnected) } }
        return true
    }

    fileprivate var isOpen: Bool { state.withLock { $0.isOpen } }

    fileprivate func deliver(_ packet: SimulatedPacket, by user: ParticipantID) {
        let now = clock.now
        state.withLock { state in
            guard let sender = state.people[user] else { return }
            _ = state.simulator.publish(packet, by: sender.sid, now: now)
            for person in state.people.values {
                for packet in state.simulator.take(for: person.sid, now: now) {
                    person.buffer.push(LiveKitPacket(topic: packet.topic, payload: packet.payload, identity: packet.identity))
                }
            }
        }
    }

    /// One user's way into the room.
    private struct Channel: DataChannel {
        let world: LiveKitWorld
        let user: ParticipantID
        let buffer: DataChannelBuffer

        var identity: String? { user.rawValue }

        func publish(_ payload: [UInt8], topic: String, reliable: Bool, destinations: [String]) async throws {
            guard world.isOpen else { throw DataChannelError(.notConnected) }
            world.deliver(SimulatedPacket(topic: topic, payload: payload), by: user)
        }

        func packets() -> AsyncStream<DataChannelEvent> { buffer.events }
    }

    /// Reads what the service tells, up to a mark.
    private actor Reader {
        private let service: LiveKitChatService
        private var iterator: (any AsyncIteratorProtocol<RemoteEvent, any Error>)?

        init(_ service: LiveKitChatService) { self.service = service }

        func read(until mark: String) async throws -> [RemoteEvent] {
            var events: [RemoteEvent] = []
            var iterator = iterator ?? service.events().makeAsyncIterator()
            while let event = try await iterator.next(isolation: self) {
                if case .received(let arrival, _) = event, arrival.message.text == mark { break }
                events.append(event)
            }
            self.iterator = iterator
            return events
        }
    }
}
