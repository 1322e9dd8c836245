import Foundation
import Synchronization
import TidemarkModel

/// Joins a ``SpacesSocket`` to a transport, a credential and a clock. What it decides nothing of, it does; all decisions are
/// the socket's.
///
/// Effects are carried out in the socket's order under its lock: each of them only hands something on.
final class SpacesSocketRunner: Sendable {
    /// Which spaces are to be subscribed to.
    typealias Spaces = @Sendable () async throws(ServiceError) -> [RemoteConversationID]
    private typealias Ending = CheckedContinuation<Result<RemoteMessageID, ServiceError>, Never>

    private struct State {
        var socket: SpacesSocket
        var isRunning = false
        var connects: AsyncStream<(connection: Int, renewing: Bool)>.Continuation?
        var lists: AsyncStream<Void>.Continuation?
        var link: SocketLink?
        var lastAccess: AvayaAccess?
        /// Until when the time keeper sleeps; `nil`: until something happens.
        var sleepsUntil: Int64?
        var endings: [Token: Ending] = [:]
    }

    private let endpoint: URL
    private let credential: any AvayaCredential
    private let transport: any WebSocketTransport
    private let limits: WebSocketLimits
    private let clock: any EngineClock
    private let spaces: Spaces?
    private let tell: @Sendable (SpacesSocketNews) -> Void
    private let wake = WakeSignal()
    private let state: Mutex<State>

    /// - Parameters:
    ///   - spaces: `nil`: only what ``put(_:)`` subscribes to.
    ///   - tell: is called in order, and must not wait.
    init(
        endpoint: URL, credential: any AvayaCredential, transport: any WebSocketTransport, limits: WebSocketLimits,
        clock: any EngineClock, configuration: SpacesSocketConfiguration, seed: UInt64, spaces: Spaces?,
        tell: @escaping @Sendable (SpacesSocketNews) -> Void
    ) {
        self.endpoint = endpoint
        self.credential = credential
        self.transport = transport
        self.limits = limits
        self.clock = clock
        self.spaces = spaces
        self.tell = tell
        state = Mutex(State(socket: SpacesSocket(configuration, asksForSpaces: spaces != nil, seed: seed)))
    }

    /// Keeps a connection until the task is cancelled, then closes it and returns. Another call while one runs returns at once.
    func run() async {
        let (connects, connecting) = AsyncStream.makeStream(of: (connection: Int, renewing: Bool).self)
        let (lists, listing) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let isFirst = state.withLock { state in
            guard !state.isRunning else { return false }
            (state.isRunning, state.connects, state.lists) = (true, connecting, listing)
            return true
        }
        guard isFirst else { return }
        put(.start)
        await withTaskGroup { group in
            group.addTask {
                // One after the other: the next begins when the last is closed.
                for await next in connects { await self.keep(next.connection, renewing: next.renewing) }
            }
            group.addTask { for await _ in lists { await self.list() } }
            group.addTask { await self.keepTime() }
        }
        put(.stop)
        state.withLock { state in
            (state.isRunning, state.connects, state.lists) = (false, nil, nil)
        }
    }

    func put(_ input: SpacesSocketInput) {
        state.withLock { state in _ = put(input, &state) }
    }

    @discardableResult
    private func put(_ input: SpacesSocketInput, _ state: inout State) -> [SpacesSocketEffect] {
        let effects = state.socket.handle(input, at: clock.monotonic)
        for effect in effects { perform(effect, &state) }
        let wakeUp = state.socket.wakeUp ?? .max
        if wakeUp < state.sleepsUntil ?? .max { wake.give() }
        return effects
    }

    private func perform(_ effect: SpacesSocketEffect, _ state: inout State) {
        switch effect {
        case .connect(let connection, let renewing): state.connects?.yield((connection, renewing))
        case .write(let text, let connection):
            if let link = state.link, link.connection == connection { link.write(text) }
        case .close(let connection):
            if let link = state.link, link.connection == connection { link.close() }
        case .list: state.lists?.yield()
        case .tell(let news): tell(news)
        case .settle(let token, let result): state.endings.removeValue(forKey: token)?.resume(returning: result)
        }
    }

    // MARK: Sending

    /// False: nothing left, since no connection listens to the space or its rate is used up.
    func tellTyping(in space: RemoteConversationID) -> Bool {
        state.withLock { state in
            let hadLink = state.link != nil
            return put(.typing(space), &state).contains { if case .write = $0 { hadLink } else { false } }
        }
    }

    /// Sends a message and waits for its end. Cancelling ends the waiting; whether the message had left is then told by the
    /// error's certainty.
    func send(_ message: SpacesMessage) async throws(ServiceError) -> RemoteMessageID {
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (ending: Ending) in
                state.withLock { state in
                    guard !Task.isCancelled, state.endings[message.token] == nil else {
                        let code: ServiceError.Code = Task.isCancelled ? .cancelled : .invalid
                        return ending.resume(returning: .failure(ServiceError(code, certainty: .notApplied)))
                    }
                    state.endings[message.token] = ending
                    put(.send(message), &state)
                }
            }
        } onCancel: {
            put(.withdraw(message.token))
        }
        return try result.get()
    }

    // MARK: What goes on beside

    private func list() async {
        guard let spaces else { return }
        do throws(ServiceError) {
            put(.want(try await spaces()))
        } catch {
            put(.listFailed)
        }
    }

    private func keepTime() async {
        while !Task.isCancelled {
            let due = state.withLock { state in
                state.sleepsUntil = state.socket.wakeUp
                return state.sleepsUntil
            }
            let rest = due.map { max(0, $0.subtractingReportingOverflow(clock.monotonic).partialValue) }
            if rest == 0 {
                put(.tick)
                continue
            }
            await withTaskGroup { group in
                if let rest {
                    group.addTask { [clock] in try? await clock.sleep(until: clock.now + .milliseconds(rest)) }
                }
                group.addTask { [wake] in await wake.wait() }
                await group.next()
                group.cancelAll()
            }
            if due != nil { put(.tick) }
        }
    }

    /// One connection from its access to its end.
    private func keep(_ number: Int, renewing: Bool) async {
        let access: AvayaAccess
        do throws(ServiceError) {
            access = try await proof(renewing: renewing)
        } catch {
            return put(.closed(.noAccess(error), connection: number))
        }
        guard let request = SpacesEvent.request(endpoint, access) else {
            return put(.closed(.noAccess(ServiceError(.invalid, certainty: .notApplied)), connection: number))
        }
        let connection: any WebSocketConnection
        do throws(TransportError) {
            connection = try await transport.connect(request, limits: limits)
        } catch {
            return put(.closed(SpacesSocketEnd(error), connection: number))
        }
        let link = SocketLink(number)
        state.withLock { state in
            state.link = link
            put(.opened(connection: number, access), &state)
        }
        await link.carry(connection) { self.put(.text($0, connection: number)) }
        state.withLock { $0.link = nil }
        put(.closed(.lost, connection: number))
    }

    private func proof(renewing: Bool) async throws(ServiceError) -> AvayaAccess {
        let refused = renewing ? state.withLock { $0.lastAccess } : nil
        let access: AvayaAccess
        if let refused {
            access = try await credential.renewed(after: refused)
        } else {
            access = try await credential.access()
        }
        state.withLock { $0.lastAccess = access }
        return access
    }
}
