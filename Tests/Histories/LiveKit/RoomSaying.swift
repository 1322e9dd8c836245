import Foundation
import TidemarkLiveKit
import TidemarkModel

/// One packet as it reached somebody, or left.
struct RoomPacket: Hashable {
    var topic: String?
    var payload: [UInt8]
    var sender: String?
    var streamID: String?
    var streamTime: Int64?

    init(_ packet: LiveKitPacket) {
        topic = packet.topic
        payload = packet.payload
        sender = packet.identity
        streamID = packet.stream?.id
        streamTime = packet.stream?.timestamp?.milliseconds
    }

    init(topic: String?, payload: [UInt8], sender: String?, streamID: String? = nil, streamTime: Int64? = nil) {
        self.topic = topic
        self.payload = payload
        self.sender = sender
        self.streamID = streamID
        self.streamTime = streamTime
    }
}

/// What a packet says, read by the judge: it shares no code with the adapter.
struct RoomSaying {
    enum Change { case create, edit, delete }

    var id: String
    var hasNoID = false
    var change: Change
    var text: String
    /// The greatest that it tells; `nil`: none.
    var time: Int64?
    var isOnUpdateTopic = false
}

enum RoomMeaning {
    case says(RoomSaying)
    /// It can't be read; its id could.
    case rubbish(id: String?)
    /// No chat, or the copy of what is read elsewhere.
    case nothing

    /// - Parameter rubbish: what strangers sent that nobody can read, with the id that can be, as its maker knows.
    init(_ packet: RoomPacket, readsStreams: Bool, rubbish: [[UInt8]: String?]) {
        switch packet.topic {
        case "lk.chat":
            guard readsStreams, let id = packet.streamID else {
                self = .nothing
                return
            }
            if let broken = rubbish[packet.payload] {
                self = .rubbish(id: broken ?? id)
                return
            }
            let text = String(decoding: packet.payload, as: UTF8.self)
            self = .says(RoomSaying(id: id, change: .create, text: text, time: packet.streamTime))
        case "lk-chat-topic", "lk-chat-update-topic":
            if let id = rubbish[packet.payload] {
                self = .rubbish(id: id)
                return
            }
            self = Self.legacy(packet, readsStreams)
        default: self = .nothing
        }
    }

    private static func legacy(_ packet: RoomPacket, _ readsStreams: Bool) -> RoomMeaning {
        let object = try? JSONSerialization.jsonObject(with: Data(packet.payload)) as? [String: Any]
        guard let object else { return .rubbish(id: nil) }
        if readsStreams, object["ignoreLegacy"] as? Bool == true { return .nothing }
        let text = object["message"] as? String ?? ""
        let time = (object["timestamp"] as? NSNumber)?.int64Value
        let edited = (object["editTimestamp"] as? NSNumber)?.int64Value
        let id = object["id"] as? String
        let isUpdate = packet.topic == "lk-chat-update-topic"
        let isDelete = object["deleted"] as? Bool == true
        return .says(
            RoomSaying(
                id: id ?? "\(time ?? 0) \(text)", hasNoID: id == nil,
                change: isDelete ? .delete : isUpdate ? .edit : .create, text: text,
                time: [time, edited].compactMap { $0 }.max(), isOnUpdateTopic: isUpdate))
    }
}
