public import HTTPTypes
public import TidemarkModel

extension LiveKitSimulator {
    /// Nothing is listed that could be late.
    public var listLag: Int64 { 0 }

    public func refusal(_ status: Int) -> TransportResponse { LiveKitRefusal.of(status: status).response }

    /// A room that was just opened may not have its node yet.
    public func isAboutNews(_ request: HTTPRequest, body: [UInt8], now: Timestamp) -> Bool {
        let call = LiveKitCall(request, body, now: now.milliseconds)
        guard call.procedure == "SendData", let request = try? call.request(),
            let name = try? request.text(.init("room", 1)), let index = index(of: name)
        else { return false }
        return call.now - rooms[index].createdAt <= 2000
    }

    /// An answer names no message.
    public func messageMade(by request: HTTPRequest, _ answer: TransportResponse) -> Int64? { nil }
}
