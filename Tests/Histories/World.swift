import Tidemark
import TidemarkModel
import TidemarkSimulator
import TidemarkStore

/// Several devices, other people, one service and the network between them, on virtual time: one seed, one history.
struct World<Service: ServiceModel> {
    /// When every history begins, in milliseconds.
    static var start: Int64 { 1_700_000_000_000 }

    var service: Service
    var devices: [Device] = []
    let users: [ParticipantID]
    let habits: Habits
    var troubles: Troubles
    /// As they were drawn, whatever is off for a while.
    let isImpatient: Bool
    var now = World.start
    var generator: SeededGenerator
    /// Until when nobody does anything.
    private var pausesUntil: Int64?
    /// What happened, as numbers: the same seed gives the same.
    var trace = TraceHash()
    var counts = HistoryCounts()
    /// Prints each request: for looking at one seed.
    var isVerbose = false
    /// What went wrong while the history ran.
    var caught: [String] = []
    /// The tokens of what the service has done.
    var applied: Set<Token> = []
    /// How often the network itself made a second effect possible: what it carried twice, or later than any quarantine.
    var excused: [Token: Int] = [:]
    /// How far each thread's changes have been told.
    var told: [Int64] = []
    var arrivals: [RateLane: [Int64]] = [:]
    var wire = Wire()
    /// What was refused once mostly is again.
    var refused: Set<Token> = []
    /// What the service's last state no longer tells.
    var chronicle = Chronicle()
    /// The device whose history is written down.
    var retelling: Retelling?
    /// What the last step was about.
    var touched: [Touch] = []
    /// Whose members the last step has told of.
    var counted: [Touch] = []
    /// When each device last asked for a further page of a conversation's walk.
    var turned: [WalkKey: Int64] = [:]
    /// Which edits were done to which message.
    var edited: Set<EditKey> = []
    /// What stands under each token that may have landed.
    var sentTexts: [Token: SentText] = [:]
    /// Until when each device was asked to wait.
    var waits: [WaitingLane: Int64] = [:]
    /// How many requests were launched that are for more than the list, or told of something new in a feed.
    var asked = 0

    init(service: Service, seed: UInt64, steps: Int, troubles: Troubles, configuration: SyncConfiguration, shelf: StoreShelf)
        throws
    {
        self.service = service
        habits = Habits(seed: seed, steps: steps)
        self.troubles = troubles
        isImpatient = troubles.isImpatient
        generator = SeededGenerator(seed: seed)
        users = service.people
        // Two devices of one user, one of another.
        for (index, user) in [users[0], users[0], users[1]].enumerated() {
            devices.append(
                try Device(
                    name: "device \(index)", user: user, traits: service.traits, configuration: configuration,
                    programs: troubles.hasPrograms && index == 0 ? 2 : 1, store: shelf.take(), seed: generator.next()))
        }
    }

    /// What a device's clocks say.
    func moment(_ index: Int) -> Moment {
        Moment(now: Timestamp(milliseconds: now + devices[index].clockOffset), monotonic: now)
    }

    mutating func chance(_ probability: Double) -> Bool { number() < probability }

    mutating func number() -> Double { Double(generator.number() >> 11) / Double(1 << 53) }

    mutating func pick(_ count: Int) -> Int {
        count == 0 ? 0 : Int(generator.number() % UInt64(count))
    }

    // MARK: Steps

    /// One step of the history.
    mutating func step() throws {
        let kind: StepKind
        let (ours, others, pauses) = (habits.ours, habits.others, habits.pauses)
        let choice = pick(ours + others + pauses + 39)
        let stuck = isImpatient && choice % 5 == 0 ? try anyStuck() : nil
        switch choice {
        case _ where stuck != nil:
            kind = try act(stuck ?? 0)
            try pump(stuck ?? 0)
        case _ where pausesUntil != nil: kind = try pause(until: pausesUntil ?? now)
        case ..<ours:
            let device = try chance(0.95) ? anyWaiting() : pick(devices.count)
            kind = try act(device)
            // The engine is told at once, mostly; some things are wished for together.
            if chance(0.02) { try wake(device) } else if chance(0.6) { try pump(device) }
        case ..<(ours + others): kind = actOfOthers()
        case ..<(ours + others + pauses): kind = try pause(until: now + anyPause())
        case ..<(ours + others + pauses + 33): kind = try trouble()
        default: kind = try advance()
        }
        counts.steps[kind, default: 0] += 1
        trace.add(kind.rawValue, 0, now)
        if isVerbose, ![.arrival, .answer, .tick].contains(kind) { print(now - World.start, kind.rawValue) }
        try watchTouched()
    }

    /// Nobody does anything for a while, and what falls due meanwhile happens.
    private mutating func pause(until end: Int64) throws -> StepKind {
        if min(nextTimer?.due ?? .max, wire.due ?? .max) <= end {
            pausesUntil = end
            return try advance()
        }
        (now, pausesUntil) = (max(now, end), nil)
        for index in devices.indices { try pump(index) }
        return .tick
    }

    /// Mostly short: what is under way comes to its end. Some outlast what a request may take, or a quarantine.
    private mutating func anyPause() -> Int64 {
        let longest = pick(6) == 0 ? [70_000, 200_000, 700_000][pick(3)] : [500, 1000, 2000, 5000, 10_000, 30_000][pick(6)]
        return Int64(pick(longest))
    }

    /// What falls due next: something on the wire, or a program that looks again by itself.
    mutating func advance() throws -> StepKind {
        if let timer = nextTimer, timer.due < wire.due ?? .max {
            now = max(now, timer.due)
            try pump(timer.device, timer.program)
            return .tick
        }
        if let kind = try advanceWire() { return kind }
        now += Int64(200 + pick(3000))
        for index in devices.indices { try pump(index) }
        return .tick
    }

    /// What is next on the wire; `nil`: nothing is.
    mutating func advanceWire() throws -> StepKind? {
        guard let event = wire.next() else { return nil }
        now = max(now, event.due)
        return try take(event.kind)
    }

    private var nextTimer: (due: Int64, device: Int, program: Int)? {
        var next: (due: Int64, device: Int, program: Int)?
        for device in devices.indices {
            for program in devices[device].programs.indices {
                guard !devices[device].programs[program].isStopped, let due = devices[device].programs[program].wakesAt,
                    due < next?.due ?? .max
                else { continue }
                next = (due, device, program)
            }
        }
        return next
    }

    private mutating func take(_ event: WireEvent.Kind) throws -> StepKind {
        switch event {
        case .arrives(let request):
            arrive(request)
            return .arrival
        case .answers(let answer, let address):
            guard let program = running(address) else { return .answer }
            if program.isStopped {
                devices[address.device].programs[address.program].held.append(event)
            } else {
                try hear(answer, address)
            }
            return .answer
        case .pushed(let pushed, let device):
            let program = leader(device)
            if devices[device].programs[program].isStopped {
                devices[device].programs[program].held.append(event)
            } else {
                noteHeard(pushed.event, device)
                retell(device) { $0.heard(pushed, at: $1) }
                try pump(device, program, [.pushed(pushed.event)])
            }
            return .push
        case .continues(let address): try resume(address)
        case .credential(let device): try giveCredential(device)
        case .clock(let device, let difference): try setClock(of: device, by: difference)
        case .adoption(let device): try adopt(device)
        case .refreshes(let device): try refresh(device)
        case .says(let thread): say(in: thread)
        }
        return .repair
    }

    func running(_ address: Address) -> Program? {
        let program = devices[address.device].programs[address.program]
        return program.incarnation == address.incarnation ? program : nil
    }

    private mutating func hear(_ answer: SyncCore.Answer, _ address: Address) throws {
        try noteProof(answer, address.device)
        noteHeard(answer, address.device)
        noteWait(answer, address)
        noteRefusal(answer)
        try retell(answer, address.device)
        try pump(address.device, address.program, [.answer(answer)])
        try noteSettled(answer, address.device)
    }
}

/// A hash over what happened, in order.
struct TraceHash: Equatable {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ what: String, _ device: Int, _ now: Int64, _ detail: String = "") {
        add(what.utf8)
        add(UInt64(bitPattern: Int64(device)))
        add(UInt64(bitPattern: now))
        add(detail.utf8)
    }

    private mutating func add(_ bytes: String.UTF8View) {
        for byte in bytes { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    }

    private mutating func add(_ number: UInt64) {
        value = (value ^ number) &* 0x0000_0100_0000_01B3
    }
}

extension SeededGenerator {
    /// `next()` by a name that has one type only.
    mutating func number() -> UInt64 { next() }
}
