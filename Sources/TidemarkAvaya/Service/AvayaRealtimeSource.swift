public import TidemarkModel

/// Where pushed events come from: the socket of the service, or whatever stands in for it.
public protocol AvayaRealtimeSource: Sendable {
    /// Each call begins a sequence of its own. Events are merged and prove nothing about what lies between them.
    func events() -> any AsyncSequence<RemoteEvent, any Error> & Sendable
}
