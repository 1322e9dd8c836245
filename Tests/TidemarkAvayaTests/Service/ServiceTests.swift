import Foundation
import HTTPTypes
import Testing
import TidemarkAvaya
import TidemarkModel

/// The shell: credential, identity, deadline and transport joined.
struct ServiceTests {
    private static let send = Delivery.Action.send(OutgoingMessage("hello"), in: Example.space)

    /// Answers `users/me` with a user, and everything else with the next of these.
    private static func transport(_ user: ParticipantID = Example.ann, _ answers: TransportResponse...) -> ScriptedHTTP {
        let rest = Shared(answers)
        return ScriptedHTTP { sent, _ in
            if sent.head.path == "/api/users/me" { return .json(200, #"{"_id":"\#(user.rawValue)"}"#) }
            return rest.update { $0.count > 1 ? $0.removeFirst() : $0[0] }
        }
    }

    private func service(
        _ credential: any AvayaCredential, _ transport: ScriptedHTTP, now: @escaping @Sendable () -> Timestamp = { Example.start }
    ) throws -> AvayaChatService {
        AvayaChatService(servers: try Example.servers(), credential: credential, transport: transport, now: now)
    }

    @Test func `a send goes out with the access in its header and comes back with its id`() async throws {
        let transport = Self.transport(Example.ann, .json(200, #"{"data":[\#(try Example.message())]}"#))
        let service = try service(try JWTAuthenticator(token: "t-1", identity: Example.ann), transport)
        let acceptance = try await service.perform(Example.delivery(Self.send, as: Example.ann))
        #expect(acceptance.message == Example.message)
        #expect(transport.sent.map(\.line) == ["POST /api/spaces/\(Example.space)/chats"])
        #expect(transport.sent.first?.authorization == "jwt t-1")
    }

    @Test func `an OAuth access goes as bearer`() async throws {
        let transport = Self.transport(Example.ann, .json(200, #"{"data":[]}"#))
        let access = AvayaAccess(scheme: .bearer, token: "a-1")
        let page = try await service(ListedCredential([access]), transport).page(PageRequest(.conversations))
        #expect(page.conversations.isEmpty && transport.sent.first?.authorization == "bearer a-1")
    }

    @Test func `whose an access is, is asked once for each`() async throws {
        let transport = Self.transport(Example.ann, .json(200, #"{"data":[]}"#))
        let service = try service(try JWTAuthenticator(token: "t-1"), transport)
        for _ in 0..<3 { #expect(try await service.identity() == Example.ann) }
        _ = try await service.page(PageRequest(.conversations, identity: Example.ann))
        #expect(transport.sent.count { $0.head.path == "/api/users/me" } == 1)
    }

    @Test func `another user's access carries nothing`() async throws {
        let transport = Self.transport(Example.bob, .json(200, "{}"))
        let service = try service(try JWTAuthenticator(token: "t-1"), transport)
        let write = await #expect(throws: ServiceError.self) {
            try await service.perform(Example.delivery(Self.send, as: Example.ann))
        }
        let read = await #expect(throws: ServiceError.self) {
            try await service.page(PageRequest(.conversations, identity: Example.ann))
        }
        for error in [write, read] {
            #expect(error?.code == .wrongIdentity && error?.certainty == .notApplied && error?.scope == .account)
        }
        #expect(transport.sent.map(\.line) == ["GET /api/users/me"])
    }

    @Test func `a renewal that brings another user's access sends nothing with it`() async throws {
        let transport = Self.transport(Example.ann, .empty(401), .json(200, "{}"))
        let credential = ListedCredential([
            AvayaAccess(scheme: .jwt, token: "t-1", identity: Example.ann),
            AvayaAccess(scheme: .jwt, token: "t-2", identity: Example.bob),
        ])
        let service = try service(credential, transport)
        let error = await #expect(throws: ServiceError.self) {
            try await service.perform(Example.delivery(Self.send, as: Example.ann))
        }
        #expect(error?.code == .wrongIdentity && transport.sent.count == 1)
    }

    @Test func `a refused access is replaced once, and a second refusal is the answer`() async throws {
        let item = try Example.message()
        let tokens = ["t-1", "t-2", "t-3"].map { AvayaAccess(scheme: .jwt, token: $0, identity: Example.ann) }
        let once = Self.transport(Example.ann, .empty(401), .json(200, item))
        #expect(try await service(ListedCredential(tokens), once).perform(Example.delivery(Self.send)).message == Example.message)
        #expect(once.sent.compactMap(\.authorization) == ["jwt t-1", "jwt t-2"])
        let twice = Self.transport(Example.ann, .empty(401))
        let refused = try service(ListedCredential(tokens), twice)
        let error = await #expect(throws: ServiceError.self) { try await refused.perform(Example.delivery(Self.send)) }
        #expect(error?.code == .unauthenticated && error?.scope == .account && error?.status == 401)
        #expect(twice.sent.count == 2)
    }

    @Test func `a refusal of the question who it is renews too`() async throws {
        let transport = ScriptedHTTP { sent, _ in
            guard sent.authorization == "jwt t-2" else { return .empty(401) }
            return .json(200, sent.head.path == "/api/users/me" ? #"{"_id":"\#(Example.ann)"}"# : #"{"data":[]}"#)
        }
        let credential = ListedCredential(["t-1", "t-2"].map { AvayaAccess(scheme: .jwt, token: $0) })
        let page = try await service(credential, transport).page(PageRequest(.conversations, identity: Example.ann))
        #expect(page.conversations.isEmpty)
        let fresh = ListedCredential(["t-1", "t-2"].map { AvayaAccess(scheme: .jwt, token: $0) })
        #expect(try await service(fresh, transport).identity() == Example.ann)
    }

    @Test func `a plain token that is refused is the end`() async throws {
        let transport = Self.transport(Example.ann, .empty(401))
        let service = try service(try JWTAuthenticator(token: "t-1", identity: Example.ann), transport)
        let error = await #expect(throws: ServiceError.self) { try await service.page(PageRequest(.conversations)) }
        #expect(error?.code == .unauthenticated && error?.status == 401 && transport.sent.count == 1)
    }

    @Test func `no byte leaves at or after the deadline`() async throws {
        let now = Shared(Example.start)
        let transport = ScriptedHTTP { sent, _ in
            // Asking who it is takes a minute.
            now.set(now.value + .seconds(60))
            return .json(200, #"{"_id":"\#(Example.ann)"}"#)
        }
        let service = try service(try JWTAuthenticator(token: "t-1"), transport) { now.value }
        var delivery = Example.delivery(Self.send, as: Example.ann)
        delivery.deadline = Example.start + .seconds(60)
        let error = await #expect(throws: ServiceError.self) { try await service.perform(delivery) }
        #expect(error?.code == .tooLate && error?.certainty == .notApplied)
        #expect(transport.sent.map(\.line) == ["GET /api/users/me"])
    }

    @Test func `what makes no request asks nothing`() async throws {
        let transport = Self.transport(Example.ann, .json(200, "{}"))
        let service = try service(try JWTAuthenticator(token: "t-1"), transport)
        let receipts = await #expect(throws: ServiceError.self) {
            try await service.page(PageRequest(.receipts(in: Example.space), identity: Example.ann))
        }
        let link = await #expect(throws: ServiceError.self) {
            try await service.page(PageRequest(.conversations, cursor: "https://evil.example/api/x", identity: Example.ann))
        }
        #expect(receipts?.code == .unsupported && link?.code == .untrustedCursor && transport.sent.isEmpty)
    }

    @Test func `a lost answer to the question who it is leaves the write certain`() async throws {
        let transport = ScriptedHTTP { _, _ throws(TransportError) in
            throw TransportError(.connectionLost, requestMayHaveArrived: true)
        }
        let service = try service(try JWTAuthenticator(token: "t-1"), transport)
        let error = await #expect(throws: ServiceError.self) {
            try await service.perform(Example.delivery(Self.send, as: Example.ann))
        }
        #expect(error?.certainty == .notApplied && transport.sent.count == 1)
    }

    @Test func `pushed events are those of the source that was given`() async throws {
        let transport = Self.transport(Example.ann, .empty(200))
        let credential = try JWTAuthenticator(token: "t-1")
        let silent = try service(credential, transport)
        var count = 0
        for try await _ in silent.events() { count += 1 }
        #expect(count == 0)
        let live = AvayaChatService(
            servers: try Example.servers(), credential: credential, transport: transport, realtime: TwoEvents())
        var events: [RemoteEvent] = []
        for try await event in live.events() { events.append(event) }
        #expect(events == [.connected, .disconnected])
    }

    @Test func `an item that was set aside is read again by itself`() throws {
        let service = try service(try JWTAuthenticator(token: "t-1"), Self.transport(Example.ann, .empty(200)))
        let raw = Array(try Example.message().utf8)
        guard case .messages(let messages)? = service.decode(raw, of: .messages(in: Example.space)) else {
            Issue.record("not read")
            return
        }
        #expect(messages.map(\.id) == [Example.message])
        #expect(service.decode(Array("{".utf8), of: .messages(in: Example.space)) == nil)
    }
}

/// Gives one access after the other.
struct ListedCredential: AvayaCredential {
    private let list: Shared<[AvayaAccess]>

    init(_ list: [AvayaAccess]) { self.list = Shared(list) }

    func access() async throws(ServiceError) -> AvayaAccess { list.value[0] }

    func renewed(after refused: AvayaAccess) async throws(ServiceError) -> AvayaAccess {
        list.update { list in
            if list.count > 1, list[0] == refused { list.removeFirst() }
            return list[0]
        }
    }
}

private struct TwoEvents: AvayaRealtimeSource {
    func events() -> any AsyncSequence<RemoteEvent, any Error> & Sendable {
        AsyncThrowingStream { continuation in
            continuation.yield(.connected)
            continuation.yield(.disconnected)
            continuation.finish()
        }
    }
}
