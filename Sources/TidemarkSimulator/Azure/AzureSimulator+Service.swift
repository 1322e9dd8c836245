public import HTTPTypes
public import TidemarkModel

extension AzureSimulator: SimulatedService {
    public var listLag: Int64 { behavior.listLag }

    public func refusal(_ status: Int) -> TransportResponse {
        var head = HTTPResponse(status: .init(code: status))
        head.headerFields[.contentType] = "application/json; charset=utf-8"
        if status == 429, behavior.sendsRetryAfter { head.headerFields[.retryAfterSeconds] = "2" }
        let body = JSON.members(("error", .members(("code", .text("Simulated")), ("message", .text("A simulated fault.")))))
        return TransportResponse(head: head, body: body.bytes)
    }

    public func messageMade(by request: HTTPRequest, _ answer: TransportResponse) -> Int64? {
        guard request.method == .post, answer.head.status.code == 201 else { return nil }
        return JSON(answer.body)?["id"]?.text.flatMap { Int64($0) }
    }

    /// Whether a write names a message, or else a thread, that was made so lately that it may not be known yet.
    public func isAboutNews(_ request: HTTPRequest, body: [UInt8], now: Timestamp) -> Bool {
        let call = AzureCall(request, body, now: now.milliseconds)
        guard call.method != "GET", call.path.count > 2, let thread = threads.first(where: { $0.id == call.path[2] }) else {
            return false
        }
        let isAboutMessage = call.path.count > 4 && call.path[3] == "messages"
        let message = isAboutMessage ? call.path[4] : JSON(body)?["chatMessageId"]?.text
        let made =
            message.map { id in Int64(id).flatMap { thread.index(of: $0) }.map { thread.messages[$0].id } } ?? thread.createdAt
        return made.map { now.milliseconds - $0 <= behavior.visibilityLag } == true
    }
}
