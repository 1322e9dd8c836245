#if Tools
internal import NIOCore
internal import NIOPosix
internal import Synchronization
internal import TidemarkModel
internal import TidemarkSimulator

/// Plays a room's participants over TCP on 127.0.0.1, so that programs without WebRTC can meet in the simulator's rooms.
///
/// A connection says who it is with one line, `{"room":…,"identity":…}`, is answered `{"event":"connected",…}`, and then
/// sends and gets packets, a line each (``LiveKitHubLine``). What RoomService sends arrives with `identity` null. A line that
/// can't be taken is answered `{"event":"error",…}` and changes nothing; the connection goes on. Whoever is removed, or
/// whose room closes, is told `{"event":"disconnected"}` and is hung up on. Hanging up is leaving.
public final class LiveKitHub: Sendable {
    /// Named limits.
    public struct Limits: Hashable, Sendable {
        /// A longer line is thrown away and answered with an error.
        public var maximumLineBytes = 512 * 1024
        /// One more is told so and hung up on.
        public var maximumConnections = 256
        /// Packets handed to a connection before the room is looked at again.
        public var batch = 64

        public init() {}
    }

    private typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>
    private typealias Outbound = NIOAsyncChannelOutboundWriter<ByteBuffer>

    private let server: SimulatorServer<LiveKitSimulator>
    private let clock: any EngineClock
    private let limits: Limits
    private let wakes: LiveKitWakes

    init(_ server: SimulatorServer<LiveKitSimulator>, wakes: LiveKitWakes, limits: Limits, clock: any EngineClock) {
        self.server = server
        self.wakes = wakes
        self.limits = limits
        self.clock = clock
    }

    /// Serves until the calling task is cancelled. `onReady` is called once with the port.
    func run(onReady: @escaping @Sendable (Int) async throws -> Void) async throws {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture { try Connection(wrappingChannelSynchronously: channel) }
            }
        let port = listener.channel.localAddress?.port ?? 0
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await onReady(port) }
            try await listener.executeThenClose { connections in
                for try await connection in connections {
                    group.addTask { await self.serve(connection) }
                }
            }
            group.cancelAll()
        }
    }

    private func serve(_ connection: Connection) async {
        guard let (key, changes) = wakes.listen(most: limits.maximumConnections) else {
            try? await connection.executeThenClose { _, outbound in
                try await Self.tell("error", "The hub has as many connections as it takes.", outbound)
            }
            return
        }
        let session = LiveKitSession()
        // A connection that breaks is somebody who left.
        try? await connection.executeThenClose { inbound, outbound in
            await withTaskGroup { group in
                group.addTask { try? await self.deliver(to: session, on: changes, outbound) }
                group.addTask { try? await self.receive(inbound, from: session, outbound) }
                await group.next()
                group.cancelAll()
            }
        }
        wakes.forget(key)
        if let sid = session.sid {
            let now = clock.now
            server.withoutNotice { $0.simulator.leave(sid, now: now) }
        }
    }

    // MARK: From the connection

    private func receive(
        _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>, from session: LiveKitSession, _ outbound: Outbound
    ) async throws {
        var lines = LiveKitHubLines(limit: limits.maximumLineBytes)
        for try await buffer in inbound {
            for line in lines.feed(buffer.readableBytesView) {
                switch line {
                case .tooLong:
                    try await Self.tell("error", "A line has at most \(limits.maximumLineBytes) bytes.", outbound)
                case .whole(let bytes):
                    do {
                        try await take(bytes, from: session, outbound)
                    } catch let refusal as LiveKitHubLine.Refusal {
                        try await Self.tell("error", refusal.description, outbound)
                    }
                }
            }
        }
    }

    private func take(_ line: [UInt8], from session: LiveKitSession, _ outbound: Outbound) async throws {
        let now = clock.now
        guard let sid = session.sid else {
            let asked = try LiveKitHubLine.join(line)
            let joined = server.withoutNotice {
                $0.simulator.join(
                    asked.room, as: asked.identity, name: asked.name, isHidden: asked.isHidden,
                    canPublishData: asked.canPublishData, now: now)
            }
            guard let joined else {
                throw LiveKitHubLine.Refusal("The room can't be joined: it is not open, or full, or a name is empty or too long.")
            }
            let details: KeyValuePairs = ["room": asked.room, "identity": asked.identity, "sid": joined]
            try await outbound.write(ByteBuffer(bytes: LiveKitHubLine.event("connected", details)))
            session.join(joined)
            wakes.wakeAll()
            return
        }
        guard let packet = try LiveKitHubLine.packet(line) else { return }
        server.withoutNotice { _ = $0.simulator.publish(packet, by: sid, now: now) }
        wakes.wakeAll()
    }

    // MARK: To the connection

    private func deliver(to session: LiveKitSession, on changes: AsyncStream<Void>, _ outbound: Outbound) async throws {
        for await _ in changes {
            guard let sid = session.sid else { continue }
            var isMore = true
            while isMore { isMore = try await deliverBatch(to: sid, outbound) }
            guard server.withoutNotice({ $0.simulator.isPresent(sid) }) else {
                try await outbound.write(ByteBuffer(bytes: LiveKitHubLine.event("disconnected", ["reason": "removed"])))
                return
            }
        }
    }

    /// Writes what has arrived, or waits for what is on its way; `false` when there is neither.
    private func deliverBatch(to sid: String, _ outbound: Outbound) async throws -> Bool {
        let now = clock.now
        let most = limits.batch
        let (packets, next) = server.withoutNotice { service in
            (service.simulator.take(for: sid, now: now, most: most), service.simulator.nextArrival(for: sid))
        }
        guard packets.isEmpty else {
            let lines = packets.flatMap { LiveKitHubLine.line($0, receivedAt: now) }
            try await outbound.write(ByteBuffer(bytes: lines))
            return true
        }
        guard let next else { return false }
        try await clock.sleep(until: next)
        return true
    }

    private static func tell(_ event: String, _ message: String, _ outbound: Outbound) async throws {
        try await outbound.write(ByteBuffer(bytes: LiveKitHubLine.event(event, ["message": message])))
    }
}

/// Who a connection is, once it said so.
private final class LiveKitSession: Sendable {
    private let participant = Mutex<String?>(nil)

    var sid: String? { participant.withLock { $0 } }

    func join(_ sid: String) { participant.withLock { $0 = sid } }
}
#endif
