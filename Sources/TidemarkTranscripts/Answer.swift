import HTTPTypes
import TidemarkModel

/// What the service, or the network in its place, says to a request.
enum Answer: Hashable, Sendable {
    case response(status: Int, headers: [String: String], body: [UInt8])
    /// The request left, and no answer came: whether it took effect nobody knows.
    case lost
    /// Nothing left this machine.
    case unsent
    /// The room's channel has taken it, which is all that is ever heard of a packet.
    case taken
    /// Too much waits in the room's channel.
    case full

    init(_ json: JSON, _ line: Int) throws {
        switch json {
        case .text("lost"): self = .lost
        case .text("unsent"): self = .unsent
        case .text("taken"): self = .taken
        case .text("full"): self = .full
        case .object(let object):
            var fields = Fields(object, line: line)
            let status = try fields.integer("status") ?? 200
            guard (100...599).contains(status) else { throw fields.error("\"status\" has to be a status of HTTP.") }
            let headers = try fields.texts("headers")
            let body: [UInt8]
            if let text = try fields.text("text") {
                body = Array(text.utf8)
            } else {
                body = fields.take("body").map { Array($0.line.utf8) } ?? []
            }
            try fields.end()
            self = .response(status: Int(status), headers: headers, body: body)
        default:
            throw TranscriptError(
                "An answer is \"lost\", \"unsent\" or an object with a status; of a packet \"taken\", \"lost\", \"unsent\" or \"full\".",
                line: line)
        }
    }
}

extension Answer {
    /// As a transport hands it out.
    var response: Result<TransportResponse, TransportError> {
        switch self {
        case .lost: return .failure(TransportError(.timeout, requestMayHaveArrived: true))
        case .response(let status, let headers, let body):
            var head = HTTPResponse(status: .init(code: status))
            for (name, value) in headers {
                if let name = HTTPField.Name(name) { head.headerFields[name] = value }
            }
            return .success(TransportResponse(head: head, body: body))
        case .unsent, .taken, .full: return .failure(TransportError(.unreachable, requestMayHaveArrived: false))
        }
    }
}
