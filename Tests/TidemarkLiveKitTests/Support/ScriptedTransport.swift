import Foundation
import HTTPTypes
import Synchronization
import TidemarkModel

/// A transport that answers from memory and remembers what it was asked.
final class ScriptedTransport: HTTPTransport {
    struct Sent: Sendable {
        var head: HTTPRequest
        var body: [UInt8]

        /// Read by Foundation, so that the package's own JSON is not its own judge.
        var json: NSDictionary {
            (try? JSONSerialization.jsonObject(with: Data(body))) as? NSDictionary ?? [:]
        }
    }

    private let answer: @Sendable (Sent) throws(TransportError) -> TransportResponse
    private let record = Mutex<[Sent]>([])

    init(_ answer: @escaping @Sendable (Sent) throws(TransportError) -> TransportResponse) {
        self.answer = answer
    }

    var sent: [Sent] { record.withLock { $0 } }

    func send(_ request: HTTPRequest, body: [UInt8], limits: HTTPLimits) async throws(TransportError) -> TransportResponse {
        let sent = Sent(head: request, body: body)
        record.withLock { $0.append(sent) }
        return try answer(sent)
    }
}

extension TransportResponse {
    static func answer(_ status: Int, _ text: String) -> TransportResponse {
        TransportResponse(head: HTTPResponse(status: .init(code: status)), body: Array(text.utf8))
    }
}
