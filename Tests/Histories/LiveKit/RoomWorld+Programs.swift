import Tidemark
import TidemarkLiveKit
import TidemarkModel
import TidemarkSimulator
import TidemarkStore

/// The programs: what their runners ask for, and what their adapters do.
extension RoomWorld {
    /// The program that a device's user talks to: the one with the lease.
    func leader(_ device: Int) -> Int {
        devices[device].programs.firstIndex { $0.runner.lease != nil && !$0.isStopped }
            ?? devices[device].programs.firstIndex { !$0.isStopped } ?? 0
    }

    func address(_ device: Int, _ program: Int) -> Address {
        Address(device: device, program: program, incarnation: devices[device].programs[program].incarnation)
    }

    func isAlive(_ address: Address) -> Bool {
        devices[address.device].programs[address.program].incarnation == address.incarnation
    }

    /// Lets the program of a device look, as its own loop would: where something was written, or its time has come.
    mutating func pump(_ device: Int) throws {
        let program = leader(device)
        let isDue = devices[device].programs[program].wakesAt.map { $0 <= now } ?? false
        guard try isDue || devices[device].programs[program].sawChanges != devices[device].store.changeCount() else { return }
        try pump(device, program)
    }

    /// Tells a program's runner what came, does what it asks for, and turns its adapter until all of it waits.
    mutating func pump(_ device: Int, _ program: Int, _ events: [SyncRunner.Event] = []) throws {
        guard !devices[device].programs[program].isStopped else { return }
        var events = events
        repeat {
            guard let effects = try take(events, device, program) else { return }
            events = []
            for effect in effects {
                switch effect {
                case .begin(let effect): begin(effect, device, program)
                case .askIdentity:
                    events.append(.identity(.success(ParticipantID(devices[device].participant))))
                case .wait(let due):
                    devices[device].programs[program].sawChanges = try devices[device].store.changeCount()
                    devices[device].programs[program].wakesAt = due.map { $0.milliseconds - devices[device].clockOffset }
                case .follow: follow(device, program)
                case .tell, .cutOff, .waitForAnswers, .end: break
                }
            }
            events += turn(device, program)
        } while !events.isEmpty
    }

    /// `nil`: it ended.
    private mutating func take(_ events: [SyncRunner.Event], _ device: Int, _ program: Int) throws -> [SyncRunner.Effect]? {
        do {
            let generation = devices[device].programs[program].core.scope.generation
            let effects = try devices[device].programs[program].runner.take(events, moment(device))
            if devices[device].programs[program].core.scope.generation != generation {
                // Whoever begins knows nothing of what came before.
                devices[device].witness.ends()
                if generation > 0 || program > 0 { counts.branches[.leaseTaken, default: 0] += 1 }
            }
            return effects
        } catch let error as StoreError where error.code == .leaseHeld {
            // Who lost it ends, and is started again some time.
            kill(device, program)
            devices[device].programs[program].wakesAt = now + 20_000 + Int64(pick(40_000))
            return nil
        }
    }

    private mutating func begin(_ effect: SyncCore.Effect, _ device: Int, _ program: Int) {
        guard case .deliver(let delivery) = effect else {
            caught.append("P6: device \(device) reads where there is nothing to read")
            return
        }
        trace.add("deliver", device, now, delivery.action.verb.rawValue)
        tell("deliver \(device) \(delivery.intent) \(delivery.action.verb.rawValue), attempt \(delivery.attempt)")
        if delivery.attempt > 1 { counts.branches[.repeated, default: 0] += 1 }
        let client = client(device, program)
        devices[device].programs[program].begun += 1
        let number = devices[device].programs[program].begun
        devices[device].programs[program].deliveries[number] = delivery
        client.begin(delivery, number: number)
    }

    private mutating func client(_ device: Int, _ program: Int) -> RoomClient {
        if let client = devices[device].programs[program].client { return client }
        let signer = server
        let time = time
        let client = RoomClient(
            devices[device].setup, room: Self.room, participant: devices[device].participant,
            credential: { grant in
                var grants = LiveKitGrants()
                grants.roomAdmin = grant.roomAdmin
                grants.roomList = grant.roomList
                grants.roomCreate = grant.roomCreate
                grants.room = grant.room ?? ""
                return signer.token(grants, lasting: 30 * 86_400, now: time)
            })
        devices[device].programs[program].client = client
        return client
    }

    private mutating func follow(_ device: Int, _ program: Int) {
        client(device, program).follow()
        // A run may begin to follow anew where it had lost its lease: its channel is what it was.
        guard devices[device].setup.hasChannel, !devices[device].programs[program].bridge.isRunning else { return }
        wire.put(.bridgeStarts(address(device, program)), at: now + 1)
    }

    /// What the adapter did, and what of it is for the runner.
    private mutating func turn(_ device: Int, _ program: Int) -> [SyncRunner.Event] {
        guard let client = devices[device].programs[program].client else { return [] }
        var events: [SyncRunner.Event] = []
        for note in client.run(at: now + devices[device].clockOffset) {
            switch note {
            case .called(let call): launch(call, device, program)
            case .pulled(let event): pulled(event, device, program)
            case .event(let event):
                if case .receiving = event { devices[device].witness.begins() }
                events.append(.pushed(event))
            case .delivered(let number, let result):
                guard let delivery = devices[device].programs[program].deliveries.removeValue(forKey: number) else { continue }
                if case .failure(let error) = result, error.code == .roomNotOpen {
                    noteClosed(number, address(device, program))
                }
                settled(result, of: delivery, device)
                events.append(.answer(.delivered(delivery, result)))
            }
        }
        return events
    }

    private mutating func pulled(_ event: DataChannelEvent, _ device: Int, _ program: Int) {
        switch event {
        case .gap(let gap):
            trace.add("gap", device, now, gap.rawValue)
            tell("device \(device) gap \(gap.rawValue)")
            counts.branches[.gap, default: 0] += 1
            devices[device].programs[program].bridge.gapTaken = true
            devices[device].witness.ends()
            if gap == .overflow { counts.faults[.overflow, default: 0] += 1 }
        case .packet(let packet):
            let packet = RoomPacket(packet)
            trace.add("hears", device, now, packet.sender ?? "")
            counts.packets += 1
            checkNothingLost(packet, device, program)
            hear(packet, device, program)
        }
    }

    private mutating func hear(_ packet: RoomPacket, _ device: Int, _ program: Int) {
        let meaning = RoomMeaning(
            packet, readsStreams: devices[device].setup.configuration.wire.readsTextStreams, rubbish: rubbish)
        tell(
            "device \(device) hears \(packet.sender ?? "-") \(packet.topic ?? "-") \(String(decoding: packet.payload, as: UTF8.self))"
        )
        let mine = devices[device].emissions.first { $0.packet.payload == packet.payload }
        if mine != nil { counts.branches[.ownEcho, default: 0] += 1 }
        // What comes back while it is under way is known as the own message, also without a name.
        let isUnderWay = devices[device].programs[program].deliveries.values.contains {
            $0.token == mine?.token && $0.action.verb == .send && packet.sender == mine?.packet.sender
        }
        devices[device].witness.hear(
            packet, meaning, isOwn: isUnderWay || packet.sender != nil && packet.sender == devices[device].participant)
    }

    /// What the bridge wrote and the program did not take is behind a gap.
    private mutating func checkNothingLost(_ packet: RoomPacket, _ device: Int, _ program: Int) {
        let bridge = devices[device].programs[program].bridge
        guard let place = bridge.fed.firstIndex(of: .packet(packet)) else {
            caught.append("P6: device \(device) heard what its bridge never said")
            return
        }
        let isExcused = bridge.gapTaken || bridge.isAmbiguous
        if place > 0, !isExcused {
            caught.append("P6: device \(device) missed \(place) packets, and heard of no gap at \(now - Self.start)")
        }
        devices[device].programs[program].bridge.fed.removeFirst(place + 1)
        devices[device].programs[program].bridge.gapTaken = false
        // Of equal packets behind a gap it may have been the later one.
        devices[device].programs[program].bridge.isAmbiguous =
            isExcused && devices[device].programs[program].bridge.fed.contains(.packet(packet))
    }

    /// What was accepted is known from then on, as what is heard.
    private mutating func settled(_ result: Result<Acceptance, ServiceError>, of delivery: Delivery, _ device: Int) {
        trace.add("delivered", device, now, delivery.action.verb.rawValue)
        switch result {
        case .failure(let error):
            let branch: RoomBranch? =
                switch error.code {
                case .roomNotOpen: .waited
                case .roomChanged: .roomChanged
                case .otherSender: .otherSender
                default: nil
                }
            if let branch { counts.branches[branch, default: 0] += 1 }
            tell("device \(device) \(delivery.intent): \(error.code.rawValue) \(error.certainty.rawValue)")
        case .success:
            tell("device \(device) \(delivery.intent): accepted")
            let left = devices[device].emissions.filter { $0.token == delivery.token && !$0.isAbsent }
            // A try by the other carrier bore another sender's name.
            let mine = left.filter { $0.isByServer == left.last?.isByServer }
            let isCurrent = (try? devices[device].account.intent(delivery.intent).get().token) == delivery.token
            let sayings = mine.compactMap { emission -> (packet: RoomPacket, saying: RoomSaying)? in
                guard case .says(let saying) = RoomMeaning(emission.packet, readsStreams: false, rubbish: [:]) else { return nil }
                return (emission.packet, saying)
            }
            devices[device].answered.insert(delivery.token)
            let greatest = sayings.max { one, other in
                (one.saying.time ?? .min, one.saying.isOnUpdateTopic ? 1 : 0)
                    < (other.saying.time ?? .min, other.saying.isOnUpdateTopic ? 1 : 0)
            }
            if isCurrent, let greatest { devices[device].witness.accepted(greatest.packet, greatest.saying) }
        }
    }

    // MARK: Crashes and stops

    /// A program is gone, and what it had under way with it.
    mutating func kill(_ device: Int, _ program: Int) {
        if let sid = devices[device].programs[program].bridge.sid { server.leave(sid, now: time) }
        devices[device].restart(program)
    }

    mutating func crash(_ device: Int) throws {
        let program = leader(device)
        guard !devices[device].programs[program].isStopped else { return }
        kill(device, program)
        // Its next run may be configured otherwise. What was sent without an answer goes the same way again, or it would be another's.
        let isUnderWay = try devices[device].account.outbox().get().contains { $0.attempts > 0 }
        if !isUnderWay, chance(0.7) {
            devices[device].setup.change(using: &generator)
            // Programs that share a store are configured alike (docs/livekit.md): the others begin anew with it.
            for other in devices[device].programs.indices where other != program {
                kill(device, other)
                devices[device].programs[other].wakesAt = now + 1 + Int64(pick(60_000))
            }
            if chance(0.5) { try changeWhatTheServerSent(device) }
        }
        if devices[device].programs.count == 1 || chance(0.5) {
            // The next run finds that nobody received any more.
            try pump(device, program)
        } else {
            devices[device].programs[program].wakesAt = now + 20_000 + Int64(pick(60_000))
        }
    }

    /// SIGSTOP: nothing of the program goes on, and its bridge's pipe fills.
    mutating func stop(_ device: Int) {
        let program = leader(device)
        guard !devices[device].programs[program].isStopped else { return }
        devices[device].programs[program].isStopped = true
        wire.put(.continues(address(device, program)), at: now + Int64(pick(pick(2) == 0 ? 240_000 : 5_000)))
    }

    mutating func resume(_ address: Address) throws {
        guard isAlive(address), devices[address.device].programs[address.program].isStopped else { return }
        let (device, program) = (address.device, address.program)
        devices[device].programs[program].isStopped = false
        let bridge = devices[device].programs[program].bridge
        devices[device].programs[program].bridge.pipe = []
        devices[device].programs[program].bridge.dropped = 0
        for unread in bridge.pipe {
            switch unread {
            case .line(let line): devices[device].programs[program].client?.hear(line)
            case .gap(let gap): devices[device].programs[program].client?.hear(gap)
            }
        }
        if bridge.dropped > 0 {
            devices[device].programs[program].bridge.fed.append(.lost)
            devices[device].programs[program].client?.hear(LiveKitHubLine.event("overflow", ["dropped": "\(bridge.dropped)"]))
        }
        let held = devices[device].programs[program].held
        devices[device].programs[program].held = []
        for kind in held { wire.put(kind, at: now + 1) }
        try pump(device, program)
    }

    mutating func giveCredential(_ device: Int) throws {
        devices[device].hasBadToken = false
        try devices[device].store.resume(devices[device].scope, moment(device))
        try pump(device)
    }
}
