import Foundation
import TidemarkLiveKit
import TidemarkModel

/// The account of a transcript of a LiveKit room: which room, and by which ways.
enum RoomAccount {
    static func adapter(_ json: JSON, user: ParticipantID, endpoint: String, _ line: Int) throws -> LiveKitRoomAdapter {
        guard let object = json.object else {
            throw TranscriptError("\"room\" has to be an object with the room's \"name\".", line: line)
        }
        var fields = Fields(object, line: line)
        let name = try fields.needed("name")
        let hasChannel = try fields.flag("channel", or: true)
        let writesStreams = try fields.flag("sendsTextStreams", or: false)
        var server: LiveKitRoomWire?
        if try fields.flag("server", or: false) {
            guard let url = URL(string: endpoint) else { throw fields.error("\"endpoint\" has to be an address.") }
            server = LiveKitRoomWire(endpoint: url)
        }
        let policy = LiveKitEditPolicy()
        var limits = LiveKitLimits()
        if let bytes = try fields.integer("reliableBytes") {
            guard (1...Int64(limits.reliableBytes)).contains(bytes) else {
                throw fields.error("\"reliableBytes\" has to be 1 to \(limits.reliableBytes).")
            }
            limits.reliableBytes = Int(bytes)
        }
        let configuration = LiveKitServiceConfiguration(
            wire: LiveKitChatWire(readsTextStreams: try fields.flag("readsTextStreams", or: false)),
            form: try fields.choice("form", or: .compact),
            editPolicy: LiveKitEditPolicy(
                edits: try fields.choice("edits", or: policy.edits), deletes: try fields.choice("deletes", or: policy.deletes),
                writesEditTime: try fields.flag("writesEditTime", or: policy.writesEditTime)),
            limits: limits, carrier: try fields.choice("carrier"), sendsTextStreams: writesStreams,
            repeatsFor: try fields.duration("repeatsFor") ?? LiveKitServiceConfiguration().repeatsFor)
        try fields.end()
        return LiveKitRoomAdapter(
            room: name, participant: user.rawValue, configuration: configuration, hasChannel: hasChannel,
            writesStreams: writesStreams, server: server)
    }
}

extension Fields {
    fileprivate mutating func flag(_ name: String, or value: Bool) throws -> Bool {
        names.contains(name) ? try bool(name) : value
    }

    fileprivate mutating func choice<Choice: RawRepresentable<String>>(_ name: String) throws -> Choice? {
        guard let text = try text(name) else { return nil }
        guard let choice = Choice(rawValue: text) else { throw error("\"\(name)\" can't be \"\(text)\".") }
        return choice
    }

    fileprivate mutating func choice<Choice: RawRepresentable<String>>(_ name: String, or value: Choice) throws -> Choice {
        try choice(name) ?? value
    }
}
