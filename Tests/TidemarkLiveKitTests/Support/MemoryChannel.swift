import Synchronization
import TidemarkLiveKit

/// A channel in memory: what is published is kept, and the test says what arrives.
final class MemoryChannel: DataChannel {
    struct Published: Hashable, Sendable {
        var payload: [UInt8]
        var topic: String
        var reliable: Bool
        var destinations: [String]

        var text: String { String(decoding: payload, as: UTF8.self) }
    }

    struct Broken: Error {}

    private let stream: AsyncStream<DataChannelEvent>
    private let arriving: AsyncStream<DataChannelEvent>.Continuation
    private let record = Mutex<[Published]>([])
    /// How many packets it takes before it breaks.
    private let capacity: Int

    init(capacity: Int = .max) {
        (stream, arriving) = AsyncStream.makeStream()
        self.capacity = capacity
    }

    var published: [Published] { record.withLock { $0 } }

    func publish(_ payload: [UInt8], topic: String, reliable: Bool, destinations: [String]) async throws {
        let isTaken = record.withLock { record in
            guard record.count < capacity else { return false }
            record.append(Published(payload: payload, topic: topic, reliable: reliable, destinations: destinations))
            return true
        }
        guard isTaken else { throw Broken() }
    }

    func packets() -> AsyncStream<DataChannelEvent> { stream }

    func arrive(_ event: DataChannelEvent) { arriving.yield(event) }
    func arrive(_ json: String, on topic: String = LiveKitTopic.chat, from sender: String? = "alice") {
        arrive(.packet(LiveKitPacket(topic: topic, payload: Array(json.utf8), identity: sender)))
    }
    func end() { arriving.finish() }
}

/// A channel in memory that takes text streams, too.
final class StreamingMemoryChannel: TextStreamChannel {
    let memory = MemoryChannel()

    func publish(_ payload: [UInt8], topic: String, reliable: Bool, destinations: [String]) async throws {
        try await memory.publish(payload, topic: topic, reliable: reliable, destinations: destinations)
    }

    func publishText(_ text: String, topic: String, streamID: String, destinations: [String]) async throws {
        try await memory.publish(
            Array("\(streamID): \(text)".utf8), topic: topic, reliable: true, destinations: destinations)
    }

    func packets() -> AsyncStream<DataChannelEvent> { memory.packets() }
}
