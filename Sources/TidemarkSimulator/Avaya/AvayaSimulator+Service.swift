public import HTTPTypes
public import TidemarkModel

/// The Avaya simulator behind a bad network.
public typealias FaultyAvaya = FaultyService<AvayaSimulator>

extension AvayaSimulator: SimulatedService {
    public var listLag: Int64 { behavior.listLag }

    public func refusal(_ status: Int) -> TransportResponse {
        var refusal = AvayaRefusal(status: status, code: "simulated.fault", message: "A simulated fault.")
        if status == 429, behavior.sendsRetryAfter { refusal.retryAfter = 2 }
        return refusal.reply(behavior).response
    }

    /// The number of the message in the order of arrival (``AvayaMessage/number``).
    public func messageMade(by request: HTTPRequest, _ answer: TransportResponse) -> Int64? {
        let call = AvayaCall(request, [], now: 0)
        guard call.method == "POST", answer.head.status.kind == .successful, ["chats", "ideas", "tasks"].contains(call.path.last)
        else { return nil }
        return JSON(answer.body)?["data"]?.list?.first?["_id"]?.text.flatMap { places[$0] }.map { self[$0].number }
    }

    /// Whether a write names a message or a space that was made so lately that it may not be known yet.
    public func isAboutNews(_ request: HTTPRequest, body: [UInt8], now: Timestamp) -> Bool {
        let call = AvayaCall(request, body, now: now.milliseconds)
        guard call.method != "GET", call.path.first == "api" else { return false }
        let made = call.path.dropFirst().compactMap { part in
            places[part].map { self[$0].arrivedAt } ?? spaces.first { $0.id == part }?.createdAt
        }
        return made.contains { now.milliseconds - $0 <= behavior.visibilityLag }
    }
}
