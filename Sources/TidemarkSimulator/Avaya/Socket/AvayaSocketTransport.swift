public import HTTPTypes
internal import Synchronization
public import TidemarkModel

/// The simulator's sockets without a network, beside the requests of a ``SimulatorTransport``: one service, one clock, one cable.
///
/// What is due is delivered whenever a request, a frame or an act of others changed the service; what becomes due by time
/// alone is at the next of these, or at ``deliver()``. While the network is cut there are no connections.
public final class AvayaSocketTransport: WebSocketTransport {
    private let service: SimulatorTransport<AvayaSimulator>
    private let clock: VirtualClock
    private let mailboxes = Mutex<[Int: AvayaSocketMailbox]>([:])

    /// From now on it is this that hears of the service's changes.
    public init(_ service: SimulatorTransport<AvayaSimulator>, clock: VirtualClock) {
        self.service = service
        self.clock = clock
        service.observe { [weak self] in self?.deliver() }
    }

    public func connect(
        _ request: HTTPRequest, limits: WebSocketLimits
    ) async throws(TransportError) -> any WebSocketConnection {
        guard !Task.isCancelled else { throw TransportError(.cancelled, requestMayHaveArrived: false) }
        clock.advance(by: .milliseconds(40))
        guard !service.isCut else { throw TransportError(.unreachable, requestMayHaveArrived: false) }
        let target = request.path ?? "/"
        let now = clock.now
        let mailbox = AvayaSocketMailbox(limit: limits.maximumMessageBytes)
        let opened = service.withoutNotice { [self] faulty -> (connection: Int, refused: Int?) in
            if let (status, _) = faulty.simulator.refusal(ofSocket: target, now: now) { return (0, status) }
            let connection = faulty.simulator.admit(target, now: now)
            mailboxes.withLock { $0[connection] = mailbox }
            return (connection, nil)
        }
        if let status = opened.refused {
            throw TransportError(.refused(status: status), requestMayHaveArrived: true)
        }
        deliver()
        return AvayaSocketConnection(number: opened.connection, mailbox: mailbox, transport: self)
    }

    /// Delivers what is due by the clock's time.
    public func deliver() {
        let now = clock.now
        let isCut = service.isCut
        // Taken and handed on in one step, so that two who deliver at once keep the order.
        service.withoutNotice { [self] faulty in
            mailboxes.withLock { mailboxes in
                if isCut {
                    for (connection, mailbox) in mailboxes {
                        faulty.simulator.close(connection)
                        mailbox.put(.failure(TransportError(.connectionLost, requestMayHaveArrived: true)))
                    }
                    mailboxes = [:]
                }
                for send in faulty.simulator.tick(now: now) {
                    guard let mailbox = mailboxes[send.connection] else { continue }
                    switch send.output {
                    case .text(let text): mailbox.put(.success(text))
                    case .close:
                        mailbox.put(.success(nil))
                        mailboxes[send.connection] = nil
                    case .cut:
                        mailbox.put(.failure(TransportError(.connectionLost, requestMayHaveArrived: true)))
                        mailboxes[send.connection] = nil
                    }
                }
            }
        }
    }

    fileprivate func send(_ text: String, on connection: Int) throws(TransportError) {
        guard mailboxes.withLock({ $0[connection] }) != nil else {
            throw TransportError(.connectionLost, requestMayHaveArrived: false)
        }
        let now = clock.now
        service.withoutNotice { $0.simulator.hear(text, on: connection, now: now) }
        deliver()
    }

    fileprivate func close(_ connection: Int) {
        service.withoutNotice { [self] faulty in
            faulty.simulator.close(connection)
            mailboxes.withLock { $0[connection] = nil }
        }
    }
}

private final class AvayaSocketConnection: WebSocketConnection {
    private let number: Int
    private let mailbox: AvayaSocketMailbox
    private let transport: AvayaSocketTransport

    init(number: Int, mailbox: AvayaSocketMailbox, transport: AvayaSocketTransport) {
        self.number = number
        self.mailbox = mailbox
        self.transport = transport
    }

    func send(_ text: String) async throws(TransportError) {
        guard !Task.isCancelled else { throw TransportError(.cancelled, requestMayHaveArrived: false) }
        try transport.send(text, on: number)
    }

    func receive() async throws(TransportError) -> String? {
        let mailbox = mailbox
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { mailbox.take($0) }
        } onCancel: {
            mailbox.cancel()
        }
        return try result.get()
    }

    func close() async {
        transport.close(number)
        mailbox.put(.success(nil))
    }
}

/// What one connection was told and nobody has received yet. An end stays.
private final class AvayaSocketMailbox: Sendable {
    typealias Item = Result<String?, TransportError>

    private struct State {
        var texts: [String] = []
        var end: Item?
        var waiting: CheckedContinuation<Item, Never>?
        var isCancelled = false
    }

    private let state = Mutex(State())
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    func put(_ item: Item) {
        state.withLock { state in
            guard state.end == nil else { return }
            if case .success(let text?) = item, text.utf8.count <= limit {
                state.texts.append(text)
            } else if case .success(.some) = item {
                state.end = .failure(TransportError(.responseTooLarge, requestMayHaveArrived: true))
            } else {
                state.end = item
            }
            Self.serve(&state)
        }
    }

    func take(_ continuation: CheckedContinuation<Item, Never>) {
        state.withLock { state in
            state.waiting = continuation
            Self.serve(&state)
        }
    }

    func cancel() {
        state.withLock { state in
            state.isCancelled = true
            Self.serve(&state)
        }
    }

    private static func serve(_ state: inout State) {
        guard let waiting = state.waiting else { return }
        if state.isCancelled {
            state.isCancelled = false
            waiting.resume(returning: .failure(TransportError(.cancelled, requestMayHaveArrived: true)))
        } else if !state.texts.isEmpty {
            waiting.resume(returning: .success(state.texts.removeFirst()))
        } else if let end = state.end {
            waiting.resume(returning: end)
        } else {
            return
        }
        state.waiting = nil
    }
}
