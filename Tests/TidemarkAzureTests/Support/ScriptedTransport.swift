import Foundation
import HTTPTypes
import Synchronization
import TidemarkModel

/// A transport that answers from memory and remembers what it was asked.
final class ScriptedTransport: HTTPTransport {
    struct Sent: Sendable {
        var head: HTTPRequest
        var body: [UInt8]

        /// Read by Foundation, so that the adapter's own JSON is not its own judge.
        var json: [String: Any] {
            (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any] ?? [:]
        }
    }

    typealias Answer = @Sendable (Sent, Int) throws(TransportError) -> TransportResponse

    private let answer: Answer
    private let record = Mutex<[Sent]>([])

    init(_ answer: @escaping Answer) {
        self.answer = answer
    }

    /// Answers with these, one after the other; the last one stays.
    convenience init(_ responses: TransportResponse...) {
        self.init { _, number in responses[min(number, responses.count) - 1] }
    }

    var sent: [Sent] { record.withLock { $0 } }

    func send(
        _ request: HTTPRequest, body: [UInt8], limits: HTTPLimits
    ) async throws(TransportError) -> TransportResponse {
        let sent = Sent(head: request, body: body)
        let number = record.withLock { record in
            record.append(sent)
            return record.count
        }
        return try answer(sent, number)
    }
}

extension TransportResponse {
    static func json(_ status: Int, _ text: String, _ fields: [(String, String)] = []) -> TransportResponse {
        TransportResponse(
            head: .make(status, [("Content-Type", "application/json; charset=utf-8")] + fields), body: Array(text.utf8))
    }

    static func empty(_ status: Int, _ fields: [(String, String)] = []) -> TransportResponse {
        TransportResponse(head: .make(status, fields))
    }

    static func html(_ status: Int) -> TransportResponse {
        TransportResponse(
            head: .make(status, [("Content-Type", "text/html")]), body: Array("<html>Please sign in</html>".utf8))
    }
}

extension HTTPResponse {
    static func make(_ status: Int, _ fields: [(String, String)]) -> HTTPResponse {
        var response = HTTPResponse(status: .init(code: status))
        for (name, value) in fields {
            if let name = HTTPField.Name(name) { response.headerFields[name] = value }
        }
        return response
    }
}
