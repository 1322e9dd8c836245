import HTTPTypes
package import TidemarkModel

extension AzureChatWire {
    /// The body of a success that must have one.
    func json(of response: TransportResponse, for operation: AzureOperation) throws(ServiceError) -> JSONValue {
        try checkSuccess(response, of: operation)
        guard Self.isJSON(response) else {
            throw unreadable(response, of: operation, "The answer is not JSON.")
        }
        do {
            return try JSONValue(reading: response.body)
        } catch {
            throw unreadable(response, of: operation, "The answer is broken JSON: \(error.reason) at byte \(error.offset).")
        }
    }

    /// A success whose body says nothing.
    ///
    /// A login page in front of the network answers 200 with HTML; taking that for a yes would lose the intent.
    package func acknowledge(_ response: TransportResponse, of operation: AzureOperation) throws(ServiceError) {
        try checkSuccess(response, of: operation)
        guard response.body.isEmpty || Self.isJSON(response) else {
            throw unreadable(response, of: operation, "The answer is not the service's.")
        }
    }

    private func checkSuccess(_ response: TransportResponse, of operation: AzureOperation) throws(ServiceError) {
        guard (200..<300).contains(response.head.status.code) else { throw failure(response, of: operation) }
    }

    /// Nothing said counts as JSON; the reader finds out.
    private static func isJSON(_ response: TransportResponse) -> Bool {
        guard let type = response.head.headerFields[.contentType]?.lowercased(), !type.isEmpty else { return true }
        let essence = type.prefix { $0 != ";" && $0 != " " }
        return essence.hasSuffix("/json") || essence.hasSuffix("+json")
    }
}

// The answers of single operations, in the typed client's words.
extension AzureChatWire {
    package func createdThread(
        _ response: TransportResponse, of operation: AzureOperation
    ) throws(ServiceError) -> CreateChatThreadResult {
        let json = try json(of: response, for: operation)
        guard let refused = CommunicationError.list(in: json) else {
            throw unreadable(response, of: operation, "The answer does not say who was left out.")
        }
        if let thread = try? ChatThreadProperties(json: json["chatThread"] ?? json) {
            return CreateChatThreadResult(thread: thread, invalidParticipants: refused)
        }
        // 2020-09-21-preview2: the thread is one of the things whose status is told.
        let made = json["multipleStatus"]?.elements?.first { $0["type"]?.text?.lowercased() == "thread" }
        guard let made, let thread = try? ChatThreadProperties(json: made) else {
            throw unreadable(response, of: operation, "The answer has no thread.")
        }
        return CreateChatThreadResult(thread: thread, invalidParticipants: refused)
    }

    package func sentMessage(_ response: TransportResponse, of operation: AzureOperation) throws(ServiceError) -> RemoteMessageID
    {
        let json = try json(of: response, for: operation)
        guard let id = json["id"]?.text, !id.isEmpty else {
            throw unreadable(response, of: operation, "The answer has no message id.")
        }
        return RemoteMessageID(id)
    }

    package func refusedParticipants(
        _ response: TransportResponse, of operation: AzureOperation
    ) throws(ServiceError) -> [CommunicationError] {
        // Older versions answer an empty body when all went in.
        if response.body.isEmpty {
            try acknowledge(response, of: operation)
            return []
        }
        guard let refused = CommunicationError.list(in: try json(of: response, for: operation)) else {
            throw unreadable(response, of: operation, "The answer does not say who was left out.")
        }
        return refused
    }

    package func thread(_ response: TransportResponse, of operation: AzureOperation) throws(ServiceError) -> ChatThreadProperties
    {
        try item(response, of: operation) { json throws(MalformedItem) in try ChatThreadProperties(json: json) }
    }

    package func message(_ response: TransportResponse, of operation: AzureOperation) throws(ServiceError) -> ChatMessage {
        try item(response, of: operation) { json throws(MalformedItem) in try ChatMessage(json: json) }
    }

    private func item<Item>(
        _ response: TransportResponse, of operation: AzureOperation, _ decode: (JSONValue) throws(MalformedItem) -> Item
    ) throws(ServiceError) -> Item {
        let json = try json(of: response, for: operation)
        do {
            return try decode(json)
        } catch {
            throw unreadable(response, of: operation, error.reason)
        }
    }
}
