import TidemarkModel

/// An observation with the number under which it was received. The number is given once; from then on the order of applying
/// is free.
public struct LiveKitArrival: Hashable, Sendable {
    public var observation: LiveKitObservation
    public var number: Int64
    /// Equal for byte-identical packets of one topic.
    package var fingerprint: LiveKitFingerprint

    package init(_ observation: LiveKitObservation, number: Int64, fingerprint: LiveKitFingerprint) {
        self.observation = observation
        self.number = number
        self.fingerprint = fingerprint
    }

    public var key: LiveKitMessageKey { LiveKitMessageKey(sender: observation.sender, id: observation.id) }
    public var version: LiveKitVersion { LiveKitVersion(observation, arrival: number) }
}

extension LiveKitPacket {
    /// Equal for packets that are byte-identical. The sender is left out: packets are compared under one sender only.
    package var fingerprint: LiveKitFingerprint {
        var hash = LiveKitFingerprint()
        hash.combine(topic)
        hash.combine(payload)
        hash.combine(stream?.id)
        hash.combine(stream?.timestamp.map { String($0.milliseconds) })
        return hash
    }
}
