import Foundation
import HTTPTypes
import Synchronization
import Testing
import TidemarkModel

@testable import TidemarkAvaya

/// A session with a service in memory, from `start()` to its end.
@Suite(.timeLimit(.minutes(2))) struct SpacesSessionTests {
    /// `users/me` and the spaces, in memory.
    private final class FakeREST: HTTPTransport {
        let seen = Mutex<[HTTPRequest]>([])

        func send(_ request: HTTPRequest, body: [UInt8], limits: HTTPLimits) async throws(TransportError) -> TransportResponse {
            seen.withLock { $0.append(request) }
            switch request.path {
            case "/api/users/me": return answer(200, #"{"_id":"me","aType":"anonymous","displayname":"Ann","username":""}"#)
            case "/api/spaces/\(SocketDriver.space)":
                return answer(200, #"{"_id":"\#(SocketDriver.space)","title":"Trip","type":"group","status":0,"members":[]}"#)
            default: return answer(404, "{}")
            }
        }

        private func answer(_ status: Int, _ body: String) -> TransportResponse {
            TransportResponse(head: HTTPResponse(status: .init(code: status)), body: Array(body.utf8))
        }
    }

    private let rest = FakeREST()
    private let clock = StepClock()

    private func session(_ spaces: FakeSpaces, _ credential: FakeCredential = FakeCredential()) -> SpacesSession {
        SpacesSession(credential: credential, transport: rest, socket: spaces, clock: clock, seed: 1)
    }

    private func run(_ session: SpacesSession, _ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup { group in
            group.addTask {
                do throws(ServiceError) {
                    try await session.start()
                } catch {
                    // The body may be over before it is known who the user is.
                    #expect(error.code == .cancelled)
                }
            }
            try await body()
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    @Test func `a guest enters, sends, hears and leaves`() async throws {
        let spaces = FakeSpaces()
        let session = session(spaces)
        try await run(session) {
            let space = try await session.enterGroupSpace(SocketDriver.space)
            #expect(space.title == "Trip")
            let id = try await session.sendGroupChatMessage("two & three", to: SocketDriver.space)
            #expect(id == "m-1")
            spaces.push(
                "MESSAGE_SENT",
                #"{"_id":"6b00e09aa1b2c3d4e5000002","category":"chat","topicId":"\#(SocketDriver.space)","topicTitle":"Trip","content":{"bodyText":"<p>Hello <b>you</b></p>","data":[]},"sender":{"_id":"bob","type":"user","displayname":"Bob"},"created":"2026-01-05T10:00:00.123Z","modified":"2026-01-05T10:00:00.123Z"}"#
            )
            spaces.push(
                "MESSAGE_SENT",
                #"{"_id":"i-1","category":"idea","topicId":"\#(SocketDriver.space)","created":"2026-01-05T10:00:00.123Z"}"#)
            spaces.push("PRESENCE_EVENT_RESPONSE", #"{"category":"party.typing"}"#)
            spaces.push("MESSAGE_SENT", SocketDriver.message("6b00e09aa1b2c3d4e5000003"))
            var chats = session.chats.makeAsyncIterator()
            let own = try #require(await chats.next())
            #expect(own.id == "m-1" && own.body == "two & three" && own.html == "two &amp; three")
            let other = try #require(await chats.next())
            #expect(other.id == "6b00e09aa1b2c3d4e5000002" && other.body == "Hello you")
            #expect(other.sender?.displayName == "Bob" && other.space == SocketDriver.space && other.spaceTitle == "Trip")
            #expect(other.created == Timestamp(rfc3339: "2026-01-05T10:00:00.123Z"))
            #expect(await chats.next()?.id == "6b00e09aa1b2c3d4e5000003")
            session.leaveGroupSpace(SocketDriver.space)
            let error = await #expect(throws: ServiceError.self) {
                try await session.sendGroupChatMessage("late", to: SocketDriver.space)
            }
            #expect(error?.code == .invalid && error?.certainty == .notApplied)
        }
        #expect(try await session.user().displayName == "Ann")
        #expect(
            rest.seen.withLock { $0.map { $0.path ?? "" }.sorted() } == ["/api/spaces/\(SocketDriver.space)", "/api/users/me"])
        #expect(spaces.state.withLock { $0.open } == 0)
    }

    @Test func `spaces are entered again after a drop`() async throws {
        let spaces = FakeSpaces()
        let session = session(spaces)
        try await run(session) {
            try await session.enterGroupSpace(SocketDriver.space)
            spaces.cut()
            // On its second connection; what is sent before it is subscribed again waits.
            for await number in spaces.requested where number == 2 { break }
            let id = try await session.sendGroupChatMessage("after the drop", to: SocketDriver.space)
            #expect(id == "m-1")
        }
        #expect(spaces.state.withLock { $0.requests.count } == 2)
    }

    @Test func `a password goes with the look-up and the subscription`() async throws {
        let spaces = FakeSpaces()
        let session = session(spaces)
        try await run(session) { try await session.enterGroupSpace(SocketDriver.space, password: "sesame") }
        #expect(spaces.state.withLock { $0.sent.contains { $0.contains(#""password":"sesame""#) } })
        let name = try #require(HTTPField.Name("spaces-x-space-password"))
        #expect(rest.seen.withLock { $0.compactMap { $0.headerFields[name] } } == ["sesame"])
    }

    @Test func `a space that isn't there, or doesn't let in, is not entered`() async throws {
        let spaces = FakeSpaces()
        let session = session(spaces)
        try await run(session) {
            let missing = await #expect(throws: ServiceError.self) { try await session.enterGroupSpace("nowhere") }
            #expect(missing?.code == .notFound)
        }
        let refusing = FakeSpaces([.open(refusesSubscriptions: true)])
        let other = self.session(refusing)
        try await run(other) {
            let refused = await #expect(throws: ServiceError.self) { try await other.enterGroupSpace(SocketDriver.space) }
            #expect(refused == ServiceError(.forbidden, certainty: .notApplied))
        }
    }

    @Test func `entering waits for the connection and can be given up`() async throws {
        let spaces = FakeSpaces([.hangs])
        let session = session(spaces)
        try await run(session) {
            let entering = Task { () -> ServiceError? in
                do throws(ServiceError) {
                    try await session.enterGroupSpace(SocketDriver.space)
                    return nil
                } catch {
                    return error
                }
            }
            for await _ in spaces.requested { break }
            entering.cancel()
            #expect(await entering.value?.code == .cancelled)
        }
    }

    @Test func `a session without a valid user does not start`() async throws {
        let credential = FakeCredential()
        credential.state.withLock { $0.failure = ServiceError(.unauthenticated, certainty: .notApplied) }
        let spaces = FakeSpaces()
        let session = session(spaces, credential)
        let error = await #expect(throws: ServiceError.self) { try await session.start() }
        #expect(error?.code == .unauthenticated)
        #expect(spaces.state.withLock { $0.requests.isEmpty })
    }
}
