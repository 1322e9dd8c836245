public import TidemarkModel

/// Where pushed events come from: the socket of the service, or whatever stands in for it.
public protocol AvayaRealtimeSource: Sendable {
    /// Each call begins a sequence of its own. Events are merged and prove nothing about what lies between them.
    func events() -> any AsyncSequence<RemoteEvent, any Error> & Sendable

    /// Tells the others in a space that the user is writing. Throws `.unreachable` where no connection listens to the space just
    /// now. The default throws `.unsupported`.
    func sendTyping(in space: RemoteConversationID) async throws(ServiceError)
}

extension AvayaRealtimeSource {
    public func sendTyping(in space: RemoteConversationID) async throws(ServiceError) {
        throw ServiceError(.unsupported, certainty: .notApplied)
    }
}
