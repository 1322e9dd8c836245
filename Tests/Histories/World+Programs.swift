import Tidemark
import TidemarkModel
import TidemarkStore

/// What drives the engine's runner, as its own loop does: it has things done and hands in what came of them.
extension World {
    /// The program of a device that works, or would: who has the lease, where several want it.
    func leader(_ device: Int) -> Int {
        devices[device].programs.firstIndex { $0.runner.lease != nil && !$0.isStopped }
            ?? devices[device].programs.firstIndex { !$0.isStopped } ?? 0
    }

    /// Lets the program of a device look, as its own loop would: where something was written, or its time has come.
    mutating func pump(_ device: Int) throws {
        let program = leader(device)
        let isDue = devices[device].programs[program].wakesAt.map { $0 <= now } ?? false
        guard try isDue || devices[device].programs[program].sawChanges != devices[device].store.changeCount() else { return }
        try pump(device, program)
    }

    /// Tells a program's runner what came, if anything did, and puts what it asks for on the wire.
    mutating func pump(_ device: Int, _ program: Int, _ events: [SyncRunner.Event] = []) throws {
        guard !devices[device].programs[program].isStopped else { return }
        if events.isEmpty { retell(device) { $0.looked(at: $1) } }
        for effect in try take(events, device, program) {
            switch effect {
            case .begin(let effect): launch(effect, device, program)
            case .askIdentity where stopsWhileAsking(device, program): return
            case .askIdentity:
                try pump(device, program, [.identity(.success(devices[device].programs[program].credential))])
            case .wait(let due):
                devices[device].programs[program].sawChanges = try devices[device].store.changeCount()
                devices[device].programs[program].wakesAt = due.map { $0.milliseconds - devices[device].clockOffset }
            case .follow, .tell, .cutOff, .waitForAnswers, .end: break
            }
        }
    }

    private mutating func take(_ events: [SyncRunner.Event], _ device: Int, _ program: Int) throws -> [SyncRunner.Effect] {
        do {
            let generation = devices[device].programs[program].core.scope.generation
            let effects = try devices[device].programs[program].runner.take(events, moment(device))
            if generation > 0, devices[device].programs[program].core.scope.generation != generation {
                retell(device) { told, _ in told.giveUp("a lease that ran out") }
            }
            return effects
        } catch let error as StoreError where error.code == .leaseHeld {
            // Who lost it ends, and is started again some time.
            devices[device].restart(program)
            devices[device].programs[program].wakesAt = now + 20_000 + Int64(pick(40_000))
            return []
        }
    }

    // MARK: Crashes and stops

    mutating func crash(_ device: Int) throws {
        let program = leader(device)
        guard !devices[device].programs[program].isStopped else { return }
        devices[device].restart(program)
        retell(device) { $0.crashed(at: $1) }
        // Where another waits for the lease, it may be faster.
        if devices[device].programs.count == 1 || chance(0.5) {
            try pump(device, program)
        } else {
            devices[device].programs[program].wakesAt = now + 20_000 + Int64(pick(60_000))
        }
    }

    /// SIGSTOP, between any two steps of a program: what it was about to write may not have left.
    mutating func stop(_ device: Int) {
        let program = leader(device)
        guard !devices[device].programs[program].isStopped else { return }
        devices[device].programs[program].isStopped = true
        let address = Address(device: device, program: program, incarnation: devices[device].programs[program].incarnation)
        var coins = generator
        let held = wire.hold { $0.from == address && !$0.isCopy && $0.fault == nil && coins.number() % 2 == 0 }
        generator = coins
        devices[device].programs[program].held = held.map(WireEvent.Kind.arrives)
        wire.put(.continues(address), at: now + Int64(pick(pick(3) == 0 ? 120_000 : 5_000)))
    }

    /// SIGSTOP after a program has seen that the lease is its own, and before it goes by that.
    private mutating func stopsWhileAsking(_ device: Int, _ program: Int) -> Bool {
        guard devices[device].programs.count > 1, !troubles.isNone, chance(0.01) else { return false }
        counts.faults[.stopped, default: 0] += 1
        devices[device].programs[program].isStopped = true
        devices[device].programs[program].isAsking = true
        let address = Address(device: device, program: program, incarnation: devices[device].programs[program].incarnation)
        wire.put(.continues(address), at: now + Int64(pick(120_000)))
        return true
    }

    /// Who was taken for dead goes on at the worst moment: while another does what it had begun.
    mutating func wakeRivals(of address: Address, _ effect: SyncCore.Effect) {
        guard let delivery = effect.delivery, devices[address.device].programs.count > 1,
            chance(delivery.attempt > 1 ? 0.6 : 0.1)
        else { return }
        for (program, rival) in devices[address.device].programs.enumerated() where rival.isStopped {
            let rival = Address(device: address.device, program: program, incarnation: rival.incarnation)
            wire.put(.continues(rival), at: now + Int64(pick(300)))
        }
    }

    /// SIGCONT: what had passed the check of its deadline is written now, whatever the time; the rest is checked.
    mutating func resume(_ address: Address) throws {
        guard let program = running(address), program.isStopped else { return }
        devices[address.device].programs[address.program].isStopped = false
        devices[address.device].programs[address.program].isAsking = false
        devices[address.device].programs[address.program].held = []
        devices[address.device].programs[address.program].wakesAt = now + 5
        for kind in program.held {
            guard case .arrives(let request) = kind else {
                wire.put(kind, at: now + 1)
                continue
            }
            let limit = program.core.scope.configuration.requestTimeout.milliseconds
            if now < request.launchedAt + limit || chance(0.5) {
                wire.put(kind, at: now + 20 + Int64(pick(200)))
            } else {
                let error = ServiceError(.tooLate, certainty: .notApplied)
                wire.put(.answers(request.effect.failed(error), address), at: now + 1)
            }
        }
        guard program.isAsking else { return }
        // What its user wrote just now is there to be claimed.
        _ = try act(address.device)
        if running(address) != nil { try pump(address.device, address.program, [.identity(.success(program.credential))]) }
    }

    // MARK: Credentials and copies

    mutating func giveCredential(_ device: Int) throws {
        let scope = devices[device].scope
        service.renewCredentials(at: Timestamp(milliseconds: now))
        try devices[device].store.resume(scope, moment(device))
        retell(device) { $0.did("credential", at: $1) }
        for program in devices[device].programs.indices {
            devices[device].programs[program].credential = devices[device].user
        }
        try pump(device)
    }

    /// The credential is somebody else's: nothing may leave (R13).
    mutating func takeWrongCredential(_ device: Int) throws {
        let program = leader(device)
        guard !devices[device].programs[program].isStopped else { return }
        let stranger = devices[device].user == users[0] ? users[1] : users[0]
        devices[device].programs[program].credential = stranger
        retell(device) { $0.did("credential", of: stranger, at: $1) }
        try pump(device, program)
        wire.put(.credential(device: device), at: now + 500 + anyOutage())
    }

    /// Until a person gives the right credential: sometimes that is after all that the service remembers of a request.
    mutating func anyOutage() -> Int64 { Int64(pick([3_000, 3_000, 20_000, 20_000, 100_000, 800_000][pick(6)])) }

    mutating func rollBack(_ device: Int) throws -> StepKind {
        guard let backup = devices[device].backup, chance(0.7) else {
            try devices[device].backUp()
            return .repair
        }
        counts.faults[.rolledBack, default: 0] += 1
        try harvest(device)
        try devices[device].restore(backup, moment(device))
        retellAnew(device)
        forgetWaits(of: device)
        // A person has to find the copy and to say that it may go on: what was on its way has arrived by then.
        wire.put(.adoption(device: device), at: now + 60_000 + Int64(pick(30_000)))
        try pump(device, 0)
        return .trouble
    }

    mutating func refresh(_ device: Int) throws {
        try devices[device].store.askForWalks(devices[device].scope, moment(device))
        retell(device) { $0.did("refresh", at: $1) }
        try pump(device)
    }

    mutating func adopt(_ device: Int) throws {
        guard try !devices[device].store.isAdopted else { return }
        try devices[device].store.adopt(devices[device].scope, moment(device))
        retell(device) { $0.did("adopt", at: $1) }
        try pump(device)
    }
}
