import Testing
import TidemarkModel

@testable import TidemarkAvaya

/// The connection: handshake, heartbeat, loss and refusal.
@Suite struct SpacesSocketTests {
    @Test func `the handshake goes step by step`() {
        var driver = SocketDriver()
        #expect(driver.put(.start) == [.connect(connection: 1, renewing: false)])
        #expect(driver.put(.opened(connection: 1, SocketDriver.access)) == [])
        #expect(driver.hear(SocketDriver.opening) == [])
        #expect(driver.hear("40") == [.write(SocketDriver.joining, connection: 1)])
        #expect(driver.hear("40") == [])
        #expect(driver.hear("40/chat") == [.tell(.up)])
        #expect(driver.hear("40/chat,") == [])
    }

    @Test func `the list is asked for once the namespace is open, and up waits for all of it`() {
        var driver = SocketDriver(lists: true)
        #expect(driver.join().suffix(1) == [.list])
        let effects = driver.put(.want([SocketDriver.space, SocketDriver.other, SocketDriver.space]))
        #expect(effects.written == [SocketDriver.space, SocketDriver.other].map { SpacesEvent.subscribing($0, password: nil) })
        #expect(driver.confirm(SocketDriver.space).news == [.subscribed(SocketDriver.space)])
        #expect(driver.confirm(SocketDriver.other).news == [.subscribed(SocketDriver.other), .up])
        #expect(driver.confirm(SocketDriver.other) == [])
    }

    @Test func `an empty list is up at once, and a later space is told as up again`() {
        var driver = SocketDriver(lists: true)
        driver.join()
        #expect(driver.put(.want([])) == [.tell(.up)])
        #expect(driver.pass(180_000).contains(.list))
        #expect(driver.put(.want([SocketDriver.space])).news == [])
        #expect(driver.confirm(SocketDriver.space).news == [.subscribed(SocketDriver.space), .up])
        #expect(driver.put(.want([])).written == [SpacesEvent.unsubscribing(SocketDriver.space)])
    }

    @Test func `a list that fails is asked for again`() {
        var driver = SocketDriver(lists: true)
        driver.join()
        #expect(driver.put(.listFailed) == [])
        #expect(driver.pass(19_999) == [])
        #expect(driver.pass(1) == [.list])
        #expect(driver.pass(1_000_000).contains(.list) == false)
    }

    @Test func `the client asks for life, and any frame is an answer`() {
        var driver = SocketDriver()
        driver.join()
        #expect(driver.pass(24_999) == [])
        #expect(driver.pass(1) == [.write("2", connection: 1)])
        #expect(driver.pass(59_999) == [])
        // Late, and so the next question is due at once.
        #expect(driver.hear("42/chat,[\"ANYTHING\",{}]").written == ["2"])
        driver.hear("3")
        #expect(driver.pass(25_000) == [.write("2", connection: 1)])
        let effects = driver.pass(60_000)
        #expect(effects == [.close(connection: 1), .tell(.down)])
    }

    @Test(
        arguments: [
            ("\"pingInterval\":1,\"pingTimeout\":1", 1_000, 1_000),
            ("\"pingInterval\":9e15,\"pingTimeout\":9e15", 300_000, 300_000),
            ("\"pingInterval\":0,\"pingTimeout\":-5", 25_000, 60_000), ("\"x\":1", 25_000, 60_000),
        ] as [(String, Int64, Int64)])
    func `the server's heartbeat is taken within bounds`(_ members: String, _ interval: Int64, _ timeout: Int64) {
        var driver = SocketDriver()
        driver.open()
        driver.hear("0{\(members)}")
        driver.hear("40")
        driver.hear("40/chat")
        #expect(driver.pass(interval - 1) == [])
        #expect(driver.pass(1).written == ["2"])
        #expect(driver.pass(timeout - 1) == [])
        #expect(driver.pass(1).closes == 1)
    }

    @Test func `a ping of the server is answered, and an event that asks for it as well`() {
        var driver = SocketDriver()
        driver.join()
        #expect(driver.hear("2probe") == [.write("3probe", connection: 1)])
        #expect(driver.hear("42/chat,7[\"SOMETHING\",{}]").written == ["43/chat,7[]"])
    }

    @Test(arguments: ["", SocketDriver.opening, SocketDriver.opening + "\n40"])
    func `a handshake that stops anywhere is given up in time`(_ heard: String) {
        var driver = SocketDriver()
        driver.open()
        for line in heard.split(separator: "\n") { driver.hear(String(line)) }
        #expect(driver.pass(19_999).closes == 0)
        let effects = driver.pass(1)
        #expect(effects == [.close(connection: 1)])
        #expect(driver.wake() == [.connect(connection: 2, renewing: false)])
    }

    @Test(arguments: ["1", "41/chat", "41"])
    func `a goodbye of the server leads to another connection`(_ frame: String) {
        var driver = SocketDriver()
        driver.join()
        #expect(driver.hear(frame) == [.close(connection: 1), .tell(.down)])
        #expect(driver.wake() == [.connect(connection: 2, renewing: false)])
    }

    @Test func `what belongs to an earlier connection changes nothing`() {
        var driver = SocketDriver()
        driver.join()
        driver.drop()
        driver.wake()
        #expect(driver.put(.closed(.lost, connection: 1)) == [])
        #expect(driver.put(.opened(connection: 1, SocketDriver.access)) == [])
        #expect(driver.put(.text(SocketDriver.opening, connection: 1)) == [])
        #expect(driver.put(.opened(connection: 2, SocketDriver.access)) == [])
        #expect(driver.hear(SocketDriver.opening) + driver.hear("40") == [.write(SocketDriver.joining, connection: 2)])
    }

    @Test func `waits grow to five seconds and are drawn`() {
        var shortest: [Int64] = [.max, .max, .max, .max, .max]
        var longest: [Int64] = [0, 0, 0, 0, 0]
        for seed in 0..<200 as Range<UInt64> {
            var driver = SocketDriver(seed: seed)
            driver.put(.start)
            for turn in 0..<5 {
                driver.drop()
                let begin = driver.now
                driver.wake()
                shortest[turn] = min(shortest[turn], driver.now - begin)
                longest[turn] = max(longest[turn], driver.now - begin)
            }
        }
        for (turn, delay) in [1_000, 2_000, 4_000, 5_000, 5_000].enumerated() as EnumeratedSequence<[Int64]> {
            #expect(shortest[turn] >= delay / 2 && shortest[turn] < delay * 6 / 10)
            #expect(longest[turn] <= delay * 3 / 2 && longest[turn] > delay * 14 / 10)
        }
    }

    @Test func `a connection that held begins the waits anew, one that did not goes on with them`() {
        var configuration = SpacesSocketConfiguration()
        configuration.jitter = 0
        var driver = SocketDriver(configuration)
        var waits: [Int64] = []
        for held in [0, 0, 9_999, 10_000, 0] as [Int64] {
            driver.join()
            driver.pass(held)
            driver.drop()
            let begin = driver.now
            driver.wake()
            waits.append(driver.now - begin)
            driver.put(.closed(.lost, connection: driver.socket.connection))
            driver.wake()
            driver.put(.opened(connection: driver.socket.connection, SocketDriver.access))
            driver.drop()
        }
        #expect(waits == [1_000, 5_000, 5_000, 1_000, 5_000])
    }

    @Test(arguments: [401, 403]) func `a refused token is renewed before the next connection`(_ status: Int) {
        var driver = SocketDriver()
        driver.put(.start)
        #expect(driver.put(.closed(.refused(status: status), connection: 1)) == [.tell(.refused(.token))])
        #expect(driver.wake() == [.connect(connection: 2, renewing: true)])
        driver.put(.opened(connection: 2, SocketDriver.access))
        driver.drop()
        #expect(driver.wake() == [.connect(connection: 3, renewing: false)])
    }

    @Test(arguments: [
        ("44/chat,\"Invalid token\"", SpacesSocketRefusal.token), ("44/chat,{\"message\":\"jwt expired\"}", .token),
        ("44/chat", .token), ("44,\"unauthorized\"", .token),
        ("44/chat,\"Too many connections\"", .tooManyConnections),
        ("44/chat,{\"code\":1,\"message\":\"connection limit of 3 exceeded\"}", .tooManyConnections),
    ])
    func `a refused namespace is told and tried again`(_ frame: String, _ refusal: SpacesSocketRefusal) {
        var driver = SocketDriver()
        driver.open()
        driver.hear(SocketDriver.opening)
        driver.hear("40")
        #expect(driver.hear(frame) == [.tell(.refused(refusal)), .close(connection: 1)])
        #expect(driver.wake() == [.connect(connection: 2, renewing: refusal == .token)])
    }

    @Test func `a fourth connection is told as what it is`() {
        #expect(SpacesSocketRefusal.tooManyConnections.description.contains("three connections"))
        var driver = SocketDriver()
        driver.put(.start)
        #expect(driver.put(.closed(.refused(status: 429), connection: 1)).news == [.refused(.tooManyConnections)])
        driver.wake()
        #expect(driver.put(.closed(.refused(status: 503), connection: 2)).news == [.refused(.other(status: 503))])
    }

    @Test func `repeated refusals wait for minutes, and one that works ends that`() {
        var configuration = SpacesSocketConfiguration()
        configuration.jitter = 0
        var driver = SocketDriver(configuration)
        driver.put(.start)
        var waits: [Int64] = []
        func refuse() {
            driver.put(.closed(.refused(status: 401), connection: driver.socket.connection))
            let begin = driver.now
            driver.wake()
            waits.append(driver.now - begin)
        }
        for _ in 0..<8 { refuse() }
        #expect(waits == [1_000, 30_000, 60_000, 120_000, 240_000, 480_000, 600_000, 600_000])
        driver.join()
        driver.pass(20_000)
        driver.drop()
        driver.wake()
        waits = []
        refuse()
        #expect(waits[0] <= 2_000)
    }

    @Test func `a credential that has nothing waits like a refusal, one that can't be reached as it says`() {
        var driver = SocketDriver()
        driver.put(.start)
        let ended = ServiceError(.unauthenticated, certainty: .notApplied)
        #expect(driver.put(.closed(.noAccess(ended), connection: 1)).news == [.refused(.token)])
        driver.wake()
        let busy = ServiceError(.throttled, certainty: .notApplied, retryAfter: .seconds(90))
        #expect(driver.put(.closed(.noAccess(busy), connection: 2)) == [])
        #expect(driver.pass(89_999) == [])
        #expect(driver.pass(1).connects == [true])
    }

    @Test func `an unreadable frame ends a handshake, and later says that something may be missing`() {
        var driver = SocketDriver()
        driver.open()
        #expect(driver.hear("42[").closes == 1)
        driver.wake()
        driver.join()
        #expect(driver.hear("42/chat,[\"MESSAGE_SENT\",{\"_id\":") == [.tell(.missed)])
        #expect(driver.hear("451-/chat,[\"PICTURE\",{\"_placeholder\":true}]") == [])
    }

    @Test func `after stop nothing happens any more`() {
        var driver = SocketDriver()
        driver.enter()
        #expect(driver.put(.stop) == [.close(connection: 1), .tell(.down)])
        #expect(driver.socket.wakeUp == nil)
        #expect(driver.pass(1_000_000) == [])
        #expect(
            driver.send("late").settled["late"] == .failure(ServiceError(.unreachable, certainty: .notApplied, scope: .account)))
        #expect(driver.put(.start) == [.connect(connection: 2, renewing: false)])
    }
}
