import Testing
import TidemarkModel

@testable import TidemarkAvaya

/// Random histories of a socket: whatever comes, its promises hold.
@Suite struct SpacesSocketWalkTests {
    @Test(arguments: 0..<20 as Range<UInt64>) func `no history breaks a promise`(_ seed: UInt64) {
        var walk = SocketWalk(seed: seed)
        for _ in 0..<800 { walk.step() }
        walk.end()
        #expect(walk.offences == [])
        // A walk that never came anywhere proves nothing.
        #expect(walk.ups > 0 && walk.settled > 0)
    }
}

private struct SocketWalk {
    private var driver: SocketDriver
    private var generator: SeededGenerator
    private var open: Int?
    private var begun = 0
    private var pending: Set<Token> = []
    private var written: Set<Token> = []
    private var sent = 0
    private var isUp = false
    private var events: [Int64] = []
    private(set) var offences: [String] = []
    private(set) var ups = 0
    private(set) var settled = 0

    private static let spaces: [RemoteConversationID] = ["a", "b", "c", "d", "e"]

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed &* 7_919 &+ 1)
        var configuration = SpacesSocketConfiguration()
        configuration.eventsPerMinute = 20
        configuration.maximumPendingSends = 5
        configuration.rememberedMessages = 8
        driver = SocketDriver(configuration, lists: seed.isMultiple(of: 2), seed: seed)
        take(driver.put(.start))
    }

    mutating func step() {
        if generator.chance(0.35) { return answerWell() }
        switch generator.pick(17) {
        case 0: take(driver.put(.subscribe(space, password: generator.chance(0.2) ? "p" : nil)))
        case 1: take(driver.put(.unsubscribe(space)))
        case 2, 3, 4: send()
        case 5: take(driver.put(.want(Self.spaces.filter { _ in generator.chance(0.6) })))
        case 6: take(driver.put(.listFailed))
        case 7: close(generator.chance(0.3) ? .refused(status: [401, 429, 500][generator.pick(3)]) : .lost)
        case 8: if generator.chance(0.2) { take(driver.put(.stop)); check(driver.put(.start)) }
        case 9: take(driver.hear(["1", "41/chat", "44/chat,\"no\"", "42[", "451-[]", "", "3", "6"][generator.pick(8)]))
        case 10: take(driver.put(.text("40/chat", connection: driver.socket.connection - 1)))
        case 11: take(driver.put(.closed(.lost, connection: driver.socket.connection - generator.pick(2) - 1)))
        case 12: take(driver.hear("SUBSCRIBE_CHANNEL_FAILED", "{}"))
        case 13: take(driver.hear("SEND_MESSAGE_FAILED", #"{"topicId":"\#(space)"}"#))
        case 14: take(driver.pass(Int64(generator.pick(40_000))))
        case 15:
            if let token = pending.randomElement(using: &generator) { take(driver.put(.withdraw(token))) }
        default: wake()
        }
    }

    /// Stops it; whatever was under way has ended then.
    mutating func end() {
        take(driver.put(.stop))
        if !pending.isEmpty { offences.append("sends without an end") }
        if driver.socket.wakeUp != nil { offences.append("a timer after the stop") }
    }

    private var space: RemoteConversationID { mutating get { Self.spaces[generator.pick(Self.spaces.count)] } }

    private mutating func check(_ effects: [SpacesSocketEffect]) { take(effects) }

    private mutating func answerWell() {
        switch driver.socket.phase {
        case .idle: break
        case .waiting: wake()
        case .opening:
            open = driver.socket.connection
            take(driver.put(.opened(connection: driver.socket.connection, SocketDriver.access)))
        case .handshake(.opening, _): take(driver.hear(SocketDriver.opening))
        case .handshake(.root, _): take(driver.hear("40"))
        case .handshake(.namespace, _): take(driver.hear("40/chat"))
        case .ready:
            if let asked = driver.socket.order.first(where: { driver.socket.subscriptions[$0]?.isUnderWay == true }) {
                take(driver.confirm(asked))
            } else if let token = written.randomElement(using: &generator) {
                take(driver.hear("MESSAGE_SENT", SocketDriver.message("m-\(token)", token: token)))
            } else {
                take(driver.hear("3"))
            }
        }
    }

    private mutating func send() {
        sent += 1
        let token = Token("t-\(sent)")
        pending.insert(token)
        take(driver.send(token, to: space))
    }

    private mutating func close(_ end: SpacesSocketEnd) {
        open = nil
        take(driver.put(.closed(end, connection: driver.socket.connection)))
    }

    /// Timers that are due at once again and again would never let the time go on.
    private mutating func wake() {
        for _ in 0..<20 {
            take(driver.wake())
            guard let next = driver.socket.wakeUp, next <= driver.now else { return }
        }
        offences.append("a timer runs away in \(driver.socket.phase)")
    }

    private mutating func take(_ effects: [SpacesSocketEffect]) {
        for effect in effects {
            switch effect {
            case .connect(let number, _):
                if let open { offences.append("\(number) opens while \(open) is open") }
                if number != begun + 1 { offences.append("\(number) follows \(begun)") }
                begun = number
            case .close(let number):
                if number != begun { offences.append("closes \(number) instead of \(begun)") }
                open = nil
            case .write(let text, let number):
                if number != begun || open != number { offences.append("writes to \(number), which is not open") }
                note(text)
            case .settle(let token, let result):
                settled += 1
                if pending.remove(token) == nil { offences.append("\(token) ends twice") }
                if case .failure(let error) = result, (error.certainty == .unknown) != written.contains(token),
                    [.answerLost, .unreachable, .cancelled].contains(error.code)
                {
                    offences.append("\(token) ends with the wrong certainty")
                }
                written.remove(token)
            case .tell(.up):
                ups += 1
                isUp = true
            case .tell(.down):
                if !isUp { offences.append("down without up") }
                isUp = false
            case .tell, .list: break
            }
        }
        if open == nil, isUp { offences.append("up without a connection") }
    }

    private mutating func note(_ text: String) {
        guard text.hasPrefix("42/chat,") else { return }
        events = events.filter { $0 > driver.now - 60_000 } + [driver.now]
        if events.count > 20 { offences.append("more events than the rate allows") }
        guard text.contains("SEND_MESSAGE"), let token = pending.first(where: { text.contains("\"\($0)\"") }) else { return }
        if !written.insert(token).inserted { offences.append("\(token) is written twice") }
    }
}
