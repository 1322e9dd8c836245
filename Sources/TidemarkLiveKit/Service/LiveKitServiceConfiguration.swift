/// What of a room's chat is up to the program.
public struct LiveKitServiceConfiguration: Hashable, Sendable {
    /// Who carries what is sent.
    public enum Carrier: String, Hashable, Sendable, Codable {
        /// The data channel: with the participant's name, in order.
        case channel
        /// The server's API: without a name, and repeatable as long as the room remembers the nonce.
        case server
    }

    public var wire: LiveKitChatWire
    public var form: LiveKitPayloadForm
    public var editPolicy: LiveKitEditPolicy
    public var limits: LiveKitLimits
    /// Who carries new messages; `nil`: the channel where there is one. Edits and deletes go where their message went.
    public var carrier: Carrier?
    /// Whether new messages go out as text streams too, which newer clients and agents read, before the copy of the legacy form.
    /// It needs a ``TextStreamChannel``; edits and deletes have no streams (wire page §3).
    public var sendsTextStreams: Bool
    /// How long after the first attempt an unanswered delivery is made again by itself; later a person is asked. A room forgets
    /// a nonce after 100 packets and when it moves to another node, so this bounds how far readers have to tell a repetition by
    /// its id (wire page §4).
    public var repeatsFor: Duration

    public init(
        wire: LiveKitChatWire = LiveKitChatWire(), form: LiveKitPayloadForm = .compact,
        editPolicy: LiveKitEditPolicy = LiveKitEditPolicy(), limits: LiveKitLimits = LiveKitLimits(), carrier: Carrier? = nil,
        sendsTextStreams: Bool = false, repeatsFor: Duration = .seconds(600)
    ) {
        self.wire = wire
        self.form = form
        self.editPolicy = editPolicy
        self.limits = limits
        self.carrier = carrier
        self.sendsTextStreams = sendsTextStreams
        self.repeatsFor = repeatsFor
    }
}
