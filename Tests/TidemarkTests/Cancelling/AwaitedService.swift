import HTTPTypes
import Synchronization
import Tidemark
import TidemarkModel
import TidemarkSimulator

/// A service that tells where its client waits, and pushes what it is told to.
struct AwaitedService: ChatService {
    let service: any ChatService
    let awaits: Awaits
    let pushed: AsyncThrowingStream<RemoteEvent, any Error>

    var traits: ServiceTraits { service.traits }

    func identity() async throws(ServiceError) -> ParticipantID? {
        awaits.begin()
        defer { awaits.end() }
        await awaits.pass("the credential is asked")
        guard !Task.isCancelled else { throw ServiceError(.cancelled, certainty: .notApplied) }
        let identity = try await service.identity()
        await awaits.pass("the credential has told")
        return identity
    }

    func perform(_ delivery: Delivery) async throws(ServiceError) -> Acceptance { try await service.perform(delivery) }

    func page(_ request: PageRequest) async throws(ServiceError) -> Page { try await service.page(request) }

    func decode(_ raw: [UInt8], of subject: PageRequest.Subject) -> Page.Items? { service.decode(raw, of: subject) }

    func events() -> any AsyncSequence<RemoteEvent, any Error> & Sendable { pushed }
}

/// The simulator as a transport that tells where a request is, refuses the second message, and loses the answer to the fourth.
struct AwaitedTransport: HTTPTransport {
    let day: CancelledDay
    let awaits: Awaits

    func send(_ request: HTTPRequest, body: [UInt8], limits: HTTPLimits) async throws(TransportError) -> TransportResponse {
        awaits.begin()
        defer { awaits.end() }
        let what = "\(request.method) \(request.path?.split(separator: "?").first ?? "")"
        await awaits.pass("\(what) leaves")
        guard !Task.isCancelled else { throw TransportError(.cancelled, requestMayHaveArrived: false) }
        let number = day.count(request)
        if number == 2 {
            await awaits.pass("\(what) is refused")
            return Self.refusal
        }
        let response = try await day.transport.send(request, body: body, limits: limits)
        await awaits.pass("\(what) has arrived")
        // Nobody listens any more: the answer reaches nobody.
        guard !Task.isCancelled else { throw TransportError(.cancelled, requestMayHaveArrived: true) }
        if number == 4 {
            day.clock.advance(by: limits.timeout)
            await awaits.pass("\(what) is not answered")
            throw TransportError(.timeout, requestMayHaveArrived: true)
        }
        await awaits.pass("\(what) is answered")
        return response
    }

    private static var refusal: TransportResponse {
        var head = HTTPResponse(status: .tooManyRequests)
        head.headerFields[.retryAfter] = "7"
        return TransportResponse(head: head, body: Array(#"{"error":{"code":"TooManyRequests","message":"Slower."}}"#.utf8))
    }
}

extension CancelledDay {
    /// The number of a message that is sent; `nil` for any other request.
    fileprivate func count(_ request: HTTPRequest) -> Int? {
        guard request.method == .post, request.path?.contains("/messages") == true else { return nil }
        return state.withLock { state in
            state.messages += 1
            return state.messages
        }
    }
}

/// Virtual time that lets somebody act whenever the engine only waits for time to pass.
final class AwaitedClock: EngineClock {
    private let clock: VirtualClock
    private let awaits: Awaits
    private let act: @Sendable (SyncEngine) async throws -> Bool
    /// Who sleeps on it.
    let engine = Mutex<SyncEngine?>(nil)

    /// `act` does the next thing and wakes the engine by it. False: there is nothing to do now, let time pass.
    init(clock: VirtualClock, awaits: Awaits, _ act: @escaping @Sendable (SyncEngine) async throws -> Bool) {
        self.clock = clock
        self.awaits = awaits
        self.act = act
    }

    var now: Timestamp { clock.now }
    var monotonic: Int64 { clock.monotonic }

    func sleep(until moment: Timestamp) async throws {
        awaits.begin()
        defer { awaits.end() }
        await awaits.pass("it sleeps")
        try Task.checkCancellation()
        guard let engine = engine.withLock({ $0 }), try await act(engine) else { return try await clock.sleep(until: moment) }
        // It is awake now, or cancelled, and ends this.
        let (never, continuation) = AsyncStream.makeStream(of: Never.self)
        for await _ in never {}
        withExtendedLifetime(continuation) {}
        throw CancellationError()
    }
}
