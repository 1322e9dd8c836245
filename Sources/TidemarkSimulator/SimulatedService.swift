public import HTTPTypes
public import TidemarkModel

/// A chat service as a value: what ``FaultyService`` puts a bad network in front of, and what a transport and a server serve.
public protocol SimulatedService: Sendable, Codable {
    /// Answers one request that arrived at `now`.
    mutating func respond(to request: HTTPRequest, body: [UInt8], now: Timestamp) -> TransportResponse

    /// A failure with this status in the service's own words, without acting.
    func refusal(_ status: Int) -> TransportResponse

    /// Whether a write is about something that was made so lately that the service may not know it yet.
    func isAboutNews(_ request: HTTPRequest, body: [UInt8], now: Timestamp) -> Bool

    /// The message that an answered request made, if it made one; for a judge of late arrivals.
    func messageMade(by request: HTTPRequest, _ answer: TransportResponse) -> Int64?

    /// How much later than its arrival something is listed, in milliseconds.
    var listLag: Int64 { get }
}

/// The Azure simulator behind a bad network.
public typealias FaultyAzure = FaultyService<AzureSimulator>

/// The LiveKit simulator behind a bad network.
public typealias FaultyLiveKit = FaultyService<LiveKitSimulator>
