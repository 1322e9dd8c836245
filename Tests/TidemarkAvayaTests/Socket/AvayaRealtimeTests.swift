import Foundation
import HTTPTypes
import Synchronization
import Testing
import TidemarkModel

@testable import TidemarkAvaya

/// The socket with everything around it but the network: whole sessions in no time.
@Suite(.timeLimit(.minutes(2))) struct AvayaRealtimeTests {
    @Test func `a session is connected, delivers, and says what it missed`() async throws {
        let harness = RealtimeHarness()
        try await harness.run { _ in
            try await harness.expect([.connected])
            harness.spaces.push("MESSAGE_SENT", SocketDriver.message("m-1"))
            try await harness.expect([.message(RemoteMessage(id: "m-1"), in: SocketDriver.space)])
            harness.spaces.cut()
            try await harness.expect([.disconnected, .connected])
            // The same once more, and another one.
            harness.spaces.push("MESSAGE_SENT", SocketDriver.message("m-1"))
            harness.spaces.push("MESSAGE_SENT", SocketDriver.message("m-2"))
            try await harness.expect([.message(RemoteMessage(id: "m-2"), in: SocketDriver.space)])
        }
        #expect(
            harness.spaces.state.withLock { $0.sent.prefix(2) } == [
                "40/chat?token=token-1&tokenType=jwt,", SpacesEvent.subscribing(SocketDriver.space, password: nil),
            ])
        let request = harness.spaces.state.withLock { $0.requests.first }
        #expect(request?.path == "/base/socket.io/?token=token-1&tokenType=jwt&EIO=3&transport=websocket")
        #expect(request?.authority == "socket.example:8443" && request?.scheme == "https")
    }

    @Test(arguments: 1...6) func `a connection that is cut at any frame is followed by another`(_ frames: Int) async throws {
        let harness = RealtimeHarness([.open(cutAfter: frames), .open(cutAfter: frames), .open()])
        try await harness.run { _ in
            for turn in 0..<2 where frames >= 4 {
                try await harness.expect([.connected])
                for frame in 4..<frames {
                    harness.spaces.push("MESSAGE_SENT", SocketDriver.message("m-\(turn)-\(frame)"))
                    try await harness.expect([
                        .message(RemoteMessage(id: RemoteMessageID("m-\(turn)-\(frame)")), in: SocketDriver.space)
                    ])
                }
                try await harness.expect([.disconnected])
            }
            try await harness.expect([.connected])
            harness.spaces.push("MESSAGE_SENT", SocketDriver.message("last"))
            try await harness.expect([.message(RemoteMessage(id: "last"), in: SocketDriver.space)])
        }
        #expect(harness.spaces.state.withLock { $0.requests.count } == 3)
        #expect(harness.spaces.state.withLock { $0.mostOpen } == 1)
    }

    @Test func `a token that was refused on reconnect is renewed`() async throws {
        let harness = RealtimeHarness([.open(), .refused(401), .open()])
        try await harness.run { _ in
            try await harness.expect([.connected])
            harness.spaces.cut()
            try await harness.expect([.disconnected, .connected])
        }
        #expect(harness.spaces.tokens == ["token-1", "token-1", "token-2"])
        #expect(harness.credential.state.withLock { $0.refused } == ["token-1"])
        #expect(harness.notices == [.refused(.token)])
    }

    @Test func `a service that is not there is tried again`() async throws {
        let harness = RealtimeHarness([.unreachable, .unreachable, .open()])
        try await harness.run { _ in try await harness.expect([.connected]) }
        #expect(harness.spaces.state.withLock { $0.requests.count } == 3)
    }

    @Test func `a silent connection is noticed and left`() async throws {
        let harness = RealtimeHarness([.open(), .open()])
        try await harness.run { _ in
            try await harness.expect([.connected])
            harness.clock.advance(by: .seconds(25))
            var texts = harness.spaces.texts.makeAsyncIterator()
            while let text = await texts.next(), text != "2" {}
            // It was answered; nothing happened.
            harness.spaces.push("MESSAGE_SENT", SocketDriver.message("m-1"))
            try await harness.expect([.message(RemoteMessage(id: "m-1"), in: SocketDriver.space)])
        }
        #expect(harness.spaces.state.withLock { $0.requests.count } == 1)
    }

    @Test func `an event that can't be read is a gap`() async throws {
        let harness = RealtimeHarness()
        try await harness.run { _ in
            try await harness.expect([.connected])
            harness.spaces.push("BROKEN", "{}")
            try await harness.expect([.disconnected, .connected])
            harness.spaces.push("MESSAGE_SENT", #"{"_id":"#)
            try await harness.expect([.disconnected, .connected])
        }
        #expect(harness.notices == [.unreadable, .unreadable])
    }

    @Test func `a slow consumer loses what is too much, and is told`() async throws {
        var configuration = AvayaRealtimeConfiguration()
        configuration.maximumWaitingEvents = 50
        let harness = RealtimeHarness(configuration: configuration)
        try await harness.run { realtime in
            try await harness.expect([.connected])
            // With a number at the end each of them is another message. The send behind them has to wait for all of them.
            for number in 0..<5_000 { harness.spaces.push("MESSAGE_SENT", SocketDriver.message("n-\(number)")) }
            _ = try await realtime.send(SpacesMessage(token: "t-1", space: SocketDriver.space, body: "hi"))
            var count = 0
            var gaps = 0
            try await harness.until { event in
                count += 1
                if event == .disconnected { gaps += 1 }
                return event == .message(RemoteMessage(id: "m-1"), in: SocketDriver.space)
            }
            #expect(gaps == 1 && count <= 52)
        }
        #expect(harness.notices.contains(.overflow))
    }

    // MARK: Sending

    @Test func `a send ends with its echo, its refusal, or unknown`() async throws {
        let harness = RealtimeHarness()
        try await harness.run { realtime in
            try await harness.expect([.connected])
            let accepted = try await realtime.send(SpacesMessage(token: "t-1", space: SocketDriver.space, body: "<p>hi</p>"))
            #expect(accepted == "m-1")
            harness.spaces.state.withLock { $0.refusesSends = true }
            #expect(await harness.failure(realtime, "t-2") == ServiceError(.invalid, certainty: .notApplied))
            harness.spaces.state.withLock { $0.swallowsSends = true }
            async let lost = harness.failure(realtime, "t-3")
            var texts = harness.spaces.texts.makeAsyncIterator()
            while let text = await texts.next(), !text.contains("t-3") {}
            harness.spaces.cut()
            #expect(await lost == ServiceError(.answerLost, certainty: .unknown))
        }
    }

    @Test func `a send that is cancelled says whether it had left`() async throws {
        let harness = RealtimeHarness()
        harness.spaces.state.withLock { $0.swallowsSends = true }
        try await harness.run { realtime in
            try await harness.expect([.connected])
            let left = Task { await harness.failure(realtime, "t-1") }
            var texts = harness.spaces.texts.makeAsyncIterator()
            while let text = await texts.next(), !text.contains("t-1") {}
            left.cancel()
            #expect(await left.value == ServiceError(.cancelled, certainty: .unknown))
            let early = Task {
                await untilCancelled()
                return await harness.failure(realtime, "t-2")
            }
            early.cancel()
            #expect(await early.value == ServiceError(.cancelled, certainty: .notApplied))
        }
        // Nobody runs it any more.
        #expect(await harness.failure(harness.realtime, "t-4")?.certainty == .notApplied)
    }

    // MARK: Cancellation, at each place where it waits

    @Test func `cancelling while the credential is asked`() async throws {
        let harness = RealtimeHarness(credential: FakeCredential(hangs: true))
        try await harness.run { _ in await harness.first(of: harness.credential.asked) }
        #expect(harness.spaces.state.withLock { $0.requests.isEmpty })
    }

    @Test(arguments: [FakeSpaces.Opening.hangs, .stuck, .silent])
    func `cancelling while it connects, writes, or waits for the service`(_ opening: FakeSpaces.Opening) async throws {
        let harness = RealtimeHarness([opening])
        try await harness.run { _ in await harness.first(of: harness.spaces.requested) }
    }

    @Test func `cancelling while the list of spaces is asked for`() async throws {
        let (asked, ask) = AsyncStream.makeStream(of: Void.self)
        let harness = RealtimeHarness { () async throws(ServiceError) in
            ask.yield()
            await untilCancelled()
            throw ServiceError(.cancelled, certainty: .notApplied)
        }
        try await harness.run { _ in await harness.first(of: asked) }
    }

    @Test func `a list that fails is asked for again, and up waits for it`() async throws {
        let calls = Mutex(0)
        let (asked, ask) = AsyncStream.makeStream(of: Int.self)
        let harness = RealtimeHarness { () async throws(ServiceError) in
            let call = calls.withLock { calls in
                calls += 1
                return calls
            }
            ask.yield(call)
            if call == 1 { throw ServiceError(.serverFailure, certainty: .notApplied) }
            return [SocketDriver.space]
        }
        try await harness.run { _ in
            var asks = asked.makeAsyncIterator()
            #expect(await asks.next() == 1)
            // However often the time comes, the next try waits for its moment.
            while harness.clock.sleepers == 0 { await Task.yield() }
            harness.clock.advance(by: .seconds(20))
            try await harness.expect([.connected])
        }
    }

    @Test func `it can be run again, and only once at a time`() async throws {
        let harness = RealtimeHarness()
        try await harness.run { realtime in
            try await harness.expect([.connected])
            await realtime.run()
            harness.spaces.push("MESSAGE_SENT", SocketDriver.message("m-1"))
            try await harness.until { $0 == .message(RemoteMessage(id: "m-1"), in: SocketDriver.space) }
        }
        try await harness.run { _ in try await harness.expect([.disconnected, .connected]) }
    }
}

/// A realtime channel on a service in memory, and what it told.
final class RealtimeHarness: Sendable {
    let spaces: FakeSpaces
    let credential: FakeCredential
    let clock = StepClock()
    let realtime: AvayaRealtime

    init(
        _ openings: [FakeSpaces.Opening] = [.open()], credential: FakeCredential = FakeCredential(),
        configuration: AvayaRealtimeConfiguration = AvayaRealtimeConfiguration(),
        list: @escaping @Sendable () async throws(ServiceError) -> [RemoteConversationID] = { () async throws(ServiceError) in
            [SocketDriver.space]
        }
    ) {
        let told = Told()
        spaces = FakeSpaces(openings)
        self.credential = credential
        realtime = AvayaRealtime(
            endpoint: URL(string: "https://socket.example:8443/base/") ?? URL(filePath: "/"), credential: credential,
            transport: spaces, configuration: configuration, clock: clock, seed: 1, spaces: list,
            decode: { name, payload throws(ServiceError) in
                guard name != "BROKEN" else { throw ServiceError(.unreadable, certainty: .unknown) }
                guard name == "MESSAGE_SENT", let id = SocketJSON(payload)["_id"]?.text else { return [] }
                return [.message(RemoteMessage(id: RemoteMessageID(rawValue: id)), in: SocketDriver.space)]
            }, notice: { notice in told.list.withLock { $0.append(notice) } })
        notes = told
    }

    private final class Told: Sendable {
        let list = Mutex<[AvayaRealtimeNotice]>([])
    }

    private let notes: Told
    var notices: [AvayaRealtimeNotice] { notes.list.withLock { $0 } }

    /// Runs it beside the body, then ends it; nothing is open or waits after that.
    func run(_ body: @escaping @Sendable (AvayaRealtime) async throws -> Void) async throws {
        try await withThrowingTaskGroup { group in
            group.addTask { await self.realtime.run() }
            try await body(self.realtime)
            group.cancelAll()
            try await group.waitForAll()
        }
        #expect(spaces.state.withLock { $0.open } == 0)
        #expect(clock.sleepers == 0)
    }

    /// The next events are these.
    func expect(_ events: [RemoteEvent]) async throws {
        var rest = events[...]
        try await until { event in
            #expect(event == rest.first)
            rest = rest.dropFirst()
            return rest.isEmpty
        }
    }

    func until(_ isLast: (RemoteEvent) -> Bool) async throws {
        for try await event in realtime.events() where isLast(event) { return }
    }

    func failure(_ realtime: AvayaRealtime, _ token: Token) async -> ServiceError? {
        do throws(ServiceError) {
            _ = try await realtime.send(SpacesMessage(token: token, space: SocketDriver.space, body: "hi"))
            return nil
        } catch {
            return error
        }
    }

    func first<Element: Sendable>(of stream: AsyncStream<Element>) async {
        for await _ in stream { return }
    }
}
