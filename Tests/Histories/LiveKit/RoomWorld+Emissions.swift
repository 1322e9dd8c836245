import Foundation
import HTTPTypes
import TidemarkLiveKit
import TidemarkModel
import TidemarkSimulator
import TidemarkStore

/// What leaves a device, looked at as it leaves: nothing that ends others' chats, and nothing twice that is not the same.
extension RoomWorld {
    mutating func emit(_ call: RoomCall, _ device: Int, _ program: Int) {
        guard let number = call.delivery, let delivery = devices[device].programs[program].deliveries[number],
            let (packet, nonce) = content(of: call, device)
        else { return }
        let intent = delivery.intent
        let emission = RoomDevice.Emission(
            token: delivery.token, intent: intent, packet: packet, nonce: nonce,
            isByServer: packet.sender == nil, at: now, isAfterYes: devices[device].answered.contains(delivery.token),
            call: call.number, delivery: number, from: address(device, program))
        checkForm(packet, device)
        checkRoom(delivery, device)
        checkRepeat(emission, delivery, device)
        devices[device].emissions.append(emission)
        tell("device \(device) emits \(packet.topic ?? "") \(String(decoding: packet.payload, as: UTF8.self))")
    }

    /// What was written for one room is not said in the next (R21). Just before it left it may have become another one, and who was
    /// stopped after the last look, and then had its clock set back, does not see that its time is over.
    private mutating func checkRoom(_ delivery: Delivery, _ device: Int) {
        guard devices[device].setup.hasServer, let bound = delivery.room, let open = server.rooms.first, open.sid != bound,
            now - open.createdAt > 45_000, !devices[device].hasClockJumped
        else { return }
        caught.append("R21: device \(device)'s \(delivery.intent) goes out in another room than it was written for")
    }

    /// What the answer says of what left.
    mutating func noteAbsence(_ call: Int, _ answer: RoomCall.Answer, _ address: Address) {
        let isAbsent =
            switch answer {
            case .server(.failure(let error)): !error.requestMayHaveArrived
            case .server(.success(let response)): [400, 401, 404, 413, 429].contains(response.head.status.code)
            case .bridge(let error): error.map { $0.code == .notConnected } ?? false
            }
        guard isAbsent else { return }
        let place = devices[address.device].emissions.lastIndex { $0.call == call && $0.from == address }
        if let place { devices[address.device].emissions[place].isAbsent = true }
    }

    /// Nobody had opened the room, so nobody got it. Who closed it in that moment makes it look so, too (docs/livekit.md).
    mutating func noteClosed(_ number: Int, _ address: Address) {
        for place in devices[address.device].emissions.indices
        where devices[address.device].emissions[place].delivery == number
            && devices[address.device].emissions[place].from == address
        {
            devices[address.device].emissions[place].isAbsent = true
        }
    }

    private func content(of call: RoomCall, _ device: Int) -> (RoomPacket, nonce: [UInt8])? {
        switch call.kind {
        case .bridge: return Self.published(call, devices[device].participant).map { ($0, []) }
        case .server(let head, let body):
            guard head.path?.hasSuffix("SendData") == true, let sent = Self.sentData(body) else { return nil }
            return (RoomPacket(topic: sent.topic, payload: sent.payload, sender: nil), sent.nonce)
        }
    }

    struct SentData {
        var topic: String?
        var payload: [UInt8]
        var nonce: [UInt8]
    }

    static func sentData(_ body: [UInt8]) -> SentData? {
        guard let object = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any],
            let data = (object["data"] as? String).flatMap({ Data(base64Encoded: $0) })
        else { return nil }
        let nonce = (object["nonce"] as? String).flatMap { Data(base64Encoded: $0) }
        return SentData(topic: object["topic"] as? String, payload: Array(data), nonce: nonce.map(Array.init) ?? [])
    }

    /// A packet that some reader stumbles over is never sent (wire page §1).
    private mutating func checkForm(_ packet: RoomPacket, _ device: Int) {
        func blame(_ what: String) { caught.append("R21: device \(device) sends \(what) (\(now - Self.start))") }
        guard packet.payload.count <= 15 * 1024 else { return blame("more than rooms carry") }
        if packet.topic == "lk.chat" {
            if packet.streamID?.isEmpty != false { blame("a stream without an id") }
            return
        }
        guard packet.topic == "lk-chat-topic" || packet.topic == "lk-chat-update-topic" else { return blame("on no chat topic") }
        guard let object = try? JSONSerialization.jsonObject(with: Data(packet.payload)) as? [String: Any] else {
            return blame("what is no JSON object")
        }
        let years: ClosedRange<Int64> = -62_135_596_800_000...253_402_300_799_999
        if (object["id"] as? String)?.isEmpty != false { blame("no id") }
        if !(object["message"] is String) { blame("a message that is no text") }
        if (object["timestamp"] as? NSNumber).map({ !years.contains($0.int64Value) }) ?? true { blame("no time") }
        if let deleted = object["deleted"], deleted as? Bool != true { blame("a deleted that is not true") }
    }

    /// The same packet with the same nonce, before there was a yes, and only for as long as it repeats by itself (R11, R21).
    private mutating func checkRepeat(_ emission: RoomDevice.Emission, _ delivery: Delivery, _ device: Int) {
        let earlier = devices[device].emissions.filter { $0.token == emission.token }
        let name = "device \(device)'s \(delivery.intent)"
        let wish = devices[device].wish(of: delivery.intent)
        let asked = wish.map { devices[device].accepted[$0].asked } ?? []
        if emission.isAfterYes, asked.isEmpty, delivery.attempt > 1 { caught.append("P2: \(name) is sent again after a yes") }
        // What certainly did not arrive may be changed still (R4), and what a person wants sent again is made anew on what is there now.
        for other in earlier where other.packet.topic == emission.packet.topic && other.at >= asked.last ?? 0 {
            if other.packet != emission.packet, !other.isAbsent { caught.append("P2: \(name) is sent again with other bytes") }
            if other.nonce != emission.nonce { caught.append("P2: \(name) is sent again with another nonce") }
        }
        if emission.isByServer {
            if emission.nonce.count != 16 { caught.append("P2: \(name) has no nonce") }
            if devices[device].emissions.contains(where: {
                $0.nonce == emission.nonce && $0.packet != emission.packet && !$0.isAbsent && $0.at >= asked.last ?? 0
            }) {
                caught.append("P2: \(name) has the nonce of another packet")
            }
        }
        // The wait for a call's answer and what the clock was set by lie between.
        let first = earlier.first { !$0.isAbsent && $0.at >= asked.last ?? 0 }?.at ?? now
        let lifetime = devices[device].setup.configuration.repeatsFor.milliseconds
        if now - first > lifetime + 120_000, !devices[device].hasClockJumped {
            caught.append("P2: \(name) is repeated \((now - first) / 1000) s after it first left")
        }
    }
}
