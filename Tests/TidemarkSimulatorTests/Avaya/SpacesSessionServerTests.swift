#if Tools
import Foundation
import Synchronization
import Testing
import TidemarkAsyncHTTPClient
import TidemarkAvaya
import TidemarkModel
import TidemarkSimulatorServer
@testable import TidemarkSimulator

/// The adapter's session over real sockets against the simulator's server: two programs that share no line of the protocol.
@Suite(.timeLimit(.minutes(2)))
struct SpacesSessionServerTests {
    /// The present token of a user of the simulator.
    private final class SimulatedCredential: AvayaCredential {
        let server: AvayaServer
        let user: Int
        let renewals = Mutex(0)

        init(_ server: AvayaServer, user: Int) {
            self.server = server
            self.user = user
        }

        func access() async throws(ServiceError) -> AvayaAccess {
            AvayaAccess(scheme: .jwt, token: server.with { [user] in $0.simulator.users[user].token })
        }

        func renewed(after refused: AvayaAccess) async throws(ServiceError) -> AvayaAccess {
            renewals.withLock { $0 += 1 }
            server.with { $0.simulator.renewTokens(now: Self.now) }
            return try await access()
        }

        static let now = Timestamp(milliseconds: 1_700_000_000_000)
    }

    private struct Stage: Sendable {
        var server: AvayaServer
        var description: AvayaDescription
        var http: AsyncHTTPClientTransport
        var space: RemoteConversationID { RemoteConversationID(rawValue: description.spaces[0]) }
        var now: Timestamp { SimulatedCredential.now }

        func credential(_ user: Int = 0) -> some AvayaCredential { SimulatedCredential(server, user: user) }

        func session(
            _ credential: any AvayaCredential, notice: @escaping @Sendable (AvayaRealtimeNotice) -> Void = { _ in }
        ) throws -> SpacesSession {
            let rest = try #require(URL(string: description.url))
            let socket = try #require(URL(string: description.socketURL))
            var configuration = AvayaRealtimeConfiguration()
            configuration.socket.firstDelay = .milliseconds(10)
            configuration.socket.firstRefusalDelay = .milliseconds(10)
            return SpacesSession(
                credential: credential, servers: AvayaServers(rest: rest, socket: socket, accounts: rest), transport: http,
                socket: NIOWebSocketTransport(), configuration: configuration, notice: notice)
        }

        func cut() {
            server.with { [now] faulty in
                let connection = faulty.simulator.connections(of: faulty.simulator.users[0].id).last ?? 0
                faulty.simulator.cut(connection, now: now)
            }
        }

        func say(_ text: String) {
            server.with { [now, space] faulty in
                let bob = faulty.simulator.users[1].id
                _ = faulty.simulator.send(text, as: bob, in: space.rawValue, now: now)
            }
        }
    }

    private func serving(
        _ behavior: AvayaBehavior = AvayaBehavior(), _ body: @escaping @Sendable (Stage) async throws -> Void
    ) async throws {
        let clock = VirtualClock(start: SimulatedCredential.now)
        var avaya = AvayaSimulator(behavior: behavior, now: clock.now)
        avaya.fill(SeedData(), now: clock.now)
        var limits = AvayaSocketLimits()
        limits.fragmentBytes = 1_000
        let server = AvayaServer(FaultyAvaya(avaya), limits: limits, clock: clock)
        let (ready, announce) = AsyncStream.makeStream(of: AvayaDescription.self)
        let http = AsyncHTTPClientTransport()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { announce.finish() }
                try await server.run { announce.yield($0) }
            }
            var start = ready.makeAsyncIterator()
            if let description = await start.next() {
                do {
                    try await body(Stage(server: server, description: description, http: http))
                } catch {
                    Issue.record(error)
                }
            } else {
                Issue.record("the server did not start")
            }
            group.cancelAll()
            try await group.waitForAll()
        }
        await http.shutdown()
    }

    private func running(_ session: SpacesSession, _ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do throws(ServiceError) {
                    try await session.start()
                } catch {
                    #expect(error.code == .cancelled)
                }
            }
            try await body()
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    @Test func `a whole session with a drop`() async throws {
        try await serving { stage in
            let session = try stage.session(stage.credential())
            try await running(session) {
                let space = try await session.enterGroupSpace(stage.space)
                #expect(space.id == stage.space && space.title?.isEmpty == false)
                let id = try await session.sendGroupChatMessage("Hello & goodbye", to: stage.space)
                let large = String(repeating: "ž", count: 150_000)
                stage.say(large)
                var chats = session.chats.makeAsyncIterator()
                let own = try #require(await chats.next())
                #expect(own.id == id && own.body == "Hello & goodbye")
                let other = try #require(await chats.next())
                #expect(other.body == large && other.sender?.displayName == "Bob")
                stage.cut()
                // What was under way at the cut may be lost; a later one passes.
                var later: RemoteMessageID?
                for _ in 0..<20 where later == nil { later = try? await session.sendGroupChatMessage("after", to: stage.space) }
                let sent = try #require(later)
                while let chat = await chats.next(), chat.id != sent { #expect(chat.body == "after") }
                let copies = stage.server.with { faulty in
                    faulty.simulator.copies(of: "Hello &amp; goodbye").count
                }
                #expect(copies == 1)
                let open = stage.server.with { $0.simulator.connectionCount }
                #expect(open == 1)
            }
        }
    }

    @Test func `a token that ended is renewed when the connection is made again`() async throws {
        var behavior = AvayaBehavior()
        behavior.checksTokenAtHandshake = true
        try await serving(behavior) { stage in
            let credential = SimulatedCredential(stage.server, user: 0)
            let session = try stage.session(credential)
            try await running(session) {
                try await session.enterGroupSpace(stage.space)
                stage.server.with { faulty in faulty.simulator.revokeTokens(of: faulty.simulator.users[0].id) }
                stage.cut()
                var sent: RemoteMessageID?
                for _ in 0..<20 where sent == nil { sent = try? await session.sendGroupChatMessage("renewed", to: stage.space) }
                #expect(sent != nil)
                #expect(credential.renewals.withLock { $0 } > 0)
            }
        }
    }

    @Test func `a fourth connection is refused, and said to be that`() async throws {
        try await serving { stage in
            let (notices, notice) = AsyncStream.makeStream(of: AvayaRealtimeNotice.self)
            let sessions = try (0..<3).map { _ in try stage.session(stage.credential()) }
            let fourth = try stage.session(stage.credential()) { notice.yield($0) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for session in sessions {
                    group.addTask { try? await session.start() }
                    try await session.enterGroupSpace(stage.space)
                }
                group.addTask { try? await fourth.start() }
                var heard = notices.makeAsyncIterator()
                #expect(await heard.next() == .refused(.tooManyConnections))
                group.cancelAll()
                try await group.waitForAll()
            }
        }
    }
}
#endif
