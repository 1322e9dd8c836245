import Testing
import TidemarkModel
import TidemarkSimulator

@testable import TidemarkAvaya

/// The socket against the simulated service, whose codec was written on its own: any reading of what isn't established, and
/// connections that break in every way.
@Suite struct SimulatedSocketTests {
    @Test(arguments: 0..<12 as Range<UInt64>) func `what a send is said to have done, it has done`(_ seed: UInt64) throws {
        var world = try SocketWorld(seed: seed, behavior: .random(seed: seed), faults: true)
        for _ in 0..<150 { world.step() }
        world.recover()
        #expect(world.offences == [])
        #expect(world.accepted > 0)
    }

    @Test func `a quiet service takes everything and is heard`() throws {
        var world = try SocketWorld(seed: 1, behavior: AvayaBehavior(), faults: false)
        for _ in 0..<150 { world.step() }
        world.recover()
        #expect(world.offences == [])
        #expect(world.unknown == 0 && world.refused == 0)
        #expect(world.heard == world.accepted + world.others)
    }
}

private struct SocketWorld {
    private var simulator: AvayaSimulator
    private var socket: SpacesSocket
    private var generator: SeededGenerator
    private var now: Int64 = 1_700_000_000_000
    private var me: String
    private var space: RemoteConversationID
    /// The service's number of the present connection.
    private var line: (service: Int, connection: Int)?
    private let breaks: Bool
    private var inputs: [SpacesSocketInput] = []
    private var isPutting = false
    private var pending: [Token: String] = [:]
    private var sent = 0
    private var delivered: Set<String> = []
    private var isUp = false
    private(set) var accepted = 0
    private(set) var refused = 0
    private(set) var unknown = 0
    private(set) var others = 0
    private(set) var heard = 0
    private(set) var offences: [String] = []

    init(seed: UInt64, behavior: AvayaBehavior, faults: Bool) throws {
        var behavior = behavior
        // Sanitised and escaped texts are the body's matter, not the socket's.
        behavior.maximumTextBytes = nil
        simulator = AvayaSimulator(seed: seed, behavior: behavior)
        breaks = faults
        if faults {
            simulator.socketFaults = try AvayaSocketFaults(
                "socket-cut=0.04,socket-applied-cut=0.04,socket-silence=0.02,socket-lost=0.03", seed: seed)
        }
        generator = SeededGenerator(seed: seed ^ 0x77)
        me = simulator.users[0].id
        let time = Timestamp(milliseconds: now)
        space = RemoteConversationID(
            simulator.createSpace("Trip", by: me, with: [simulator.users[1].id], guestsSeeHistory: true, now: time))
        socket = SpacesSocket(SpacesSocketConfiguration(), asksForSpaces: false, seed: seed)
        put(.start)
        put(.subscribe(space, password: nil))
        pass(1_000)
    }

    mutating func step() {
        switch generator.pick(10) {
        case 0, 1, 2: send()
        case 3, 4:
            if simulator.send("o\(others)", as: simulator.users[1].id, in: space.rawValue, now: time) != nil { others += 1 }
            pass(0)
        case 5: if breaks, generator.chance(0.05) { drop() }
        case 6: pass(Int64(generator.pick(30_000)))
        default: pass(Int64(generator.pick(500)))
        }
    }

    /// Faults end; it has to be up soon, and everything to be over.
    mutating func recover() {
        simulator.socketFaults.stop()
        pass(200_000)
        if !socket.isReady { offences.append("not ready in \(socket.phase)") }
        if !isUp { offences.append("not up") }
        if !pending.isEmpty { offences.append("\(pending.count) sends without an end") }
        let before = accepted
        send()
        pass(30_000)
        if accepted != before + 1 { offences.append("a last send was not accepted") }
    }

    private var time: Timestamp { Timestamp(milliseconds: now) }

    private mutating func send() {
        sent += 1
        let token = Token("t-\(sent)")
        pending[token] = "s\(sent)"
        put(.send(SpacesMessage(token: token, space: space, body: "s\(sent)")))
        pass(Int64(generator.pick(300)))
    }

    private mutating func drop() {
        guard let line else { return }
        simulator.close(line.service)
        self.line = nil
        put(.closed(.lost, connection: line.connection))
    }

    private mutating func pass(_ milliseconds: Int64) {
        let end = now + milliseconds
        for _ in 0..<10_000 {
            take(simulator.tick(now: time))
            put(.tick)
            guard let next = [simulator.nextTick, socket.wakeUp].compactMap({ $0 }).min(), next <= end else {
                now = end
                return
            }
            now = max(now, next)
        }
        offences.append("time stands still")
    }

    /// What an effect brings about is heard after the other effects of the same moment.
    private mutating func put(_ input: SpacesSocketInput) {
        inputs.append(input)
        guard !isPutting else { return }
        isPutting = true
        while !inputs.isEmpty {
            for effect in socket.handle(inputs.removeFirst(), at: now) { perform(effect) }
        }
        isPutting = false
    }

    private mutating func perform(_ effect: SpacesSocketEffect) {
        switch effect {
        case .connect(let number, let renewing): connect(number, renewing: renewing)
        case .write(let text, let number):
            // One that broke a moment ago takes nothing any more.
            guard let line, line.connection == number else { return }
            take(simulator.receive(text, on: line.service, now: time))
        case .close:
            if let line { simulator.close(line.service) }
            line = nil
        case .tell(.up): isUp = true
        case .tell(.down): isUp = false
        case .tell(.event(_, let payload)): hear(SocketJSON(payload))
        case .tell, .list: break
        case .settle(let token, let result): settle(token, result)
        }
    }

    private mutating func connect(_ number: Int, renewing: Bool) {
        if renewing { simulator.renewTokens(now: time) }
        let access = AvayaAccess(scheme: .jwt, token: simulator.users[0].token)
        let target = "/socket.io/?\(SpacesEvent.query(access))&EIO=3&transport=websocket"
        switch simulator.open(target, now: time) {
        case .refused(let status, _): put(.closed(.refused(status: status), connection: number))
        case .opened(let service, let sends):
            line = (service, number)
            put(.opened(connection: number, access))
            take(sends)
        }
    }

    private mutating func take(_ sends: [AvayaSocketSend]) {
        for send in sends {
            guard let line, send.connection == line.service else { continue }
            if let text = send.text {
                put(.text(text, connection: line.connection))
            } else {
                self.line = nil
                put(.closed(.lost, connection: line.connection))
            }
        }
    }

    private mutating func hear(_ message: SocketJSON) {
        guard message["category"]?.text == "chat", let id = message["_id"]?.text else { return }
        heard += 1
        if !delivered.insert("\(id) \(message["modified"]?.text ?? "")").inserted { offences.append("\(id) came twice") }
    }

    private mutating func settle(_ token: Token, _ result: Result<RemoteMessageID, ServiceError>) {
        guard let text = pending.removeValue(forKey: token) else { return offences.append("\(token) ended twice") }
        let copies = simulator.copies(of: text, by: me)
        switch result {
        case .success(let id):
            accepted += 1
            if copies.map(\.id) != [id.rawValue] { offences.append("\(token) was accepted and has \(copies.count) copies") }
        case .failure(let error) where error.certainty == .notApplied:
            refused += 1
            if !copies.isEmpty { offences.append("\(token) was refused and is there") }
        case .failure:
            unknown += 1
            if copies.count > 1 { offences.append("\(token) is there twice") }
        }
    }
}
