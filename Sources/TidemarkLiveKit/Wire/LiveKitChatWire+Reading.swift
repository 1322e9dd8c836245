import TidemarkModel

extension LiveKitChatWire {
    /// Reads a packet. It never throws and never traps, whatever the bytes are.
    ///
    /// Accepted and refused is what LiveKit's Python class accepts and refuses (recordings `chat_decode.json`), with these
    /// differences in what it makes of it: a missing id is derived and not random, so that a replay is no new message; only
    /// `"deleted": true` deletes, since a delete is final; values of other types become their JSON text.
    public func read(_ packet: LiveKitPacket) -> LiveKitReading {
        do throws(LiveKitReject) {
            switch packet.topic {
            case LiveKitTopic.chat: return try legacy(packet, .chatTopic)
            case LiveKitTopic.update: return try legacy(packet, .updateTopic)
            case LiveKitTopic.stream: return try stream(packet)
            default: return .ignored
            }
        } catch {
            return .reject(error)
        }
    }

    private func legacy(
        _ packet: LiveKitPacket, _ carrier: LiveKitObservation.Carrier
    ) throws(LiveKitReject) -> LiveKitReading {
        let json = try object(packet)
        let isCopyOfStream = json["ignoreLegacy"]?.truth == true
        if readsTextStreams, isCopyOfStream { return .ignored }
        let id = try id(json["id"], packet)
        let timestamp = try timestamp(json["timestamp"], packet, id)
        let text = json["message"]?.shown
        let isUpdate = carrier == .updateTopic
        return .observation(
            LiveKitObservation(
                change: json["deleted"]?.truth == true ? .delete : isUpdate ? .update : .create, carrier: carrier,
                id: id ?? LiveKitMessageID.derived(sender: packet.identity, timestamp: timestamp, text: text),
                hasDerivedID: id == nil, sender: packet.identity, text: text, timestamp: timestamp,
                // No reader looks at its type, so a wrong one is no reason to lose the message.
                editTimestamp: json["editTimestamp"].flatMap(LiveKitWireTime.timestamp), isCopyOfStream: isCopyOfStream,
                isCopyOfChatMessage: json["ignore"]?.truth == true))
    }

    private func object(_ packet: LiveKitPacket) throws(LiveKitReject) -> LiveKitJSON {
        guard packet.payload.count <= maximumPayloadBytes else {
            throw LiveKitReject(.tooLarge, "it has more than \(maximumPayloadBytes) bytes", of: packet)
        }
        let json: LiveKitJSON
        do throws(JSONError) {
            json = try LiveKitJSON(reading: packet.payload)
        } catch {
            let isText = error.offset > 0 || LiveKitJSONEncoding.utf8(packet.payload) != nil
            throw LiveKitReject(isText ? .notJSON : .notText, "\(error.reason), at byte \(error.offset)", of: packet)
        }
        guard case .object = json else { throw LiveKitReject(.notAnObject, "its JSON is no object", of: packet) }
        return json
    }

    private func id(_ value: LiveKitJSON?, _ packet: LiveKitPacket) throws(LiveKitReject) -> String? {
        guard let value, !value.isFalsy else { return nil }
        let id = value.shown
        guard id.utf8.count <= maximumIDBytes else {
            throw LiveKitReject(.badID, "its id has more than \(maximumIDBytes) bytes", of: packet)
        }
        return id
    }

    private func timestamp(
        _ value: LiveKitJSON?, _ packet: LiveKitPacket, _ id: String?
    ) throws(LiveKitReject) -> Timestamp? {
        guard let value, !value.isFalsy else { return nil }
        guard let timestamp = LiveKitWireTime.timestamp(value) else {
            throw LiveKitReject(.badTimestamp, "its timestamp is no time of the years 1 to 9999", of: packet, id: id)
        }
        return timestamp
    }

    private func stream(_ packet: LiveKitPacket) throws(LiveKitReject) -> LiveKitReading {
        guard readsTextStreams, let stream = packet.stream else { return .ignored }
        guard packet.payload.count <= maximumStreamBytes else {
            throw LiveKitReject(.tooLarge, "its text has more than \(maximumStreamBytes) bytes", of: packet, id: stream.id)
        }
        guard !stream.id.isEmpty, stream.id.utf8.count <= maximumIDBytes else {
            throw LiveKitReject(.badID, "its stream id is empty or has more than \(maximumIDBytes) bytes", of: packet)
        }
        guard let text = String(validating: packet.payload, as: UTF8.self) else {
            throw LiveKitReject(.notText, "its text is no UTF-8", of: packet, id: stream.id)
        }
        let timestamp = stream.timestamp.flatMap { $0.milliseconds != 0 && LiveKitWireTime.range.contains($0) ? $0 : nil }
        return .observation(
            LiveKitObservation(
                change: .create, carrier: .textStream, id: stream.id, sender: packet.identity, text: text, timestamp: timestamp))
    }
}

/// Times as they travel: milliseconds since 1970, of the years that Python's `datetime` knows.
enum LiveKitWireTime {
    /// 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999Z.
    static let range = Timestamp(milliseconds: -62_135_596_800_000)...Timestamp(milliseconds: 253_402_300_799_999)

    /// Fractions are cut off towards zero, as Python does.
    static func timestamp(_ value: LiveKitJSON) -> Timestamp? {
        guard case .number(let digits) = value else { return nil }
        let milliseconds = Int64(digits) ?? Double(digits).flatMap { Int64(exactly: $0.rounded(.towardZero)) }
        return milliseconds.map(Timestamp.init(milliseconds:)).flatMap { range.contains($0) ? $0 : nil }
    }
}
