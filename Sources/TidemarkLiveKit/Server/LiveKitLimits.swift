/// What rooms carry (wire page §4). It is checked before anything leaves, because beyond it packets vanish without an error.
public struct LiveKitLimits: Hashable, Sendable {
    /// The documented size of a reliable payload: 15 KiB. 64 KB is where SDKs refuse.
    public var reliableBytes: Int
    /// The documented size of a lossy payload.
    public var lossyBytes: Int
    /// Identities, names and room names, in UTF-8.
    public var nameBytes: Int

    public init(reliableBytes: Int = 15 * 1024, lossyBytes: Int = 1_300, nameBytes: Int = 256) {
        self.reliableBytes = reliableBytes
        self.lossyBytes = lossyBytes
        self.nameBytes = nameBytes
    }
}
