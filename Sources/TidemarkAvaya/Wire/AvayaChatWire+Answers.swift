import HTTPTypes
package import TidemarkModel

extension AvayaChatWire {
    /// The body of a success that must have one.
    package func json(of response: TransportResponse, for operation: AvayaOperation) throws(ServiceError) -> JSONValue {
        try checkSuccess(response, of: operation)
        guard Self.isJSON(response) else { throw unreadable(response, of: operation, "The answer is not JSON.") }
        do {
            return try JSONValue(reading: response.body)
        } catch {
            throw unreadable(response, of: operation, "The answer is broken JSON: \(error.reason) at byte \(error.offset).")
        }
    }

    /// A success whose body says nothing that matters. What it is, JSON, `OK` or nothing, is not established; only a page for a
    /// browser is refused: a sign-in page in front of the network answers 200 too, and taking that for a yes would lose the
    /// intent.
    package func acknowledge(_ response: TransportResponse, of operation: AvayaOperation) throws(ServiceError) {
        try checkSuccess(response, of: operation)
        let type = response.head.headerFields[.contentType]?.lowercased() ?? ""
        let start = response.body.first { ![0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) }
        guard !type.contains("html"), start != UInt8(ascii: "<") else {
            throw unreadable(response, of: operation, "The answer is not the service's.")
        }
    }

    private func checkSuccess(_ response: TransportResponse, of operation: AvayaOperation) throws(ServiceError) {
        guard (200..<300).contains(response.head.status.code) else { throw failure(response, of: operation) }
    }

    /// Nothing said counts as JSON; the reader finds out.
    private static func isJSON(_ response: TransportResponse) -> Bool {
        guard let type = response.head.headerFields[.contentType]?.lowercased(), !type.isEmpty else { return true }
        let essence = type.prefix { $0 != ";" && $0 != " " }
        return essence.hasSuffix("/json") || essence.hasSuffix("+json")
    }

    /// The object that an answer is about: bare, under `data`, or the first of a list under `data` (wire page §3).
    static func object(in json: JSONValue) -> JSONValue? {
        if json.objectID != nil, json.members != nil { return json }
        let data = json["data"]
        if let first = data?.elements?.first { return first.members == nil ? nil : first }
        if let data, data.members != nil { return data }
        return json.members == nil ? json.elements?.first : json
    }

    /// The elements of a listing: under `data`, or bare.
    static func elements(in json: JSONValue) -> [JSONValue]? {
        json.elements ?? json["data"]?.elements ?? json["data"]?["data"]?.elements
    }

    // MARK: Failures

    /// What an exchange without an answer means (rule R1): the transport knows whether a byte can have left.
    package func failure(_ error: TransportError, of operation: AvayaOperation) -> ServiceError {
        HTTPFailure(isRead: operation.isRead, isLimitedPerUser: !operation.hasOwnLimit).error(error)
    }

    /// What an answer with another status than success means: the status decides, the body only has the words.
    func failure(_ response: TransportResponse, of operation: AvayaOperation) -> ServiceError {
        var error = HTTPFailure(isRead: operation.isRead, isLimitedPerUser: !operation.hasOwnLimit).error(response)
        if error.code == .forbidden, isGuest, operation.isOfHistory { error.code = .historyDenied }
        return error
    }

    func unreadable(_ response: TransportResponse, of operation: AvayaOperation, _ reason: String) -> ServiceError {
        HTTPFailure(isRead: operation.isRead).unreadable(response, reason)
    }
}
