package import TidemarkModel

// The answers of single operations, in the typed client's words.
extension AvayaChatWire {
    /// The space that a create made: `data[0].topicId`.
    package func createdSpace(
        _ response: TransportResponse, of operation: AvayaOperation
    ) throws(ServiceError) -> RemoteConversationID {
        let json = try json(of: response, for: operation)
        let answer = json["data"]?.elements?.first ?? json["data"] ?? json
        guard let id = answer.words("topicId") ?? answer["topic"]?.words("_id") ?? answer.words("_id") else {
            throw unreadable(response, of: operation, "The answer does not name the space that was made.")
        }
        return RemoteConversationID(id)
    }

    package func message(_ response: TransportResponse, of operation: AvayaOperation) throws(ServiceError) -> AvayaMessage {
        try item(response, of: operation) { json throws(MalformedItem) in try AvayaMessage(json: json) }
    }

    /// A space: bare, under `data`, or under `topic` as a join answers it.
    package func space(_ response: TransportResponse, of operation: AvayaOperation) throws(ServiceError) -> AvayaSpace {
        try item(response, of: operation) { json throws(MalformedItem) in try AvayaSpace(json: json["topic"] ?? json) }
    }

    package func user(_ response: TransportResponse, of operation: AvayaOperation) throws(ServiceError) -> AvayaUser {
        try item(response, of: operation) { json throws(MalformedItem) in
            guard let user = AvayaUser(json: json) else { throw MalformedItem(reason: "The user has no _id.") }
            return user
        }
    }

    package func deletion(
        _ response: TransportResponse, of operation: AvayaOperation
    ) throws(ServiceError) -> AvayaDeleteResult {
        let json = try json(of: response, for: operation)
        guard let result = AvayaDeleteResult(json: json["data"] ?? json) else {
            throw unreadable(response, of: operation, "The answer does not say what was deleted.")
        }
        return result
    }

    /// The object that an answer is about.
    func item<Item>(
        _ response: TransportResponse, of operation: AvayaOperation, _ decode: (JSONValue) throws(MalformedItem) -> Item
    ) throws(ServiceError) -> Item {
        let json = try json(of: response, for: operation)
        do {
            return try decode(Self.object(in: json) ?? json)
        } catch {
            throw unreadable(response, of: operation, error.reason)
        }
    }
}
