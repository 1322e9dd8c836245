import Synchronization
import TidemarkLiveKit
import TidemarkModel
import TidemarkSimulator

/// The demo's server with its room, and the people in it: what one publishes is with the others at once.
final class DemoRoom: Sendable {
    static let name = "lobby"

    private struct State {
        var simulator: LiveKitSimulator
        var people: [String: DataChannelBuffer] = [:]
    }

    private let state: Mutex<State>
    private let clock: DemoClock

    init(seed: UInt64, clock: DemoClock) {
        state = Mutex(State(simulator: LiveKitSimulator(seed: seed, now: clock.now)))
        self.clock = clock
    }

    /// All that was handed to the room, in order.
    var accepted: [SimulatedPacket] { state.withLock { $0.simulator.accepted } }

    /// Gives the participant's id; what others say from now on is put into the buffer.
    func join(as identity: String, _ buffer: DataChannelBuffer) -> String? {
        let now = clock.now
        return state.withLock { state in
            let sid = state.simulator.join(Self.name, as: identity, now: now)
            if let sid { state.people[sid] = buffer }
            return sid
        }
    }

    func leave(_ sid: String) {
        let now = clock.now
        state.withLock { state in
            state.people[sid] = nil
            state.simulator.leave(sid, now: now)
        }
    }

    func publish(_ packet: SimulatedPacket, by sid: String) {
        let now = clock.now
        state.withLock { state in
            _ = state.simulator.publish(packet, by: sid, now: now)
            for (person, buffer) in state.people {
                for packet in state.simulator.take(for: person, now: now) {
                    buffer.push(LiveKitPacket(topic: packet.topic, payload: packet.payload, identity: packet.identity))
                }
            }
        }
    }
}

/// One person's way into the room, while they are in it.
final class DemoRoomChannel: DataChannel {
    private let room: DemoRoom
    private let name: String
    private let buffer = DataChannelBuffer()
    private let sid = Mutex<String?>(nil)

    init(_ room: DemoRoom, as name: String) {
        self.room = room
        self.name = name
    }

    var identity: String? { name }

    func join() {
        let joined = room.join(as: name, buffer)
        sid.withLock { $0 = joined }
        // Last: whoever hears it may publish.
        buffer.push(.started)
    }

    func leave() {
        let left = sid.withLock { sid in
            defer { sid = nil }
            return sid
        }
        if let left { room.leave(left) }
        buffer.push(.exited)
    }

    func publish(_ payload: [UInt8], topic: String, reliable: Bool, destinations: [String]) async throws {
        guard let sid = sid.withLock({ $0 }) else { throw DataChannelError(.notConnected) }
        var packet = SimulatedPacket(topic: topic, payload: payload)
        packet.destinations = destinations
        room.publish(packet, by: sid)
    }

    /// The same, for somebody without an engine.
    func say(_ payload: [UInt8], topic: String) {
        if let sid = sid.withLock({ $0 }) { room.publish(SimulatedPacket(topic: topic, payload: payload), by: sid) }
    }

    func packets() -> AsyncStream<DataChannelEvent> { buffer.events }
}
