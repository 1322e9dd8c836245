public import Foundation
public import TidemarkModel

/// What a realtime channel has to say beside events.
public enum AvayaRealtimeNotice: Hashable, Sendable {
    case refused(SpacesSocketRefusal)
    /// The service doesn't let the user listen to a space; it is asked again after some minutes.
    case subscriptionRefused(RemoteConversationID)
    /// The consumer was too slow, or an event could not be read: what was pushed meanwhile is dropped, and the engine pulls.
    case overflow
    case unreadable
}

/// Limits of an ``AvayaRealtime``.
public struct AvayaRealtimeConfiguration: Hashable, Sendable {
    public var socket = SpacesSocketConfiguration()
    public var limits = WebSocketLimits()
    /// Events that may wait for the consumer, and their bytes; beyond them what waits is dropped and told as a gap.
    public var maximumWaitingEvents = 1_024
    public var maximumWaitingBytes = 16 * 1024 * 1024

    public init() {}
}

/// The pushed events of Avaya Spaces: one socket, kept open and subscribed to the user's spaces (wire page §6).
///
/// Somebody has to call ``run()``; without it nothing is pushed, and an engine still polls. Whoever consumes ``events()`` is
/// told `.connected` when the spaces are subscribed to, and `.disconnected` when the connection is gone; since the service
/// replays nothing, what happened outside is pulled (§0). A list of spaces is asked for after each connect and every few
/// minutes; `.connected` comes again when spaces were added.
public final class AvayaRealtime: AvayaRealtimeSource {
    /// Makes events of a pushed one. A name that it doesn't know gives none.
    public typealias Decode = @Sendable (_ name: String, _ payload: [UInt8]) throws(ServiceError) -> [RemoteEvent]

    private let runner: SpacesSocketRunner
    private let buffer: RealtimeBuffer
    private let decode: Decode
    private let notice: @Sendable (AvayaRealtimeNotice) -> Void

    /// - Parameters:
    ///   - endpoint: the socket's base, `https://spacesapis-socket.avayacloud.com`, or what the service's configuration or a
    ///     regional cluster names (wire page §1).
    ///   - credential: the user who listens.
    ///   - transport: what opens the socket.
    ///   - configuration: limits and times of the socket and of what waits to be read.
    ///   - clock: `nil` is this machine's.
    ///   - seed: what waits are drawn from; a fixed one makes them repeatable.
    ///   - spaces: which spaces to listen to.
    ///   - decode: reads what an event carries.
    ///   - notice: called from other threads; must not wait.
    public init(
        endpoint: URL, credential: any AvayaCredential, transport: any WebSocketTransport,
        configuration: AvayaRealtimeConfiguration = AvayaRealtimeConfiguration(), clock: (any EngineClock)? = nil,
        seed: UInt64 = .random(in: .min ... .max),
        spaces: @escaping @Sendable () async throws(ServiceError) -> [RemoteConversationID], decode: @escaping Decode,
        notice: @escaping @Sendable (AvayaRealtimeNotice) -> Void = { _ in }
    ) {
        let buffer = RealtimeBuffer(
            maximumItems: configuration.maximumWaitingEvents, maximumBytes: configuration.maximumWaitingBytes)
        self.buffer = buffer
        self.decode = decode
        self.notice = notice
        runner = SpacesSocketRunner(
            endpoint: endpoint, credential: credential, transport: transport, limits: configuration.limits,
            clock: clock ?? SocketClock(), configuration: configuration.socket, seed: seed, spaces: spaces
        ) { news in
            switch news {
            case .up: buffer.push(.up)
            case .down: buffer.push(.down)
            case .event(let name, let payload):
                if !buffer.push(.event(name: name, payload: payload)) { notice(.overflow) }
            case .missed:
                buffer.pushGap()
                notice(.unreadable)
            case .refused(let refusal): notice(.refused(refusal))
            case .subscriptionRefused(let space): notice(.subscriptionRefused(space))
            case .subscribed: break
            }
        }
    }

    /// Keeps the socket open, again and again, until the task is cancelled; then it is closed. Only the first call runs;
    /// another one while it does returns at once.
    public func run() async {
        await runner.run()
    }

    /// Sends by the socket. Accepted is what the service echoed with this token; `.unknown` is what it said nothing of in time
    /// or before the connection broke: that is looked up, never repeated (wire page §7).
    package func send(_ message: SpacesMessage) async throws(ServiceError) -> RemoteMessageID {
        try await runner.send(message)
    }

    /// Tells the others in a space that the user is writing, if the connection listens to it and its rate has room.
    public func sendTyping(in space: RemoteConversationID) async throws(ServiceError) {
        guard runner.tellTyping(in: space) else { throw ServiceError(.unreachable, certainty: .notApplied) }
    }

    /// For one consumer; a second one ends the first. It ends when its task is cancelled, and never throws.
    public func events() -> any AsyncSequence<RemoteEvent, any Error> & Sendable {
        AvayaRealtimeEvents(realtime: self)
    }

    fileprivate func next() async -> ArraySlice<RemoteEvent>? {
        switch await buffer.next() {
        case .up: return [.connected]
        case .down: return [.disconnected]
        case .event(let name, let payload):
            do throws(ServiceError) {
                return try decode(name, payload)[...]
            } catch {
                notice(.unreadable)
                return [.disconnected, .connected]
            }
        case nil: return nil
        }
    }
}

private struct AvayaRealtimeEvents: AsyncSequence, Sendable {
    typealias Element = RemoteEvent
    typealias Failure = any Error

    let realtime: AvayaRealtime

    func makeAsyncIterator() -> Iterator {
        Iterator(realtime: realtime)
    }

    struct Iterator: AsyncIteratorProtocol {
        let realtime: AvayaRealtime
        var waiting: ArraySlice<RemoteEvent> = []

        mutating func next() async throws -> RemoteEvent? {
            while true {
                if let event = waiting.popFirst() { return event }
                guard let more = await realtime.next() else { return nil }
                waiting = more
            }
        }
    }
}

/// The clock of this machine.
struct SocketClock: EngineClock {
    private let start = ContinuousClock.now

    var now: Timestamp { Timestamp(Date()) }

    var monotonic: Int64 { (ContinuousClock.now - start).milliseconds }

    func sleep(until moment: Timestamp) async throws {
        try await Task.sleep(for: max(.zero, moment - now))
    }
}
