import Testing
import TidemarkModel

@testable import TidemarkAvaya

@Suite struct SpacesSocketSendingTests {
    private typealias D = SocketDriver
    private static let unknown = Result<RemoteMessageID, ServiceError>.failure(ServiceError(.answerLost, certainty: .unknown))
    private static let unsent = Result<RemoteMessageID, ServiceError>.failure(
        ServiceError(.unreachable, certainty: .notApplied, scope: .account))

    @Test func `a send is accepted by the echo that carries its token, and only by it`() throws {
        var driver = D()
        driver.enter()
        let written = driver.send("t-1", "<p>hi</p>").written
        #expect(written.count == 1)
        #expect(try #require(written.first).contains(#""loopbackMetadata":{"token":"t-1"}"#))
        #expect(driver.hear("MESSAGE_SENT", D.message("m-0")).settled.isEmpty)
        #expect(driver.hear("MESSAGE_SENT", D.message("m-9", token: "t-9")).settled.isEmpty)
        let echo = driver.hear("MESSAGE_SENT", D.message("m-1", token: "t-1"))
        #expect(echo.settled == ["t-1": .success("m-1")])
        #expect(echo.news.count == 1)
        #expect(driver.hear("MESSAGE_SENT", D.message("m-1", token: "t-1")) == [])
        #expect(driver.pass(20_000).settled.isEmpty)
    }

    @Test func `an echo that was delivered before without its token still settles`() {
        var driver = D()
        driver.enter()
        driver.send("t-1")
        #expect(driver.hear("MESSAGE_SENT", D.message("m-1")).news.count == 1)
        let echo = driver.hear("MESSAGE_SENT", D.message("m-1", token: "t-1"))
        #expect(echo.settled == ["t-1": .success("m-1")])
        #expect(echo.news.isEmpty)
    }

    @Test func `an echo without an id leaves the outcome open`() {
        var driver = D()
        driver.enter()
        driver.send("t-1")
        let settled = driver.hear("MESSAGE_SENT", #"{"loopbackMetadata":{"token":"t-1"}}"#).settled
        #expect(settled == ["t-1": .failure(ServiceError(.unreadable, certainty: .unknown))])
    }

    @Test func `silence and a loss are both unknown`() {
        var driver = D()
        driver.enter()
        driver.send("t-1")
        driver.hear("3")
        #expect(driver.pass(19_999).settled.isEmpty)
        #expect(driver.pass(1).settled == ["t-1": Self.unknown])
        driver.send("t-2")
        #expect(driver.drop().settled == ["t-2": Self.unknown])
        driver.wake()
        driver.enter()
        driver.send("t-3")
        #expect(driver.put(.stop).settled == ["t-3": Self.unknown])
    }

    @Test func `what had not left is not applied, or leaves with the next connection`() {
        var driver = D()
        driver.enter()
        driver.drop()
        #expect(driver.send("t-1") == [])
        driver.wake()
        let effects = driver.enter()
        #expect(effects.written.contains { $0.contains("t-1") })
        driver.drop()
        driver.send("t-2")
        driver.pass(19_999)
        #expect(driver.pass(1).settled["t-2"] == Self.unsent)
        driver.send("t-3")
        #expect(driver.put(.stop).settled == ["t-3": .failure(ServiceError(.cancelled, certainty: .notApplied, scope: .account))])
    }

    @Test func `a failure with the token refuses that send`() {
        var driver = D()
        driver.enter()
        driver.send("t-1")
        driver.send("t-2")
        let failed = driver.hear(
            "SEND_MESSAGE_FAILED", #"{"loopbackMetadata":{"token":"t-2"},"error":{"code":"a.b","message":"no"}}"#)
        #expect(
            failed.settled == [
                "t-2": .failure(ServiceError(.invalid, certainty: .notApplied, serviceCode: "a.b", serviceMessage: "no"))
            ])
        #expect(driver.hear("MESSAGE_SENT", D.message("m-1", token: "t-1")).settled == ["t-1": .success("m-1")])
    }

    @Test func `a required subscription is asked for, and refuses the one send under way`() {
        var driver = D()
        driver.enter()
        driver.send("t-1")
        let failed = driver.hear(
            "SEND_MESSAGE_FAILED", #"{"category":"app.event.channel.subscription.required","topicId":"\#(D.space)"}"#)
        #expect(failed.settled == ["t-1": .failure(ServiceError(.forbidden, certainty: .notApplied))])
        #expect(failed.written == [SpacesEvent.subscribing(D.space, password: nil)])
        #expect(driver.send("t-2").written.isEmpty)
        #expect(driver.confirm(D.space).written.count == 1)
    }

    @Test func `a failure that may mean either of two refuses neither`() {
        var driver = D()
        driver.enter()
        driver.send("t-1")
        driver.send("t-2")
        #expect(driver.hear("SEND_MESSAGE_FAILED", #"{"topicId":"\#(D.space)"}"#).settled.isEmpty)
        #expect(driver.hear("SEND_MESSAGE_FAILED", #"{"topicId":"elsewhere"}"#).settled.isEmpty)
        #expect(driver.pass(20_000).settled == ["t-1": Self.unknown, "t-2": Self.unknown])
    }

    @Test func `what is too large is refused before any byte`() {
        var driver = D()
        driver.enter()
        let large = ServiceError(.tooLarge, certainty: .notApplied)
        let overhead = SpacesEvent.sending(SpacesMessage(token: "t-1", space: D.space, body: "")).utf8.count
        let room = 16 * 1024 - overhead
        let refused = driver.send("t-1", String(repeating: "é", count: room / 2 + 1))
        #expect(refused == [.settle("t-1", .failure(large))])
        #expect(driver.send("t-1", String(repeating: "x", count: room + 1)) == [.settle("t-1", .failure(large))])
        #expect(driver.send("t-1", String(repeating: "x", count: room)).written.first?.utf8.count == 16 * 1024)
    }

    @Test func `a space that was not entered, a token twice, and a full queue are refused`() {
        var configuration = SpacesSocketConfiguration()
        configuration.maximumPendingSends = 2
        var driver = D(configuration)
        driver.enter()
        #expect(
            driver.send("t-1", to: D.other).settled["t-1"]
                == .failure(
                    ServiceError(.invalid, certainty: .notApplied, serviceMessage: SpacesSocket.notEntered)))
        driver.send("t-1")
        guard case .failure(let twice)? = driver.send("t-1").settled["t-1"] else { return #expect(Bool(false)) }
        #expect(twice.code == .invalid && twice.certainty == .notApplied)
        driver.send("t-2")
        #expect(driver.send("t-3").settled["t-3"] == .failure(ServiceError(.throttled, certainty: .notApplied, scope: .account)))
        // The one under way is not touched by any of this.
        #expect(driver.hear("MESSAGE_SENT", D.message("m-1", token: "t-1")).settled == ["t-1": .success("m-1")])
    }

    @Test func `a refused or left space refuses what waits for it`() {
        var driver = D()
        driver.join()
        driver.put(.subscribe(D.space, password: nil))
        driver.send("t-1")
        let refused = driver.hear("SUBSCRIBE_CHANNEL_FAILED", "{}").settled
        #expect(refused == ["t-1": .failure(ServiceError(.forbidden, certainty: .notApplied))])
        #expect(driver.send("t-2").settled["t-2"] == .failure(ServiceError(.forbidden, certainty: .notApplied)))
        driver.put(.subscribe(D.other, password: nil))
        driver.send("t-3", to: D.other)
        #expect(driver.put(.unsubscribe(D.other)).settled.keys.contains("t-3"))
    }

    @Test func `a send that nobody waits for any more is certain only if it had not left`() {
        var driver = D()
        driver.join()
        driver.put(.subscribe(D.space, password: nil))
        driver.send("t-1")
        #expect(driver.put(.withdraw("t-1")) == [.settle("t-1", .failure(ServiceError(.cancelled, certainty: .notApplied)))])
        driver.send("t-2")
        driver.confirm(D.space)
        #expect(driver.put(.withdraw("t-2")) == [.settle("t-2", .failure(ServiceError(.cancelled, certainty: .unknown)))])
        #expect(driver.put(.withdraw("t-2")) == [])
        #expect(driver.hear("MESSAGE_SENT", D.message("m-2", token: "t-2")).settled.isEmpty)
    }

    @Test func `sends keep to the rate`() {
        var configuration = SpacesSocketConfiguration()
        configuration.sendTimeout = .seconds(300)
        configuration.maximumPendingSends = 1_000
        var driver = D(configuration)
        driver.enter()
        var written = 0
        for number in 0..<300 { written += driver.send(Token("t-\(number)")).written.count }
        // One of the minute's events was the subscription.
        #expect(written == 199)
        let effects = driver.pass(60_000)
        #expect(effects.written.count { $0.contains("SEND_MESSAGE") } == 101)
    }

    @Test func `a message is delivered once in each of its states`() {
        var driver = D()
        driver.enter()
        let first = D.message("m-1")
        #expect(driver.hear("MESSAGE_SENT", first).news.count == 1)
        #expect(driver.hear("MESSAGE_SENT", first).news.isEmpty)
        #expect(driver.hear("MESSAGE_SENT", D.message("m-1", modified: "2026-01-05T10:00:01.000Z")).news.count == 1)
        #expect(driver.hear("MESSAGE_SENT", D.message("m-1", category: "app.event.message.removed")).news.count == 1)
        #expect(driver.hear("MESSAGE_SENT", #"{"category":"topic.updated"}"#).news.count == 1)
        #expect(driver.hear("MESSAGE_SENT", #"{"category":"topic.updated"}"#).news.count == 1)
        // Also over a reconnect, whose catch-up shows it by another way.
        driver.drop()
        driver.wake()
        driver.enter()
        #expect(driver.hear("MESSAGE_SENT", first).news.isEmpty)
        for number in 0..<3_000 { driver.hear("MESSAGE_SENT", D.message("n-\(number)")) }
        #expect(driver.socket.recent.count == 1_024)
        #expect(driver.hear("MESSAGE_SENT", first).news.count == 1)
    }

    @Test func `other events pass as they are`() {
        var driver = D()
        driver.enter()
        let payload = #"{"category":"party.typing","topicId":"x"}"#
        #expect(
            driver.hear("PRESENCE_EVENT_RESPONSE", payload).news == [
                .event(name: "PRESENCE_EVENT_RESPONSE", payload: Array(payload.utf8))
            ])
        #expect(driver.hear("42/chat,[\"BARE\"]").news == [.event(name: "BARE", payload: Array("{}".utf8))])
        #expect(driver.hear("42[\"MESSAGE_SENT\",\(D.message("m-1"))]").news.isEmpty)
    }
}
