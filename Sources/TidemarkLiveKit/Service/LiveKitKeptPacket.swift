import TidemarkModel

/// A packet that can't be read, as it is kept for a later version to try again (rule R24): a line of JSON that says how it came,
/// and its payload behind it.
enum LiveKitKeptPacket {
    static func bytes(_ packet: LiveKitPacket) -> [UInt8] {
        let head = LiveKitJSONText(members: [
            ("topic", packet.topic.map { .string($0) }), ("identity", packet.identity.map { .string($0) }),
            ("stream", packet.stream.map { .string($0.id) }),
            ("timestamp", packet.stream?.timestamp.map { .integer($0.milliseconds) }),
            ("bytes", .integer(Int64(packet.payload.count))),
        ])
        return head.compact + [UInt8(ascii: "\n")] + packet.payload.prefix(Reject.maximumRawBytes)
    }

    /// `nil`: it is none, or not all of it was kept.
    static func packet(_ bytes: [UInt8]) -> LiveKitPacket? {
        guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")), let head = try? LiveKitJSON(reading: Array(bytes[..<end])),
            let count = head["bytes"]?.integer, bytes.count - end - 1 == count
        else { return nil }
        let stream = head["stream"]?.text.map { id in
            LiveKitStream(id: id, timestamp: head["timestamp"]?.integer.map { Timestamp(milliseconds: $0) })
        }
        return LiveKitPacket(
            topic: head["topic"]?.text, payload: Array(bytes[(end + 1)...]), identity: head["identity"]?.text, stream: stream)
    }
}
