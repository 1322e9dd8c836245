import Foundation
import HTTPTypes
import Testing
import TidemarkAzure
import TidemarkModel

/// The shell: credential, identity, deadline and transport joined.
struct ServiceTests {
    private static let start = Timestamp(milliseconds: 1_700_000_000_000)
    private static let send = Delivery.Action.send(OutgoingMessage("hello"), in: Example.thread)

    private func service(
        _ credential: AzureTokenCredential, _ transport: ScriptedTransport, now: @escaping @Sendable () -> Timestamp = { start }
    ) throws -> AzureChatService {
        AzureChatService(endpoint: try Example.endpoint(), credential: credential, transport: transport, now: now)
    }

    private static func token(_ user: ParticipantID, _ minutes: Int64 = 60) -> String {
        Example.jwt(of: user, until: start + .seconds(minutes * 60))
    }

    @Test func `a send goes out with the bearer token and comes back with its id`() async throws {
        let transport = ScriptedTransport(.json(201, #"{"id":"1613"}"#, [("Date", "Tue, 23 Mar 2021 00:59:42 GMT")]))
        let token = Self.token(Example.alice)
        let acceptance = try await service(.token(token), transport).perform(Example.delivery(Self.send, as: Example.alice))
        #expect(acceptance.message == "1613" && acceptance.serverDate == Timestamp(rfc3339: "2021-03-23T00:59:42Z"))
        let sent = try #require(transport.sent.first)
        #expect(sent.head.headerFields[.authorization] == "Bearer \(token)")
        #expect(sent.json["content"] as? String == "hello")
        #expect((sent.json["metadata"] as? [String: String]) == ["tidemarkToken": Example.token.rawValue])
        let requestID = sent.head.headerFields[try #require(HTTPField.Name("x-ms-client-request-id"))]
        #expect(requestID.flatMap(UUID.init(uuidString:)) != nil)
    }

    @Test func `another user's token carries nothing`() async throws {
        let transport = ScriptedTransport(.empty(204))
        let service = try service(.token(Self.token(Example.bob)), transport)
        #expect(try await service.identity() == Example.bob)
        let write = await #expect(throws: ServiceError.self) {
            try await service.perform(Example.delivery(Self.send, as: Example.alice))
        }
        let read = await #expect(throws: ServiceError.self) {
            try await service.page(PageRequest(.conversations, cursor: "/chat/threads?x=1", identity: Example.alice))
        }
        for error in [write, read] {
            #expect(error?.code == .wrongIdentity && error?.certainty == .notApplied && error?.scope == .account)
        }
        #expect(transport.sent.isEmpty)
    }

    @Test func `a refresher that brings another user's token sends nothing with it`() async throws {
        let calls = Cell(0)
        let credential = AzureTokenCredential.refreshing(now: { Self.start }) {
            Self.token(calls.count() == 1 ? Example.alice : Example.bob)
        }
        let transport = ScriptedTransport(.empty(401), .json(201, #"{"id":"1"}"#))
        let service = try service(credential, transport)
        let error = await #expect(throws: ServiceError.self) {
            try await service.perform(Example.delivery(Self.send, as: Example.alice))
        }
        #expect(error?.code == .wrongIdentity && transport.sent.count == 1)
    }

    @Test func `no byte leaves at or after the deadline`() async throws {
        let now = Cell(Self.start)
        let transport = ScriptedTransport(.json(201, #"{"id":"1"}"#))
        let credential = AzureTokenCredential.refreshing(now: { now.value }) {
            // Fetching the token takes a minute.
            now.set(now.value + .seconds(60))
            return Self.token(Example.alice)
        }
        let service = try service(credential, transport) { now.value }
        var delivery = Example.delivery(Self.send)
        delivery.deadline = Self.start + .seconds(60)
        let error = await #expect(throws: ServiceError.self) { try await service.perform(delivery) }
        #expect(error?.code == .tooLate && error?.certainty == .notApplied && transport.sent.isEmpty)
        delivery.deadline = Self.start + .seconds(61)
        #expect(try await service.perform(delivery).message == "1")
    }

    @Test func `a refused token is replaced once`() async throws {
        let calls = Cell(0)
        let credential = AzureTokenCredential.refreshing(now: { Self.start }) {
            Self.token(Example.alice, Int64(60 + calls.count()))
        }
        let transport = ScriptedTransport(.empty(401), .json(201, #"{"id":"1"}"#))
        #expect(try await service(credential, transport).perform(Example.delivery(Self.send)).message == "1")
        let tokens = transport.sent.compactMap { $0.head.headerFields[.authorization] }
        #expect(calls.value == 2 && Set(tokens).count == 2)
    }

    @Test func `a second refusal is the answer`() async throws {
        let calls = Cell(0)
        let credential = AzureTokenCredential.refreshing(now: { Self.start }) {
            Self.token(Example.alice, Int64(60 + calls.count()))
        }
        let transport = ScriptedTransport(.empty(401))
        let service = try service(credential, transport)
        let error = await #expect(throws: ServiceError.self) { try await service.perform(Example.delivery(Self.send)) }
        #expect(error?.code == .unauthenticated && error?.scope == .account && error?.status == 401)
        #expect(transport.sent.count == 2 && calls.value == 2)
    }

    @Test func `a refresher that has only the refused token is not asked to death`() async throws {
        let calls = Cell(0)
        let credential = AzureTokenCredential.refreshing(now: { Self.start }) {
            _ = calls.count()
            return Self.token(Example.alice)
        }
        let transport = ScriptedTransport(.empty(401))
        let service = try service(credential, transport)
        let error = await #expect(throws: ServiceError.self) { try await service.page(PageRequest(.conversations)) }
        #expect(error?.code == .unauthenticated && error?.status == 401)
        #expect(transport.sent.count == 1 && calls.value == 2)
    }

    @Test func `an expired fixed token is the service's to refuse`() async throws {
        let transport = ScriptedTransport(.json(401, ""))
        let service = try service(.token(Self.token(Example.alice, -5)), transport)
        let error = await #expect(throws: ServiceError.self) { try await service.perform(Example.delivery(Self.send)) }
        #expect(error?.code == .unauthenticated && error?.certainty == .notApplied && transport.sent.count == 1)
    }

    @Test func `a lost answer is unknown and is not asked for again`() async throws {
        let transport = ScriptedTransport { _, _ throws(TransportError) in
            throw TransportError(.connectionLost, requestMayHaveArrived: true)
        }
        let service = try service(.token("opaque"), transport)
        let error = await #expect(throws: ServiceError.self) { try await service.perform(Example.delivery(Self.send)) }
        #expect(error?.code == .answerLost && error?.certainty == .unknown && transport.sent.count == 1)
    }

    @Test func `a cancelled call sends nothing`() async throws {
        let transport = ScriptedTransport(.json(201, #"{"id":"1"}"#))
        let service = try service(.token("opaque"), transport)
        let gate = Gate()
        let call = Task {
            await gate.pass()
            return try await service.perform(Example.delivery(Self.send))
        }
        await gate.arrivals(1)
        call.cancel()
        gate.open()
        let error = await #expect(throws: ServiceError.self) { try await call.value }
        #expect(error?.code == .cancelled && error?.certainty == .notApplied && transport.sent.isEmpty)
    }

    @Test func `the traits say what Azure repeats, echoes and limits`() throws {
        let traits = ServiceTraits.azure()
        #expect(traits.lostAnswer(of: .createConversation) == .repeatable(for: .seconds(600)))
        for verb in [Verb.delete, .addParticipants, .removeParticipant, .deleteConversation, .markRead] {
            #expect(traits.lostAnswer(of: verb) == .repeatable(for: nil))
        }
        #expect(traits.lostAnswer(of: .edit) == .echoed && traits.lostAnswer(of: .rename) == .recognisable)
        #expect(Verb.allCases.filter { traits.confirmation(of: $0) == .observation } == [.send, .edit, .delete])
        #expect(traits.messagePageSize == 200 && traits.maximumTextBytes == 28_000)
        #expect(traits.maximumParticipantsForReceipts == 20)
        let sends = traits.rates.filter { $0.verbs == [.send, .edit, .delete] }.map {
            [$0.count, Int($0.period.milliseconds / 1000)]
        }
        #expect(sends == [[10, 10], [30, 60]])
    }
}
