import Foundation
import Tidemark
import TidemarkModel
import TidemarkSimulator
import TidemarkStore

/// What can go wrong on the way, and how often.
struct Troubles {
    var requestLost = 0.06
    var answerLost = 0.08
    var delayed = 0.1
    /// The service answers 429, 500 or 503 and has not acted.
    var refused = 0.05
    /// It answers 500, 503, 504 or 408 and has acted.
    var appliedButFailed = 0.05
    /// The request arrives after its client has given up, inside the quarantine.
    var late = 0.02
    var crash = 0.03
    /// An early 404 on something just written.
    var earlyNotFound = 0.25
    /// The credential is refused: the account stands still until somebody gives another.
    var unauthenticated = 0.004
    /// A device's wall clock is set to another time.
    var clockJump = 0.0
    /// A change is pushed; else only a poll shows it.
    var pushed = 0.0

    static let none = Troubles(
        requestLost: 0, answerLost: 0, delayed: 0, refused: 0, appliedButFailed: 0, late: 0, crash: 0, earlyNotFound: 0,
        unauthenticated: 0)
}

/// Several devices, other people, one service and the network between them, on virtual time: one seed, one history.
struct World<Service: ServiceModel> {
    /// When every history begins, in milliseconds.
    static var start: Int64 { 1_700_000_000_000 }

    var service: Service
    var devices: [Device] = []
    let users: [ParticipantID]
    var troubles: Troubles
    var now = World.start
    var generator: SeededGenerator
    /// What happened, as numbers: the same seed gives the same.
    var trace = TraceHash()
    var struck: [String: Int] = [:]
    var crashed = 0
    /// Prints each request: for looking at one seed.
    var isVerbose = false
    /// What went wrong while the history ran.
    var caught: [String] = []
    /// The tokens of what the service has done.
    var applied: Set<Token> = []
    /// What has been pushed of each message: its version.
    var told: [RemoteMessageID: Int64] = [:]
    var arrivals: [RateLane: [Int64]] = [:]
    private var wire: [Event] = []
    private var nextNumber = 0

    private struct Event {
        var due: Int64
        var number: Int
        var kind: Kind
    }

    enum Kind {
        case pushed(RemoteEvent, device: Int)
        case arrives(SyncCore.Effect, device: Int, incarnation: Int, fate: Fate)
        case answers(SyncCore.Answer, device: Int, incarnation: Int)
    }

    enum Fate: String {
        case well, answerLost, refused, appliedButFailed, earlyNotFound, unauthenticated
    }

    init(service: Service, seed: UInt64, troubles: Troubles = Troubles(), configuration: SyncConfiguration) throws {
        self.service = service
        self.troubles = troubles
        generator = SeededGenerator(seed: seed)
        users = service.people
        // Two devices of one user, one of another.
        for (index, user) in [users[0], users[0], users[1]].enumerated() {
            devices.append(
                try Device(
                    name: "device \(index)", user: user, traits: service.traits, configuration: configuration,
                    seed: generator.next()))
        }
    }

    /// What a device's clocks say.
    func moment(_ index: Int) -> Moment {
        Moment(now: Timestamp(milliseconds: now + devices[index].clockOffset), monotonic: now)
    }

    mutating func chance(_ probability: Double) -> Bool {
        Double(generator.number() >> 11) / Double(1 << 53) < probability
    }

    mutating func pick(_ count: Int) -> Int {
        count == 0 ? 0 : Int(generator.number() % UInt64(count))
    }

    // MARK: Steps

    /// One step of the history.
    mutating func step() throws {
        let device = pick(devices.count)
        try press(device)
        switch pick(100) {
        case ..<22: try act(device)
        case ..<32:
            actOfOthers()
            push()
        case ..<72: try pump(device)
        case ..<74 where chance(troubles.crash * 10): try crash(device)
        default: _ = try advance()
        }
    }

    /// Asks a device's engine for work and puts it on the wire.
    mutating func pump(_ index: Int) throws {
        let round = try devices[index].core.next(moment(index))
        for effect in round.effects { launch(effect, index) }
    }

    mutating func crash(_ index: Int) throws {
        crashed += 1
        trace.add("crash", index, now)
        try devices[index].crash(moment(index))
    }

    /// Goes on to the next thing on the wire, or some time on. Returns the device that heard something.
    mutating func advance() throws -> Int? {
        guard let next = wire.indices.min(by: { (wire[$0].due, wire[$0].number) < (wire[$1].due, wire[$1].number) }) else {
            now += Int64(200 + pick(3000))
            return nil
        }
        let event = wire.remove(at: next)
        now = max(now, event.due)
        switch event.kind {
        case .pushed(let event, let device):
            try devices[device].core.take(event, moment(device))
            return device
        case .arrives(let effect, let device, let incarnation, let fate):
            arrive(effect, device, incarnation, fate)
        case .answers(let answer, let device, let incarnation):
            guard devices[device].incarnation == incarnation else { return nil }
            try devices[device].core.take(answer, moment(device))
            return device
        }
        return nil
    }

    var isWireEmpty: Bool { wire.isEmpty }

    // MARK: The network

    mutating func put(_ kind: Kind, in delay: Int64) {
        nextNumber += 1
        wire.append(Event(due: now + delay, number: nextNumber, kind: kind))
    }

    private mutating func launch(_ effect: SyncCore.Effect, _ index: Int) {
        let incarnation = devices[index].incarnation
        trace.add("launch", index, now, effect.name)
        if isVerbose { print(now - World.start, "launch", index, effect.name) }
        let timeout = devices[index].core.scope.configuration.requestTimeout.milliseconds
        let latency = Int64(20 + pick(200)) + (chance(troubles.delayed) ? Int64(pick(8000)) : 0)
        func lost(_ why: String) {
            struck[why, default: 0] += 1
            put(
                .answers(
                    effect.failed(ServiceError(.answerLost, certainty: .unknown, scope: .host)), device: index,
                    incarnation: incarnation), in: timeout)
        }
        if chance(troubles.requestLost) { return lost("request lost") }
        if chance(troubles.late) {
            lost("late")
            return put(.arrives(effect, device: index, incarnation: -1, fate: .answerLost), in: timeout + Int64(pick(10_000)))
        }
        var fate = Fate.well
        if chance(troubles.answerLost) {
            fate = .answerLost
            lost("answer lost")
        } else if chance(troubles.refused) {
            fate = .refused
        } else if chance(troubles.appliedButFailed) {
            fate = .appliedButFailed
        } else if chance(troubles.unauthenticated) {
            fate = .unauthenticated
        } else if chance(troubles.earlyNotFound), effect.isEarlyNotFoundPossible {
            fate = .earlyNotFound
        }
        put(.arrives(effect, device: index, incarnation: incarnation, fate: fate), in: latency)
    }

    private mutating func arrive(_ effect: SyncCore.Effect, _ device: Int, _ incarnation: Int, _ fate: Fate) {
        trace.add("arrive", device, now, effect.name)
        let back = Int64(20 + pick(200))
        note(effect, device, incarnation)
        if fate != .well, fate != .answerLost { struck[fate.rawValue, default: 0] += 1 }
        var answer: SyncCore.Answer
        switch fate {
        case .refused:
            let error =
                pick(2) == 0
                ? ServiceError(.throttled, certainty: .notApplied, status: 429, retryAfter: pick(2) == 0 ? nil : .seconds(3))
                : ServiceError(.unreachable, certainty: .notApplied, scope: .host)
            answer = effect.failed(error)
        case .unauthenticated:
            answer = effect.failed(ServiceError(.unauthenticated, certainty: .notApplied, scope: .account, status: 401))
        case .earlyNotFound:
            answer = effect.failed(ServiceError(.notFound, certainty: .notApplied, status: 404))
        case .appliedButFailed:
            _ = answered(effect, device)
            answer = effect.failed(ServiceError(.serverFailure, certainty: .unknown, status: [500, 503, 504, 408][pick(4)]))
        case .well, .answerLost:
            answer = answered(effect, device)
        }
        guard fate != .answerLost else { return }
        put(.answers(answer, device: device, incarnation: incarnation), in: back)
    }

    private mutating func answered(_ effect: SyncCore.Effect, _ device: Int) -> SyncCore.Answer {
        let time = Timestamp(milliseconds: now)
        switch effect {
        case .deliver(let delivery):
            let result = service.perform(delivery, as: devices[device].user, at: time)
            if case .success = result { applied.insert(delivery.token) }
            push()
            return .delivered(delivery, result)
        case .read(let read):
            let page = service.page(read.request, as: devices[device].user, at: time)
            if isVerbose, case .success(let page) = page, case .conversations(let list) = page.items {
                print(
                    now - World.start, "page", device,
                    list.map { "\($0.id) \($0.lastMessageAt.map { $0.milliseconds - World.start } ?? 0)" },
                    page.next?.rawValue ?? "end")
            }
            return .read(read, page)
        }
    }

    // MARK: Quiet

    /// Faults off; everybody works until nothing is left to do. `false`: it did not come to rest.
    mutating func settle() throws -> Bool {
        troubles = .none
        // First what is on the wire arrives: nothing may land later than its quarantine by our own leap. A refusal of the
        // credential may be among it.
        for _ in 0..<2 {
            for index in devices.indices { try resume(index) }
            guard try rest() else { return false }
        }
        // Later polls see what the other devices did last, and what was too young to be believed.
        for _ in 0..<4 {
            now += 90_000
            for index in devices.indices { try devices[index].core.wake(moment(index)) }
            guard try rest() else { return false }
        }
        return true
    }

    /// Until every conversation's top has been read again: an edit, a delete and a rename change nothing in a list, and
    /// may be shown as late as that (R22).
    mutating func readTops() throws -> Bool {
        for _ in 0..<2 {
            now += (devices.first?.core.scope.configuration.topInterval.milliseconds ?? 0) + 1000
            guard try rest() else { return false }
        }
        // Old history is nothing that anybody waits for: a link that died, or an empty page, puts it off a little.
        for _ in 0..<60 where try devices.contains(where: { try !$0.account.gaps().get().isEmpty }) {
            now += 61_000
            guard try rest() else { return false }
        }
        return true
    }

    /// Goes on until nothing is on the wire and nothing that was begun is unsettled.
    private mutating func rest() throws -> Bool {
        for index in devices.indices { try pump(index) }
        for _ in 0..<5_000 {
            if !isWireEmpty {
                if let heard = try advance() { try pump(heard) }
                continue
            }
            // Time has passed for all of them.
            for index in devices.indices { try pump(index) }
            guard isWireEmpty else { continue }
            let dues = try devices.indices.compactMap { index in
                try devices[index].core.unsettledDue(moment(index)).map { $0.milliseconds - devices[index].clockOffset }
            }
            guard let due = dues.min() else { return true }
            now = max(now + 1, due)
        }
        return false
    }
}

extension SyncCore.Effect {
    var name: String {
        switch self {
        case .deliver(let delivery): "\(delivery.action.verb.rawValue) \(delivery.intent) \(delivery.attempt)"
        case .read(let read): "\(read.request.subject) \(read.request.cursor?.rawValue ?? "")"
        }
    }

    var isEarlyNotFoundPossible: Bool {
        guard case .deliver(let delivery) = self else { return false }
        return [.edit, .delete, .markRead].contains(delivery.action.verb)
    }
}

/// A hash over what happened, in order.
struct TraceHash: Equatable {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ what: String, _ device: Int, _ now: Int64, _ detail: String = "") {
        for byte in "\(what) \(device) \(now) \(detail);".utf8 {
            value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        }
    }
}

extension SeededGenerator {
    /// `next()` by a name that has one type only.
    mutating func number() -> UInt64 { next() }
}
