import Foundation
import HTTPTypes
import TidemarkModel

/// One request and its answer as a client of the service recorded them.
struct RecordedExchange: Sendable {
    /// Group and file: `js-2023-11-07-browser/chatclient__….json`.
    var file: String
    var method: String
    var url: String
    /// Lower-case names. Empty where the format leaves them out.
    var requestHeaders: [String: String]
    /// `nil` where the format doesn't record bodies.
    var requestBody: Data?
    var status: Int
    var responseHeaders: [(name: String, value: String)]
    var responseBody: Data

    var group: String { String(file.prefix { $0 != "/" }) }

    var response: TransportResponse {
        TransportResponse(head: .make(status, responseHeaders), body: Array(responseBody))
    }

    /// Bare responses have no request.
    var hasRequest: Bool { !method.isEmpty }

    /// The path with its escapes resolved, because clients differ in what they escape.
    var path: String { (url.components?.percentEncodedPath.removingPercentEncoding) ?? "" }

    var query: [String: String] {
        var query: [String: String] = [:]
        for item in url.components?.queryItems ?? [] { query[item.name] = item.value ?? "" }
        return query
    }

    var version: String { query["api-version"] ?? "" }

    /// Ids and lists were replaced by a word: good for request shape and status only.
    var isSanitized: Bool { String(decoding: responseBody, as: UTF8.self).contains("sanitized") }

    var requestJSON: [String: Any] {
        requestBody.flatMap { try? JSONSerialization.jsonObject(with: $0) } as? [String: Any] ?? [:]
    }

    var responseJSON: [String: Any] {
        (try? JSONSerialization.jsonObject(with: responseBody)) as? [String: Any] ?? [:]
    }
}

extension String {
    fileprivate var components: URLComponents? { URLComponents(string: self) }
}
