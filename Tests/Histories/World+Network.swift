import Tidemark
import TidemarkModel
import TidemarkStore

/// The way to the service and back.
extension World {
    private static var onRequests: [Fault] {
        [.requestLost, .answerLost, .delayed, .answerLate, .throttled, .unreachable, .credentialRefused]
    }
    private static var onDeliveries: [Fault] {
        onRequests + [.duplicated, .late, .afterQuarantine, .failedAfterActing, .truncated]
    }

    mutating func launch(_ effect: SyncCore.Effect, _ device: Int, _ program: Int) {
        let address = Address(device: device, program: program, incarnation: devices[device].programs[program].incarnation)
        trace.add("launch", device, now, effect.name)
        // What a feed tells is counted when it does.
        if !effect.isOfList, !effect.isPoll { asked += 1 }
        if !troubles.isNone {
            counts.requests += 1
            if effect.delivery != nil { counts.deliveries += 1 }
        }
        noteWalk(effect, device)
        if let identity = effect.delivery?.identity, identity != devices[device].user {
            caught.append("R13: device \(device) sent as somebody else at \(now)")
        }
        var request = Request(effect: effect, from: address, launchedAt: now)
        request.fault = strike(effect, device)
        // Without another under way there is nothing to overtake.
        if request.fault == .reordered, wire.before(nextOf: address, now: now) == nil { request.fault = nil }
        if let fault = request.fault { counts.faults[fault, default: 0] += 1 }
        noteHaste(effect, device)
        wakeRivals(of: address, effect)
        noteText(effect, device)
        if isVerbose {
            print(now - World.start, "launch", device, program, effect.name, request.fault?.rawValue ?? "")
        }
        if overtakeEdit(&request) { return wire.put(.arrives(request), at: now + 1) }
        let timeout = devices[device].programs[program].core.scope.configuration.requestTimeout.milliseconds
        let latency = Int64(20 + pick(200)) + conspire(request)
        switch request.fault {
        case .requestLost: return lose(request, timeout)
        case .late:
            lose(request, timeout)
            let latest = Int(service.traits.quarantine.milliseconds - service.listLag)
            // Rather at the last moment.
            let delay = chance(0.5) ? latest - 1 - pick(10_000) : pick(latest)
            wire.put(.arrives(request), at: now + timeout + Int64(delay))
        case .afterQuarantine:
            lose(request, timeout)
            let quarantine = service.traits.quarantine.milliseconds
            wire.put(.arrives(request), at: now + timeout + quarantine + 1 + Int64(pick(60_000)))
        case .answerLost:
            lose(request, timeout)
            wire.put(.arrives(request), at: now + latency)
        case .delayed: wire.put(.arrives(request), at: now + latency + Int64(pick(8000)))
        case .duplicated:
            wire.put(.arrives(request), at: now + latency)
            request.isCopy = true
            wire.put(.arrives(request), at: now + latency + Int64(pick(10_000)))
        case .reordered: wire.put(.arrives(request), at: wire.before(nextOf: address, now: now) ?? now + latency)
        default: wire.put(.arrives(request), at: now + latency)
        }
    }

    private mutating func strike(_ effect: SyncCore.Effect, _ device: Int) -> Fault? {
        if now < devices[device].offlineUntil { return .offline }
        if effect.isEarlyNotFoundPossible, chance(troubles.rate(.earlyNotFound)) { return .earlyNotFound }
        if effect.hasLink, chance(troubles.rate(.linkRejected)) { return .linkRejected }
        if let delivery = effect.delivery, isRefused(delivery) { return .refused }
        // There are few of them, and much hangs on each; but who waits for the first one can do nothing else.
        if devices[device].witness.locals.count > 1, effect.delivery?.action.verb == .createConversation,
            troubles.rate(.answerLost) > 0, chance(0.3)
        {
            return .answerLost
        }
        if chance(troubles.rate(.reordered)) { return .reordered }
        return troubles.strike(number(), effect.delivery == nil ? Self.onRequests : Self.onDeliveries)
    }

    /// A page that shows what another client made of a message just before our own edit of it gets there, and that comes back long
    /// after the edit was accepted (R19).
    private mutating func overtakeEdit(_ request: inout Request) -> Bool {
        guard request.fault == nil, case .read(let read) = request.effect, case .messages(let thread) = read.request.subject,
            !troubles.isNone, let edit = wire.edit(of: request.from.device, in: thread), edit.due > now + 1, chance(0.3)
        else { return false }
        let user = devices[request.from.device].user
        service.otherEdits(edit.message, as: user, in: thread, at: Timestamp(milliseconds: now))
        push()
        request.fault = .answerLate
        request.answerDue = edit.due + 300 + Int64(pick(3000))
        counts.faults[.answerLate, default: 0] += 1
        return true
    }

    /// What makes the worst of a moment. Returns by how much the request is slower for it.
    private mutating func conspire(_ request: Request) -> Int64 {
        guard let delivery = request.effect.delivery, !troubles.isNone, chance(0.4) else { return 0 }
        let device = request.from.device
        switch (delivery.action.verb, request.fault) {
        case (.edit, nil):
            // Its user wants to see it, and a page is asked for while it is on its way (R19).
            wire.put(.refreshes(device: device), at: now + 10)
            return 1500
        case (.createConversation, .answerLost?), (.createConversation, .failedAfterActing?), (.createConversation, .truncated?):
            // The train goes into a tunnel, at times longer than its service remembers the request (R11). Somebody sets the clock there.
            let tunnel = [100_000, 100_000, 800_000][pick(3)]
            devices[device].offlineUntil = now + Int64(tunnel)
            if troubles.setsClocks {
                wire.put(.clock(device: device, by: -Int64(tunnel)), at: now + Int64(pick(tunnel)))
            }
        case (.send, .late?):
            // What has passed by the clock has not passed (R3).
            guard troubles.setsClocks else { break }
            let timeout = devices[device].programs[request.from.program].core.scope.configuration.requestTimeout.milliseconds
            wire.put(.clock(device: device, by: 2 * service.traits.quarantine.milliseconds), at: now + timeout + 1000)
        default: break
        }
        return 0
    }

    /// Without a conversation little else can happen.
    private mutating func isRefused(_ delivery: Delivery) -> Bool {
        let rate = troubles.rate(.refused) * (delivery.action.verb == .createConversation ? 0.2 : 1)
        guard chance(rate > 0 && refused.contains(delivery.token) ? 0.98 : rate) else { return false }
        refused.insert(delivery.token)
        return true
    }

    /// Its client gives up.
    private mutating func lose(_ request: Request, _ timeout: Int64) {
        wire.put(.answers(service.noAnswer(mayHaveArrived: true, to: request.effect), request.from), at: now + timeout)
    }

    mutating func arrive(_ request: Request) {
        let effect = request.effect
        trace.add("arrive", request.from.device, now, effect.name)
        note(request)
        meddle(with: request)
        switch request.fault {
        case .throttled:
            let wait = [nil, nil, 3, 30][pick(4)]
            send(429, retryAfter: wait, to: request)
        case .unreachable, .offline: send(service.noAnswer(mayHaveArrived: false, to: effect), to: request)
        case .credentialRefused:
            wire.put(.credential(device: request.from.device), at: now + 1000 + anyOutage())
            send(401, to: request)
        case .earlyNotFound: send(404, to: request)
        case .refused: send(pick(3) == 0 ? 403 : 400, to: request)
        case .linkRejected: send([400, 404, 410][pick(3)], to: request)
        case .failedAfterActing:
            _ = answered(request)
            send([500, 503, 504, 408][pick(4)], to: request)
        case .truncated:
            // What cuts an answer off after its first line changes nothing of that line.
            let answer = answered(request)
            answer.isYes ? send(201, to: request) : send(answer, to: request)
        default: send(answered(request), to: request)
        }
    }

    private mutating func send(_ status: Int, retryAfter: Int? = nil, to request: Request) {
        let (answer, response) = service.answer(status, retryAfter: retryAfter, to: request.effect)
        retell(request.from.device) { told, _ in told.keep(response, of: request.effect) }
        send(answer, to: request)
    }

    private mutating func send(_ answer: SyncCore.Answer, to request: Request) {
        if isVerbose { print(now - World.start, "answer", request.from.device, request.effect.name, answer.outcome) }
        switch request.fault {
        case .answerLost, .late, .afterQuarantine: return
        case .duplicated where request.isCopy: return
        case .answerLate:
            wire.put(.answers(answer, request.from), at: request.answerDue ?? now + 20 + Int64(pick(15_000)))
        case .reordered:
            wire.put(.answers(answer, request.from), at: wire.before(nextOf: request.from, now: now) ?? now + 20)
        default: wire.put(.answers(answer, request.from), at: now + 20 + Int64(pick(200)))
        }
    }

    private mutating func answered(_ request: Request) -> SyncCore.Answer {
        let time = Timestamp(milliseconds: now)
        let user = devices[request.from.device].user
        switch request.effect {
        case .deliver(let delivery):
            let result = service.perform(delivery, as: user, at: time)
            if case .success = result {
                if isExcused(request) { excused[delivery.token, default: 0] += 1 }
                noteDone(delivery, request.from.device)
                applied.insert(delivery.token)
                renameUnheard(request)
            }
            push()
            let said = service.lastResponse
            retell(request.from.device) { told, _ in told.keep(said, of: request.effect) }
            return .delivered(delivery, result)
        case .read(let read):
            let page = service.page(read.request, as: user, at: time)
            let said = service.lastResponse
            retell(request.from.device) { told, _ in told.keep(said, of: request.effect) }
            noteTogether(page, of: read)
            return .read(read, page)
        }
    }

    /// What was made, and nobody was told of, has another name before its maker looks for it.
    private mutating func renameUnheard(_ request: Request) {
        guard case .deliver(let delivery) = request.effect, delivery.action.verb == .createConversation, !troubles.isNone,
            request.fault == .answerLost || request.fault == .failedAfterActing, chance(0.3),
            let thread = service.threads.last(where: { $0.token == delivery.token }), let other = thread.members.max()
        else { return }
        service.otherRenames(
            thread.id, to: "renamed \(generator.number() % 1000)", as: other, at: Timestamp(milliseconds: now))
    }

    /// What the network carried twice, or later than any quarantine: nobody can prevent its effect (R5).
    private func isExcused(_ request: Request) -> Bool {
        let scope = devices[request.from.device].scope
        let longest = (scope.configuration.requestTimeout + scope.traits.quarantine).milliseconds
        return request.fault == .duplicated || now > request.launchedAt + longest - service.listLag
    }

    // MARK: Pushes

    /// Tells the devices of what has changed: late, twice, out of order or never.
    mutating func push() {
        for index in 0..<service.threadCount {
            if index == told.count { told.append(0) }
            let sequence = service.sequence(of: index)
            guard sequence != told[index] else { continue }
            let before = told[index]
            told[index] = sequence
            let thread = service.thread(index)
            for message in thread.messages where message.sequence > before && message.kind.isUserKind {
                chronicle.note(message)
                guard troubles.pushed > 0 else { continue }
                let told = service.push(of: message, in: thread.id)
                for device in devices.indices where thread.members.contains(devices[device].user) {
                    push(told, to: device)
                }
            }
        }
    }

    private mutating func push(_ push: Push, to device: Int) {
        guard chance(troubles.pushed) else { return counts.faults[.pushLost, default: 0] += 1 }
        let isLate = pick(4) == 0
        if isLate { counts.faults[.pushLate, default: 0] += 1 }
        let copies = pick(4) == 0 ? 2 : 1
        if copies > 1 { counts.faults[.pushTwice, default: 0] += 1 }
        for _ in 0..<copies {
            wire.put(.pushed(push, device: device), at: now + Int64(20 + pick(isLate ? 60_000 : 800)))
        }
    }
}
