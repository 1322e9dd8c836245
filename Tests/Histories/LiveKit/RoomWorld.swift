import Tidemark
import TidemarkLiveKit
import TidemarkModel
import TidemarkSimulator
import TidemarkStore

/// Several devices, other people, one server of rooms and what is between them, on virtual time: one seed, one history.
struct RoomWorld {
    /// When every history begins, in milliseconds.
    static let start: Int64 = 1_700_000_000_000
    static let room = "lobby"

    var server: LiveKitSimulator
    var devices: [RoomDevice] = []
    var strangers: [RoomStranger] = []
    let habits: RoomHabits
    var troubles: RoomTroubles
    var now = RoomWorld.start
    var generator: SeededGenerator
    private var pausesUntil: Int64?
    var trace = TraceHash()
    var counts = RoomCounts()
    var isVerbose = false
    /// What went wrong while the history ran.
    var caught: [String] = []
    var wire = RoomWire()
    /// What strangers sent that nobody can read, and the id that can be.
    var rubbish: [[UInt8]: String?] = [:]
    /// Wire ids that were seen in the room.
    var knownIDs: [String] = []
    /// The id that somebody meddled with last.
    var meant: String?
    /// Nonces that got to the room, and how often each was carried to somebody.
    var seenNonces: Set<[UInt8]> = []
    /// What the server's API and the bridges took.
    var record: Set<RoomPacket> = []
    /// Who stays away at the end, so that another of the same name can be in the room.
    var absent: Int?

    init(seed: UInt64, shelf: StoreShelf) throws {
        generator = SeededGenerator(seed: seed)
        habits = RoomHabits(seed: seed)
        troubles = RoomTroubles(seed: seed)
        var behavior = LiveKitBehavior(seed: seed)
        // What is lost without a word can't be told by anybody; histories without that are most.
        if seed % 4 > 0 { behavior.reliableLoss = 0 }
        server = LiveKitSimulator(seed: seed, behavior: behavior, now: Timestamp(milliseconds: now))
        server.open(Self.room, now: Timestamp(milliseconds: now))
        let names = habits.sharesName ? ["alice", "alice", "bob"] : ["alice", "alice@laptop", "bob"]
        for (index, name) in names.enumerated() {
            let setup = RoomSetup(using: &generator)
            devices.append(
                try RoomDevice(
                    name: "device \(index)", participant: name, setup: setup, room: Self.room,
                    programs: troubles.hasPrograms && index == 0 ? 2 : 1, store: shelf.take(), seed: generator.next()))
            for program in devices[index].programs.indices {
                devices[index].programs[program].wakesAt = now + 1 + Int64(program * 5000)
            }
            if troubles.hasWrongClocks { devices[index].clockOffset = Int64(pick(7_200_000)) - 3_600_000 }
        }
        strangers = RoomStranger.Kind.allCases.map { RoomStranger(kind: $0) }
    }

    var time: Timestamp { Timestamp(milliseconds: now) }

    /// What a device's clocks say.
    func moment(_ index: Int) -> Moment {
        Moment(now: Timestamp(milliseconds: now + devices[index].clockOffset), monotonic: now)
    }

    mutating func chance(_ probability: Double) -> Bool { generator.chance(probability) }
    mutating func pick(_ count: Int) -> Int { generator.pick(count) }
    mutating func any<Value>(_ choices: [Value]) -> Value { choices[pick(choices.count)] }

    func tell(_ what: @autoclosure () -> String) {
        if isVerbose { print(now - Self.start, what()) }
    }

    // MARK: Steps

    /// One step of the history.
    mutating func step() throws {
        let kind: RoomStep
        let choice = pick(habits.ours + habits.others + habits.pauses + 150)
        let stuck = pausesUntil == nil && choice % 2 == 0 ? try anyStuck() : nil
        switch choice {
        case _ where stuck != nil:
            kind = try answerOutbox(stuck ?? 0) ?? .nothing
            try pump(stuck ?? 0)
        case _ where pausesUntil != nil: kind = try pause(until: pausesUntil ?? now)
        case ..<habits.ours:
            let device = pick(devices.count)
            kind = try act(device)
            if chance(0.7) { try pump(device) }
        case ..<(habits.ours + habits.others): kind = actOfOthers()
        case ..<(habits.ours + habits.others + habits.pauses): kind = try pause(until: now + anyPause())
        case ..<(habits.ours + habits.others + habits.pauses + 132): kind = try trouble()
        default: kind = try advance()
        }
        counts.steps[kind, default: 0] += 1
        trace.add(kind.rawValue, 0, now)
        tell(kind.rawValue)
        try watch()
    }

    private mutating func pause(until end: Int64) throws -> RoomStep {
        if let due = nextDue, due <= end {
            pausesUntil = end
            return try advance()
        }
        (now, pausesUntil) = (max(now, end), nil)
        for index in devices.indices { try pump(index) }
        return .tick
    }

    /// Mostly short: what is under way comes to its end. Some outlast what a request may take, a room, or a lifetime.
    private mutating func anyPause() -> Int64 {
        Int64(pick(pick(6) == 0 ? any([40_000, 100_000, 700_000]) : any([500, 1000, 2000, 5000, 10_000])))
    }

    var nextDue: Int64? { [nextTimer?.due, wire.due, nextPacket?.due].compactMap { $0 }.min() }

    /// What falls due next: a packet at a bridge, something on the wire, or a program that looks again by itself.
    mutating func advance() throws -> RoomStep {
        let due = (timer: nextTimer?.due ?? .max, wire: wire.due ?? .max, packet: nextPacket?.due ?? .max)
        if let packet = nextPacket, packet.due <= min(due.wire, due.timer) {
            now = max(now, packet.due)
            try deliver(packet.device, packet.program)
            return .packet
        }
        if due.wire <= due.timer, let event = wire.next() {
            now = max(now, event.due)
            return try take(event.kind)
        }
        if let timer = nextTimer {
            now = max(now, timer.due)
            try pump(timer.device, timer.program)
            return .tick
        }
        now += Int64(200 + pick(3000))
        for index in devices.indices { try pump(index) }
        return .tick
    }

    private var nextTimer: (due: Int64, device: Int, program: Int)? {
        var next: (due: Int64, device: Int, program: Int)?
        for device in devices.indices {
            for (program, one) in devices[device].programs.enumerated() {
                guard !one.isStopped, let due = one.wakesAt, due < next?.due ?? .max else { continue }
                next = (due, device, program)
            }
        }
        return next
    }

    /// The next packet that arrives at a bridge.
    private var nextPacket: (due: Int64, device: Int, program: Int)? {
        var next: (due: Int64, device: Int, program: Int)?
        for device in devices.indices {
            for (program, one) in devices[device].programs.enumerated() {
                guard one.bridge.isConnected, !one.bridge.isHung, let sid = one.bridge.sid,
                    let due = server.nextArrival(for: sid)?.milliseconds, due < next?.due ?? .max
                else { continue }
                next = (due, device, program)
            }
        }
        return next
    }

    private mutating func take(_ event: RoomEvent.Kind) throws -> RoomStep {
        switch event {
        case .arrives(let request):
            arrive(request)
            return .call
        case .answers(let call, let answer, let address):
            try answerCall(call, answer, address, event)
            return .answer
        case .publishes(let request, let bridge):
            publish(request, bridge)
            return .call
        case .bridgeStarts(let address): try startBridge(address)
        case .bridgeJoins(let address, let bridge): try joinRoom(address, bridge)
        case .bridgeIsIn(let address, let bridge): try enterRoom(address, bridge)
        case .bridgeEnds(let address, let bridge): try endBridge(address, bridge)
        case .continues(let address):
            try resume(address)
            return .repair
        case .credential(let device):
            try giveCredential(device)
            return .repair
        case .opens:
            server.open(Self.room, now: time)
            return .repair
        }
        return .bridge
    }
}
