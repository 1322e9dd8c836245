import Testing
import TidemarkModel

@testable import TidemarkAvaya

@Suite struct SpacesSocketSubscribingTests {
    private typealias D = SocketDriver

    @Test func `a password goes along`() throws {
        var driver = D()
        driver.join()
        let written = try #require(driver.put(.subscribe(D.space, password: "a\"b")).written.first)
        #expect(written.hasSuffix(#"{"channel":{"_id":"5f2276a8fe5c16664f01c5be","type":"topic","password":"a\"b"}}]"#))
        driver.confirm(D.space)
        // Another password asks again; the same does not.
        #expect(driver.put(.subscribe(D.space, password: "a\"b")) == [.tell(.subscribed(D.space))])
        #expect(driver.put(.subscribe(D.space, password: "c")).written.count == 1)
    }

    @Test func `everything is subscribed to again after a loss`() {
        var driver = D()
        driver.enter()
        driver.enter(D.other)
        #expect(driver.drop() == [.tell(.down)])
        driver.wake()
        let again = driver.join().written
        #expect(again.suffix(2) == [D.space, D.other].map { SpacesEvent.subscribing($0, password: nil) })
        driver.confirm(D.space)
        #expect(driver.confirm(D.other).news == [.subscribed(D.other), .up])
    }

    @Test func `what is not answered is asked three times and then later`() {
        var driver = D()
        driver.join()
        #expect(driver.put(.subscribe(D.space, password: nil)).written.count == 1)
        #expect(driver.pass(9_999) == [])
        #expect(driver.pass(1).written.count == 1)
        #expect(driver.pass(10_000).written.contains(SpacesEvent.subscribing(D.space, password: nil)))
        let given = driver.pass(10_000)
        #expect(given.news == [.subscriptionRefused(D.space)])
        driver.hear("3")
        for _ in 0..<50 where !driver.wake().written.contains(SpacesEvent.subscribing(D.space, password: nil)) {
            driver.hear("3")
        }
        #expect(driver.now >= 1_000_000 + 30_000 + 300_000)
    }

    @Test(arguments: [
        #"{"channel":{"_id":"5f2276a8fe5c16664f01c5be"}}"#, #"{"topicId":"5f2276a8fe5c16664f01c5be","message":"no"}"#,
        #"{"_id":"5f2276a8fe5c16664f01c5be"}"#, #"{"error":{"code":"x"}}"#, "{}", "[]", "null", "\"no\"", "17",
    ])
    func `a refusal is understood in whatever form`(_ payload: String) {
        var driver = D()
        driver.join()
        driver.put(.subscribe(D.space, password: nil))
        driver.put(.subscribe(D.other, password: nil))
        #expect(driver.hear("SUBSCRIBE_CHANNEL_FAILED", payload).news == [.subscriptionRefused(D.space)])
        #expect(driver.confirm(D.other).news == [.subscribed(D.other), .up])
        #expect(driver.hear("SUBSCRIBE_CHANNEL_FAILED", payload) == [])
    }

    @Test func `a refusal without a payload is one, too`() {
        var driver = D()
        driver.join()
        driver.put(.subscribe(D.space, password: nil))
        #expect(driver.hear("42/chat,[\"SUBSCRIBE_CHANNEL_FAILED\"]").news.first == .subscriptionRefused(D.space))
    }

    @Test func `up comes when some are refused, and without them`() {
        var driver = D(lists: true)
        driver.join()
        driver.put(.want([D.space]))
        let refused = driver.hear("SUBSCRIBE_CHANNEL_FAILED", #"{"channel":{"_id":"\#(D.space)"}}"#)
        #expect(refused.news == [.subscriptionRefused(D.space), .up])
    }

    @Test func `whoever is taken out of a space is not let in again at once`() {
        var driver = D()
        driver.enter()
        let out = driver.hear("CHANNEL_UNSUBSCRIBED", #"{"channel":{"_id":"\#(D.space)","type":"topic"}}"#)
        #expect(out == [.tell(.subscriptionRefused(D.space))])
        driver.hear("3")
        #expect(driver.put(.subscribe(D.space, password: nil)).written.count == 1)
    }

    @Test func `leaving is told, and a confirmation that comes late is left again`() {
        var driver = D()
        driver.enter()
        #expect(driver.put(.unsubscribe(D.space)).written == [SpacesEvent.unsubscribing(D.space)])
        #expect(driver.put(.unsubscribe(D.space)) == [])
        #expect(driver.confirm(D.space).written == [SpacesEvent.unsubscribing(D.space)])
        driver.put(.subscribe(D.other, password: nil))
        driver.drop()
        #expect(driver.put(.unsubscribe(D.other)) == [])
    }

    @Test func `a list does not take away what the program entered itself`() {
        var driver = D(lists: true)
        driver.put(.subscribe(D.other, password: nil))
        driver.join()
        driver.confirm(D.other)
        #expect(driver.put(.want([])).written.isEmpty)
        #expect(driver.socket.order == [D.other])
    }

    @Test func `few questions are open at a time, and many spaces keep to the rate`() {
        var driver = D(lists: true)
        driver.join()
        let spaces = (0..<450).map { RemoteConversationID(rawValue: "space-\($0)") }
        var written = driver.put(.want(spaces)).written
        #expect(written.count == 4)
        var asked = 0
        var stamps: [Int64] = []
        while asked < written.count {
            stamps.append(driver.now)
            written += driver.confirm(spaces[asked]).written.filter { $0.contains("SUBSCRIBE") }
            asked += 1
            if asked == written.count, asked < spaces.count {
                driver.hear("3")
                written += driver.wake().written.filter { $0.contains("SUBSCRIBE") }
                // A heartbeat may be due first.
                for _ in 0..<20 where asked == written.count {
                    driver.hear("3")
                    written += driver.wake().written.filter { $0.contains("SUBSCRIBE") }
                }
            }
        }
        #expect(written.count == 450)
        #expect(driver.now - 1_000_000 >= 120_000 && driver.now - 1_000_000 < 200_000)
        #expect(driver.socket.isUp)
    }

    @Test func `no more spaces than the limit`() {
        var configuration = SpacesSocketConfiguration()
        configuration.maximumSpaces = 2
        var driver = D(configuration, lists: true)
        driver.join()
        #expect(driver.put(.want(["a", "b", "c"])).written.count == 2)
        #expect(driver.put(.subscribe("d", password: nil)).news == [.subscriptionRefused("d")])
    }
}
