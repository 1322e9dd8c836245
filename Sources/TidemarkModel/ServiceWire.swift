public import HTTPTypes

/// A request that is complete except for the credential, which an adapter's shell adds.
public struct WireRequest: Hashable, Sendable {
    public var head: HTTPRequest
    public var body: [UInt8]

    public init(head: HTTPRequest, body: [UInt8] = []) {
        self.head = head
        self.body = body
    }
}

/// The pure half of an adapter: builds requests from the engine's values and reads the engine's values from answers.
///
/// All of it is synchronous and knows no clock and no credential, so that transcripts, recorded bytes, a simulator and the
/// network drive the same code. What it throws says how sure it is that nothing was written (rule R1).
public protocol ServiceWire: Sendable {
    var traits: ServiceTraits { get }

    /// Throws before any byte could leave, always `.notApplied`.
    func request(for delivery: Delivery) throws(ServiceError) -> WireRequest

    /// Reads the answer to a delivery. Throws what the service refused; a success that can't be read is `.unknown`.
    func acceptance(of response: TransportResponse, for delivery: Delivery) throws(ServiceError) -> Acceptance

    /// Throws before any byte could leave, always `.notApplied`.
    func request(for request: PageRequest) throws(ServiceError) -> WireRequest

    /// Reads the answer to a read.
    func page(of response: TransportResponse, for request: PageRequest) throws(ServiceError) -> Page

    /// What a delivery without an answer means.
    func failure(_ error: TransportError, for delivery: Delivery) -> ServiceError

    /// What a read without an answer means.
    func failure(_ error: TransportError, for request: PageRequest) -> ServiceError

    /// Reads a pushed event by the service's name of it. A name that this version does not know gives an empty list.
    func events(named name: String, payload: [UInt8]) throws(ServiceError) -> [RemoteEvent]
}
