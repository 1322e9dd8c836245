package import Foundation
import HTTPTypes
package import TidemarkModel

/// The server's RoomService without its I/O: Twirp requests with JSON bodies built, answers read (wire page §4). It adds no
/// token.
package struct LiveKitRoomWire: Hashable, Sendable {
    package enum Operation: Hashable, Sendable {
        case sendData(LiveKitSendData)
        case listParticipants(room: String)
        case listRooms(names: [String])
        case createRoom(name: String, emptyTimeout: Duration?, departureTimeout: Duration?, metadata: String?)
    }

    package var endpoint: URL
    package var limits: LiveKitLimits

    package init(endpoint: URL, limits: LiveKitLimits = LiveKitLimits()) {
        self.endpoint = endpoint
        self.limits = limits
    }

    package func request(for operation: Operation) throws(ServiceError) -> WireRequest {
        try check(operation)
        let (scheme, authority, path) = try Self.origin(endpoint)
        var head = HTTPRequest(
            method: .post, scheme: scheme, authority: authority,
            path: "\(path)/twirp/livekit.RoomService/\(operation.method)")
        head.headerFields[.contentType] = "application/json"
        head.headerFields[.accept] = "application/json"
        return WireRequest(head: head, body: operation.body)
    }

    /// A base path is kept; ws and wss, under which clients know the same server, become http and https.
    private static func origin(_ endpoint: URL) throws(ServiceError) -> (scheme: String, authority: String, path: String) {
        let schemes = ["http": "http", "https": "https", "ws": "http", "wss": "https"]
        guard let scheme = endpoint.scheme.flatMap({ schemes[$0.lowercased()] }),
            let host = endpoint.host(percentEncoded: true)?.lowercased(), !host.isEmpty, endpoint.user == nil
        else {
            throw ServiceError(
                .unreachable, certainty: .notApplied, scope: .host,
                serviceMessage: "The endpoint is no http, https, ws or wss address with a host.")
        }
        let named = host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
        var path = endpoint.path(percentEncoded: true)
        while path.hasSuffix("/") { path.removeLast() }
        return (scheme, endpoint.port.map { "\(named):\($0)" } ?? named, path)
    }

    /// What the server would refuse, lose without a word, or take for another room.
    private func check(_ operation: Operation) throws(ServiceError) {
        switch operation {
        case .sendData(let data):
            try check(data.room, "room's name")
            for destination in data.destinations { try check(destination, "destination") }
            let limit = data.isReliable ? limits.reliableBytes : limits.lossyBytes
            guard data.payload.count <= limit else {
                throw ServiceError(
                    .tooLarge, certainty: .notApplied,
                    serviceMessage: "The packet has \(data.payload.count) bytes and rooms carry \(limit); nothing was sent.")
            }
        case .listParticipants(let room): try check(room, "room's name")
        case .listRooms(let names): for name in names { try check(name, "room's name") }
        case .createRoom(let name, _, _, _): try check(name, "room's name")
        }
    }

    private func check(_ name: String, _ what: String) throws(ServiceError) {
        guard !name.isEmpty, name.utf8.count <= limits.nameBytes else {
            throw ServiceError(
                .invalid, certainty: .notApplied,
                serviceMessage: "A \(what) has 1 to \(limits.nameBytes) bytes; nothing was sent.")
        }
    }
}

extension LiveKitRoomWire.Operation {
    package var method: String {
        switch self {
        case .sendData: "SendData"
        case .listParticipants: "ListParticipants"
        case .listRooms: "ListRooms"
        case .createRoom: "CreateRoom"
        }
    }

    /// What its token has to allow, and nothing more.
    package var grant: LiveKitVideoGrant {
        switch self {
        case .sendData(let data): .administer(data.room)
        case .listParticipants(let room): .administer(room)
        case .listRooms: .listRooms
        case .createRoom: .createRooms
        }
    }

    package var isRead: Bool {
        switch self {
        case .listParticipants, .listRooms: true
        case .sendData, .createRoom: false
        }
    }

    /// As the JavaScript client writes it: lowerCamel names, what has its default value left out.
    fileprivate var body: [UInt8] {
        switch self {
        case .sendData(let data):
            LiveKitJSONText(members: [
                ("room", .string(data.room)),
                ("data", .string(Data(data.payload).base64EncodedString())),
                ("kind", data.isReliable ? nil : .string("LOSSY")),
                ("topic", data.topic.map { .string($0) }),
                ("destinationIdentities", data.destinations.isEmpty ? nil : .array(data.destinations.map { .string($0) })),
                ("nonce", data.nonce.map { .string(Data($0.bytes).base64EncodedString()) }),
            ]).compact
        case .listParticipants(let room): LiveKitJSONText(members: [("room", .string(room))]).compact
        case .listRooms(let names):
            LiveKitJSONText(members: [("names", names.isEmpty ? nil : .array(names.map { .string($0) }))]).compact
        case .createRoom(let name, let emptyTimeout, let departureTimeout, let metadata):
            LiveKitJSONText(members: [
                ("name", .string(name)),
                ("emptyTimeout", emptyTimeout.map { .integer($0.milliseconds / 1000) }),
                ("departureTimeout", departureTimeout.map { .integer($0.milliseconds / 1000) }),
                ("metadata", metadata.map { .string($0) }),
            ]).compact
        }
    }
}
