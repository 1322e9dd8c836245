import HTTPTypes
package import TidemarkModel

extension LiveKitRoomWire {
    /// 200 means that the room's node has the packet. It says nothing about delivery: an open room with nobody in it loses it.
    package func checkSent(_ response: TransportResponse) throws(ServiceError) {
        _ = try json(of: response, isRead: false)
    }

    package func participants(of response: TransportResponse) throws(ServiceError) -> [LiveKitParticipant] {
        try list("participants", of: response).compactMap(LiveKitParticipant.init(json:))
    }

    package func rooms(of response: TransportResponse) throws(ServiceError) -> [LiveKitOpenRoom] {
        try list("rooms", of: response).compactMap(LiveKitOpenRoom.init(json:))
    }

    package func createdRoom(of response: TransportResponse) throws(ServiceError) -> LiveKitOpenRoom {
        guard let room = LiveKitOpenRoom(json: try json(of: response, isRead: false)) else {
            throw LiveKitFailure(isRead: false).unreadable(response, "The answer names no room.")
        }
        return room
    }

    private func list(_ name: String, of response: TransportResponse) throws(ServiceError) -> [LiveKitJSON] {
        let json = try json(of: response, isRead: true)
        // An empty list may be left out.
        guard let list = json[name] else { return [] }
        guard let elements = list.elements else {
            throw LiveKitFailure(isRead: true).unreadable(response, "The answer's \(name) are no list.")
        }
        return elements
    }

    private func json(of response: TransportResponse, isRead: Bool) throws(ServiceError) -> LiveKitJSON {
        let failure = LiveKitFailure(isRead: isRead)
        guard response.head.status.code == 200 else { throw failure.error(response) }
        do {
            let json = try LiveKitJSON(reading: response.body)
            guard case .object = json else { throw JSONError(reason: "it is no object", offset: 0) }
            return json
        } catch {
            throw failure.unreadable(response, "The answer is no JSON object; something else than LiveKit answered.")
        }
    }
}
