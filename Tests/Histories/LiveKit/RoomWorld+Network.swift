import Foundation
import HTTPTypes
import TidemarkLiveKit
import TidemarkModel
import TidemarkSimulator
import TidemarkStore

/// The way to the server's API, and to the bridge.
extension RoomWorld {
    private static let onCalls: [RoomFault] = [
        .requestLost, .answerLost, .delayed, .unreachable, .throttled, .tokenRefused, .failedBeforeActing, .truncated,
    ]
    private static let onSends = onCalls + [.duplicated, .late, .failedAfterActing, .denied]
    /// As the transport's own limit is.
    private static let timeout: Int64 = 30_000

    mutating func launch(_ call: RoomCall, _ device: Int, _ program: Int) {
        var request = RoomRequest(call: call, from: address(device, program), launchedAt: now)
        emit(call, device, program)
        switch call.kind {
        case .server(let head, _):
            let isSend = head.path?.hasSuffix("SendData") == true
            if !troubles.isNone { counts.calls += 1 }
            if !troubles.isNone, isSend { counts.sends += 1 }
            request.fault = troubles.strike(number(), isSend ? Self.onSends : Self.onCalls)
            if now < devices[device].offlineUntil { request.fault = .unreachable }
            send(request)
        case .bridge:
            if !troubles.isNone { counts.lines += 1 }
            request.fault = troubles.strike(number(), [.interrupted, .swallowed])
            hand(request)
        }
        if let fault = request.fault { counts.faults[fault, default: 0] += 1 }
    }

    mutating func number() -> Double { Double(generator.next() >> 11) / Double(1 << 53) }

    // MARK: The server's API

    private mutating func send(_ request: RoomRequest) {
        var request = request
        tell("call of device \(request.from.device) \(request.fault?.rawValue ?? "")")
        let latency = Int64(10 + pick(200))
        let lost = RoomCall.Answer.server(.failure(TransportError(.timeout, requestMayHaveArrived: true)))
        switch request.fault {
        case .unreachable:
            let error = TransportError(.unreachable, requestMayHaveArrived: false)
            return wire.put(.answers(request.call.number, .server(.failure(error)), request.from), at: now + latency)
        case .requestLost:
            return wire.put(.answers(request.call.number, lost, request.from), at: now + Self.timeout)
        case .answerLost, .late:
            wire.put(.answers(request.call.number, lost, request.from), at: now + Self.timeout)
            let isLate = request.fault == .late
            request.isUnheard = true
            wire.put(.arrives(request), at: now + latency + (isLate ? Self.timeout + Int64(pick(60_000)) : 0))
        case .duplicated:
            wire.put(.arrives(request), at: now + latency)
            request.isUnheard = true
            wire.put(.arrives(request), at: now + latency + Int64(pick(10_000)))
        case .delayed: wire.put(.arrives(request), at: now + latency + Int64(pick(8000)))
        default: wire.put(.arrives(request), at: now + latency)
        }
    }

    /// A call gets to the server.
    mutating func arrive(_ request: RoomRequest) {
        guard case .server(let head, let body) = request.call.kind else { return }
        let response = respond(request, head, body)
        guard !request.isUnheard else { return }
        tell("answer \(response.head.status.code) to device \(request.from.device)")
        wire.put(.answers(request.call.number, .server(.success(response)), request.from), at: now + 5 + Int64(pick(100)))
    }

    private mutating func respond(_ request: RoomRequest, _ head: HTTPRequest, _ body: [UInt8]) -> TransportResponse {
        let device = request.from.device
        if request.fault == .tokenRefused, !devices[device].hasBadToken {
            devices[device].hasBadToken = true
            wire.put(.credential(device: device), at: now + 1000 + Int64(pick(any([3_000, 20_000, 700_000]))))
        }
        if devices[device].hasBadToken { return Self.answer(401, "text/plain", "invalid token") }
        switch request.fault {
        case .throttled: return Self.twirp(429, "resource_exhausted")
        case .denied: return Self.twirp(401, "unauthenticated")
        case .failedBeforeActing: return anyFailure()
        default: break
        }
        let before = server.accepted.count
        let response = server.respond(to: head, body: body, now: time)
        if head.path?.hasSuffix("SendData") == true, response.head.status.code == 200 { noteRepeat(body, before) }
        noteRecord(from: before)
        switch request.fault {
        case .failedAfterActing where response.head.status.code == 200: return anyFailure()
        case .truncated where response.head.status.code == 200:
            var response = response
            response.body = Array(response.body.dropLast(1 + response.body.count / 2))
            return response
        default: return response
        }
    }

    private mutating func anyFailure() -> TransportResponse {
        let (status, code) = any([(503, "unavailable"), (500, "internal"), (408, "deadline_exceeded"), (503, "unavailable")])
        return Self.twirp(status, code)
    }

    private static func twirp(_ status: Int, _ code: String) -> TransportResponse {
        answer(status, "application/json", "{\"code\":\"\(code)\",\"msg\":\"no response from servers\"}")
    }

    private static func answer(_ status: Int, _ type: String, _ body: String) -> TransportResponse {
        var head = HTTPResponse(status: .init(code: status))
        head.headerFields[.contentType] = type
        return TransportResponse(head: head, body: Array(body.utf8))
    }

    /// What got into rooms since.
    mutating func noteRecord(from first: Int) {
        for packet in server.accepted.dropFirst(first) {
            let packet = RoomPacket(
                topic: packet.topic, payload: packet.payload, sender: packet.identity, streamID: packet.streamID,
                streamTime: packet.streamTimestamp)
            record.insert(packet)
            if case .says(let saying) = RoomMeaning(packet, readsStreams: true, rubbish: rubbish), !saying.hasNoID,
                !knownIDs.contains(saying.id)
            {
                knownIDs.append(saying.id)
            }
        }
    }

    private mutating func noteRepeat(_ body: [UInt8], _ before: Int) {
        guard let sent = Self.sentData(body) else { return }
        let isNew = seenNonces.insert(sent.nonce).inserted
        guard !isNew else {
            // A room that closes in that moment may say yes to what nobody gets: its sender can't know.
            if server.accepted.count == before {
                record.insert(RoomPacket(topic: sent.topic, payload: sent.payload, sender: nil))
            }
            return
        }
        counts.branches[server.accepted.count == before ? .nonceDropped : .nonceForgotten, default: 0] += 1
    }

    // MARK: The bridge

    private mutating func hand(_ request: RoomRequest) {
        let (device, program) = (request.from.device, request.from.program)
        let bridge = devices[device].programs[program].bridge
        guard bridge.isRunning else {
            let answer = RoomCall.Answer.bridge(DataChannelError(.notConnected))
            return wire.put(.answers(request.call.number, answer, request.from), at: now + 1)
        }
        tell("line of device \(device) \(request.fault?.rawValue ?? "")")
        if bridge.isHung {
            // It is ended for it.
            return wire.put(
                .answers(request.call.number, .bridge(DataChannelError(.interrupted)), request.from), at: now + 10_000)
        }
        let due = max(now + 1 + Int64(pick(50)), devices[device].programs[program].bridge.publishedAt)
        devices[device].programs[program].bridge.publishedAt = due
        switch request.fault {
        case .interrupted:
            if chance(0.5) { wire.put(.publishes(request, bridge: bridge.number), at: due) }
            wire.put(.answers(request.call.number, .bridge(DataChannelError(.interrupted)), request.from), at: due + 1)
            wire.put(.bridgeEnds(request.from, bridge: bridge.number), at: due + 1)
        case .swallowed:
            wire.put(.answers(request.call.number, .bridge(nil), request.from), at: due)
            wire.put(.bridgeEnds(request.from, bridge: bridge.number), at: due)
            noteTaken(request)
        default:
            wire.put(.publishes(request, bridge: bridge.number), at: due)
            wire.put(.answers(request.call.number, .bridge(nil), request.from), at: due + Int64(pick(5)))
            noteTaken(request)
        }
    }

    /// The bridge has it: what becomes of it then nobody can tell its sender.
    private mutating func noteTaken(_ request: RoomRequest) {
        guard let packet = Self.published(request.call, devices[request.from.device].participant) else { return }
        record.insert(packet)
    }

    static func published(_ call: RoomCall, _ sender: String) -> RoomPacket? {
        guard case .bridge(let line) = call.kind, let packet = try? LiveKitHubLine.packet(line.dropLast()) else { return nil }
        return RoomPacket(
            topic: packet.topic, payload: packet.payload, sender: sender, streamID: packet.streamID,
            streamTime: packet.streamTimestamp)
    }

    mutating func publish(_ request: RoomRequest, _ number: Int) {
        guard isAlive(request.from), case .bridge(let line) = request.call.kind else { return }
        let bridge = devices[request.from.device].programs[request.from.program].bridge
        guard bridge.number == number, bridge.isRunning else { return }
        guard let sid = bridge.sid, bridge.isConnected else {
            return wire.put(.publishes(request, bridge: number), at: now + 200)
        }
        guard var packet = try? LiveKitHubLine.packet(line.dropLast()) else {
            caught.append("R21: device \(request.from.device) handed its bridge a line that is no packet")
            return
        }
        // The SDK writes the time into a stream's header.
        if packet.streamID != nil, habits.timesStreams { packet.streamTimestamp = now }
        let before = server.accepted.count
        server.publish(packet, by: sid, now: time)
        noteRecord(from: before)
    }

    // MARK: Answers

    mutating func answerCall(_ call: Int, _ answer: RoomCall.Answer, _ address: Address, _ event: RoomEvent.Kind) throws {
        guard isAlive(address) else { return }
        guard !devices[address.device].programs[address.program].isStopped else {
            devices[address.device].programs[address.program].held.append(event)
            return
        }
        noteAbsence(call, answer, address)
        devices[address.device].programs[address.program].client?.ports.answer(call, answer)
        try pump(address.device, address.program)
    }
}
