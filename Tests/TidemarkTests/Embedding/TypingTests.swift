import Synchronization
import Testing
import TidemarkModel
import TidemarkSimulator
import TidemarkStore

@testable import Tidemark

/// Who is writing: told to others rarely, told of others for a while, and kept nowhere.
@Suite(.timeLimit(.minutes(1))) struct TypingTests {
    private final class TypingService: ChatService {
        let plain = FileService()
        let told = Mutex<[RemoteConversationID]>([])
        let fails = Mutex(false)

        var traits: ServiceTraits {
            var traits = plain.traits
            traits.typing = true
            return traits
        }

        func identity() async throws(ServiceError) -> ParticipantID? { try await plain.identity() }
        func perform(_ delivery: Delivery) async throws(ServiceError) -> Acceptance { try await plain.perform(delivery) }
        func page(_ request: PageRequest) async throws(ServiceError) -> Page { try await plain.page(request) }

        func sendTyping(in conversation: RemoteConversationID) async throws(ServiceError) {
            if fails.withLock({ $0 }) { throw ServiceError(.unreachable, certainty: .notApplied) }
            told.withLock { $0.append(conversation) }
        }
    }

    private let clock = VirtualClock()
    private let service = TypingService()
    private let engine: SyncEngine
    private let trip: ConversationID

    init() async throws {
        let store = try MessageStore.inMemory()
        try store.addAccount("me", service: "plain", identity: Station.alice, at: clock.now)
        engine = try SyncEngine(store: store, service: service, clock: clock)
        trip = try await engine.createConversation(topic: "Trip", with: [Participant(id: "bob")]).conversation
    }

    private var told: Int { service.told.withLock(\.count) }

    private func hear(_ who: ParticipantID, name: String? = nil) async throws {
        try await engine.receive(.typing(who, displayName: name, in: "t1"))
    }

    @Test func `it leaves at most once in eight seconds, and never before the service has the conversation`() async throws {
        #expect(try await !engine.typing(in: trip))
        #expect(throws: StoreError.self) { try engine.typing(of: trip) }
        _ = try await engine.syncOnce()
        #expect(try await engine.typing(in: trip))
        for _ in 0..<7 {
            clock.advance(by: .seconds(1))
            #expect(try await !engine.typing(in: trip))
        }
        clock.advance(by: .seconds(1))
        #expect(try await engine.typing(in: trip))
        #expect(told == 2)
    }

    @Test func `offline it is dropped, and nothing of it is tried again`() async throws {
        _ = try await engine.syncOnce()
        service.fails.withLock { $0 = true }
        #expect(try await !engine.typing(in: trip))
        service.fails.withLock { $0 = false }
        clock.advance(by: .seconds(4))
        _ = try await engine.syncOnce()
        #expect(told == 0)
        #expect(try engine.account.outbox().get().isEmpty)
    }

    @Test func `others count until their message comes or ten seconds have passed, oneself never`() async throws {
        _ = try await engine.syncOnce()
        var updates = try engine.typing(of: trip).makeAsyncIterator()
        #expect(await updates.next() == [])
        try await hear("bob", name: "Bob")
        try await hear(Station.alice)
        let typing = await updates.next()
        #expect(typing?.map(\.participant) == ["bob"] && typing?.first?.displayName == "Bob")
        try await hear("carol")
        #expect(await updates.next()?.map(\.participant) == ["bob", "carol"])
        let message = RemoteMessage(id: "1", version: 1, text: "done", sender: "bob", createdAt: clock.now)
        try await engine.receive(.message(message, in: "t1"))
        #expect(await updates.next()?.map(\.participant) == ["carol"])
        clock.advance(by: .seconds(10))
        #expect(await updates.next() == [])
    }

    @Test func `nothing of it is in the store, and another conversation hears nothing`() async throws {
        let work = try await engine.createConversation(topic: "Work", with: [Participant(id: "bob")]).conversation
        _ = try await engine.syncOnce()
        let before = try engine.store.dump(of: engine.account)
        var elsewhere = try engine.typing(of: work).makeAsyncIterator()
        #expect(await elsewhere.next() == [])
        try await hear("bob")
        #expect(try engine.store.dump(of: engine.account) == before)
        try await engine.receive(.typing("carol", displayName: nil, in: "t2"))
        #expect(await elsewhere.next()?.map(\.participant) == ["carol"])
    }

    @Test func `a service may tell of any number of people`() async throws {
        let typists = Typists()
        for number in 0..<1_000 {
            _ = typists.hear(
                .typing(ParticipantID("p\(number)"), displayName: nil, in: "t"), at: clock.now, lasting: .seconds(10))
        }
        #expect(typists.now(in: "t", at: clock.now, lasting: .seconds(10)).count == Typists.limit)
        // A clock that is set back keeps nobody writing.
        let back = Timestamp(milliseconds: clock.now.milliseconds - 3_600_000)
        #expect(typists.now(in: "t", at: back, lasting: .seconds(10)).isEmpty)
    }
}
