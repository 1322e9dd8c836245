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

    /// One address for each file, in the order in which they were asked for.
    package func uploadURLs(
        _ response: TransportResponse, of operation: AvayaOperation
    ) throws(ServiceError) -> [AvayaUploadURL] {
        guard case .uploadURLs(let files, _) = operation else { throw .refused(.invalid, "No addresses were asked for.") }
        let elements = try elements(response, of: operation)
        let urls = elements.compactMap { AvayaUploadURL(json: $0) }
        guard urls.count == files.count, elements.count == files.count else {
            throw unreadable(response, of: operation, "The answer has not one address for each file.")
        }
        return urls
    }

    /// Addresses of files that can be fetched; one that the service left out is missing here.
    package func downloadURLs(
        _ response: TransportResponse, of operation: AvayaOperation
    ) throws(ServiceError) -> [AvayaDownloadURL] {
        let keys: [String]
        switch operation {
        case .downloadURLs(let asked), .downloadURLsByQuery(let asked): keys = asked
        default: keys = []
        }
        return try elements(response, of: operation).enumerated().compactMap { index, json in
            AvayaDownloadURL(json: json, asked: keys.indices.contains(index) ? keys[index] : nil)
        }
    }

    private func elements(
        _ response: TransportResponse, of operation: AvayaOperation
    ) throws(ServiceError) -> [JSONValue] {
        guard let elements = Self.elements(in: try json(of: response, for: operation)) else {
            throw unreadable(response, of: operation, "The answer has no list of items.")
        }
        return elements
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
