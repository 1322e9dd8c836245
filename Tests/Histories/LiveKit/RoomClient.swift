import Foundation
import TidemarkLiveKit
import TidemarkModel

/// The adapter of one run of a program, as it is, on an executor that the history turns.
final class RoomClient: Sendable {
    let ports: RoomPorts
    let service: LiveKitChatService
    private let executor = StepExecutor()
    private let buffer: DataChannelBuffer
    private let bridge: BridgeEvents

    static let endpoint = URL(filePath: "/", directoryHint: .isDirectory)

    init(
        _ setup: RoomSetup, room: String, participant: String, credential: @escaping @Sendable (LiveKitVideoGrant) -> String
    ) {
        let ports = RoomPorts()
        let buffer = DataChannelBuffer(maximumPackets: setup.bufferedPackets)
        let server = LiveKitRoomClient(
            endpoint: URL(string: "https://livekit.example") ?? Self.endpoint,
            credential: LiveKitCredential { grant throws(ServiceError) in credential(grant) },
            transport: RoomTransport(ports: ports))
        service = LiveKitChatService(
            room: room, participant: participant, channel: setup.hasChannel ? RoomChannel(ports: ports, buffer: buffer) : nil,
            server: setup.hasServer ? server : nil, configuration: setup.configuration,
            now: { Timestamp(milliseconds: ports.now) })
        bridge = BridgeEvents(maximumLineBytes: 512 * 1024, buffer: buffer, notice: { _ in })
        self.ports = ports
        self.buffer = buffer
    }

    /// Begins a delivery; what it comes to is noted under this number.
    func begin(_ delivery: Delivery, number: Int) {
        start(as: number) { [service, ports] in
            let result: Result<Acceptance, ServiceError>
            do throws(ServiceError) {
                result = .success(try await service.perform(delivery))
            } catch {
                result = .failure(error)
            }
            ports.note(.delivered(number, result))
        }
    }

    /// Begins to hear.
    func follow() {
        start(as: nil) { [service, ports] in
            do {
                for try await event in service.events() { ports.note(.event(event)) }
            } catch {
                return
            }
        }
    }

    private func start(as delivery: Int?, _ body: @escaping @Sendable () async -> Void) {
        // It is no more than what runs when the executor is turned, and ends with its program.
        Task(executorPreference: executor) {
            await RoomPorts.$delivery.withValue(delivery) { await body() }
        }
    }

    /// Goes on until everything waits, and says what was done.
    func run(at now: Int64) -> [RoomNote] {
        ports.now = now
        executor.drain()
        return ports.takeNotes()
    }

    /// What the bridge writes.
    func hear(_ line: [UInt8]) { bridge.output(line) }

    func hear(_ gap: DataChannelGap) { buffer.push(gap) }

    /// The program is gone.
    func end() {
        buffer.finish()
        ports.close()
        executor.drain()
        ports.close()
        executor.drain()
        _ = ports.takeNotes()
    }
}

/// How a device takes part in rooms, drawn from the seed.
struct RoomSetup: Sendable {
    var configuration = LiveKitServiceConfiguration()
    var hasChannel = true
    var hasServer = true
    var bufferedPackets = 1000

    init(using generator: inout SeededGenerator) {
        func any<T>(_ choices: [T]) -> T { choices[generator.pick(choices.count)] }
        configuration.form = any([.compact, .python])
        configuration.editPolicy = any([
            LiveKitEditPolicy(), LiveKitEditPolicy(), .python, LiveKitEditPolicy(edits: .chat, deletes: .chat),
            LiveKitEditPolicy(edits: .update, deletes: .both, deletesWithEmptyText: false),
        ])
        configuration.wire.readsTextStreams = any([true, false])
        configuration.sendsTextStreams = any([true, false, false])
        configuration.carrier = any([nil, nil, .channel, .server])
        configuration.repeatsFor = .seconds(any([600, 600, 60, 10]))
        hasServer = any([true, true, true, false]) || configuration.carrier == .server
        hasChannel = any([true, true, true, true, true, false]) || !hasServer || configuration.carrier == .channel
        bufferedPackets = any([4, 12, 1000])
    }

    /// What a person may change between two runs: by which way messages go, and whether there is a key for the server's API.
    mutating func change(using generator: inout SeededGenerator) {
        func any<T>(_ choices: [T]) -> T { choices[generator.pick(choices.count)] }
        hasServer = any([true, false]) || !hasChannel
        configuration.carrier = hasServer && hasChannel ? any([nil, .channel, .server]) : nil
        configuration.sendsTextStreams = any([true, false])
    }
}
