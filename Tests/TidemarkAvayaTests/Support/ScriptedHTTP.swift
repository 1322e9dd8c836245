import Foundation
import HTTPTypes
import Synchronization
import TidemarkModel

/// A transport that answers from memory and remembers what it was asked.
final class ScriptedHTTP: HTTPTransport {
    struct Sent: Sendable {
        var head: HTTPRequest
        var body: [UInt8]

        var line: String { "\(head.method.rawValue) \(head.path ?? "")" }
        var text: String { String(decoding: body, as: UTF8.self) }
        var authorization: String? { head.headerFields[.authorization] }
    }

    typealias Answer = @Sendable (Sent, Int) async throws(TransportError) -> TransportResponse

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
        return try await answer(sent, number)
    }
}

extension TransportResponse {
    static func json(_ status: Int, _ text: String, _ fields: [(String, String)] = []) -> TransportResponse {
        plain(status, text, [("Content-Type", "application/json; charset=utf-8")] + fields)
    }

    static func empty(_ status: Int, _ fields: [(String, String)] = []) -> TransportResponse {
        plain(status, "", fields)
    }

    static func html(_ status: Int) -> TransportResponse {
        plain(status, "<html>Please sign in</html>", [("Content-Type", "text/html")])
    }

    static func plain(_ status: Int, _ text: String, _ fields: [(String, String)] = []) -> TransportResponse {
        var head = HTTPResponse(status: .init(code: status))
        for (name, value) in fields {
            if let name = HTTPField.Name(name) { head.headerFields[name] = value }
        }
        return TransportResponse(head: head, body: Array(text.utf8))
    }
}

/// A value that tests change while others read it: the hands of a clock, a count.
final class Shared<Value: Sendable>: Sendable {
    private let storage: Mutex<Value>
    init(_ value: Value) { storage = Mutex(value) }
    var value: Value { storage.withLock { $0 } }
    func set(_ value: Value) { storage.withLock { $0 = value } }
    func update<Result: Sendable>(_ change: @Sendable (inout Value) -> Result) -> Result {
        storage.withLock { value in change(&value) }
    }
}
