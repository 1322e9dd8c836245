import Foundation

/// Reads the formats of six client libraries. `ORIGIN.md` beside the recordings says which is whose.
extension RecordedExchange {
    static func all() throws -> [RecordedExchange] {
        try RecordingFolder.files().flatMap { try read($0.url, named: $0.name) }
    }

    /// The exchanges of one file, in the order in which they happened.
    static func read(_ url: URL, named name: String) throws -> [RecordedExchange] {
        let data = try Data(contentsOf: url)
        if name.hasSuffix(".yaml") { return try VCRTape.exchanges(String(decoding: data, as: UTF8.self), file: name) }
        guard let root = try JSONSerialization.jsonObject(with: data) as? [String: Any] else { return [] }
        if name.hasPrefix("ios-2021-07-responses/") { return [bare(data, name)] }
        func entries(_ key: String) -> [[String: Any]] { root[key] as? [[String: Any]] ?? [] }
        return entries("networkCallRecords").map { networkCall($0, name) } + entries("Entries").map { testProxy($0, name) }
            + entries("recordings").map { karma($0, name) } + entries("interactions").map { tape($0, name) }
    }

    /// Android and Java: no request bodies, and a `retry-after: 0` that the recorder itself wrote.
    private static func networkCall(_ entry: [String: Any], _ file: String) -> RecordedExchange {
        var response = entry["Response"] as? [String: Any] ?? [:]
        let status = Int(text(response.removeValue(forKey: "StatusCode"))) ?? 0
        let body = text(response.removeValue(forKey: "Body"))
        response["retry-after"] = nil
        return RecordedExchange(
            file: file, method: text(entry["Method"]), url: text(entry["Uri"]), requestHeaders: headers(entry["Headers"]),
            requestBody: nil, status: status, responseHeaders: fields(response), responseBody: Data(body.utf8))
    }

    /// JavaScript since 2021-09-07.
    private static func testProxy(_ entry: [String: Any], _ file: String) -> RecordedExchange {
        RecordedExchange(
            file: file, method: text(entry["RequestMethod"]), url: text(entry["RequestUri"]),
            requestHeaders: headers(entry["RequestHeaders"]), requestBody: body(entry["RequestBody"]),
            status: entry["StatusCode"] as? Int ?? 0, responseHeaders: fields(entry["ResponseHeaders"]),
            responseBody: body(entry["ResponseBody"]))
    }

    /// JavaScript before: the query stands apart, and there are no request headers.
    private static func karma(_ entry: [String: Any], _ file: String) -> RecordedExchange {
        var components = URLComponents(string: text(entry["url"]))
        let query = (entry["query"] as? [String: Any] ?? [:]).map { URLQueryItem(name: $0.key, value: text($0.value)) }
        components?.queryItems = query
        return RecordedExchange(
            file: file, method: text(entry["method"]), url: components?.string ?? "", requestHeaders: [:],
            requestBody: body(entry["requestBody"]), status: entry["status"] as? Int ?? 0,
            responseHeaders: fields(entry["responseHeaders"]), responseBody: body(entry["response"]))
    }

    /// iOS: the request's own address is cut short; the response has the whole.
    private static func tape(_ entry: [String: Any], _ file: String) -> RecordedExchange {
        let request = entry["request"] as? [String: Any] ?? [:]
        let response = entry["response"] as? [String: Any] ?? [:]
        return RecordedExchange(
            file: file, method: text(request["method"]), url: text(response["url"]),
            requestHeaders: headers(request["headers"]), requestBody: body(request["body"]),
            status: response["status"] as? Int ?? 0, responseHeaders: fields(response["headers"]),
            responseBody: body(response["body"]))
    }

    private static func bare(_ data: Data, _ file: String) -> RecordedExchange {
        RecordedExchange(
            file: file, method: "", url: "", requestHeaders: [:], requestBody: nil, status: 200, responseHeaders: [],
            responseBody: data)
    }
}

extension RecordedExchange {
    private static func text(_ value: Any?) -> String {
        switch value {
        case let text as String: text
        case let number as NSNumber: number.stringValue
        default: ""
        }
    }

    /// A body as text, as JSON, or nothing.
    private static func body(_ value: Any?) -> Data {
        switch value {
        case let text as String: Data(text.utf8)
        case nil, is NSNull: Data()
        case let value?: (try? JSONSerialization.data(withJSONObject: value)) ?? Data()
        }
    }

    private static func headers(_ value: Any?) -> [String: String] {
        var headers: [String: String] = [:]
        for (name, value) in value as? [String: Any] ?? [:] { headers[name.lowercased()] = text(value) }
        return headers
    }

    private static func fields(_ value: Any?) -> [(name: String, value: String)] {
        headers(value).sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
    }
}
