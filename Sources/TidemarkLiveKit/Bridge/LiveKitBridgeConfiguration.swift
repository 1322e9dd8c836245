/// How a bridge is run, and within what bounds.
public struct LiveKitBridgeConfiguration: Hashable, Sendable {
    /// The program and its arguments.
    public var command: [String]
    /// The child's whole environment; `nil` is this program's own. A secret for the bridge belongs here, not into its arguments,
    /// which everybody on the machine can read.
    public var environment: [String: String]?
    /// A longer line is dropped, which is a gap. A packet of 64 KB takes 88 KB as a line; the bridges of this package take
    /// 512 KiB.
    public var maximumLineBytes: Int
    /// What waits for a slow reader, at most.
    public var maximumWaitingPackets: Int
    public var maximumWaitingBytes: Int
    /// What waits to be written to the bridge, at most.
    public var maximumOutgoingBytes: Int
    /// A bridge that reads nothing for so long is ended and started again. In whole milliseconds.
    public var writeTimeout: Duration
    /// A bridge that writes nothing for so long is ended and started again. `nil`, the default: a silent room is well. Set it
    /// only for a bridge that writes a status line regularly.
    public var silenceTimeout: Duration?
    /// A bridge that says nothing of itself counts as in its room after so long. One that says `connecting` is waited for
    /// until it says `connected`: what is handed to it before may be lost.
    public var joinTimeout: Duration
    /// How long a bridge may take to publish what it has and end by itself when its input has ended, before it is told to, and
    /// then as long again before it is killed.
    public var gracePeriod: Duration
    public var firstDelay: Duration
    public var longestDelay: Duration

    public init(
        command: [String], environment: [String: String]? = nil, maximumLineBytes: Int = 512 * 1024,
        maximumWaitingPackets: Int = 1_000, maximumWaitingBytes: Int = 8 * 1024 * 1024,
        maximumOutgoingBytes: Int = 1024 * 1024, writeTimeout: Duration = .seconds(10), silenceTimeout: Duration? = nil,
        joinTimeout: Duration = .seconds(3), gracePeriod: Duration = .seconds(2), firstDelay: Duration = .seconds(1),
        longestDelay: Duration = .seconds(60)
    ) {
        self.command = command
        self.environment = environment
        self.maximumLineBytes = maximumLineBytes
        self.maximumWaitingPackets = maximumWaitingPackets
        self.maximumWaitingBytes = maximumWaitingBytes
        self.maximumOutgoingBytes = maximumOutgoingBytes
        self.writeTimeout = writeTimeout
        self.silenceTimeout = silenceTimeout
        self.joinTimeout = joinTimeout
        self.gracePeriod = gracePeriod
        self.firstDelay = firstDelay
        self.longestDelay = longestDelay
    }

    /// A command line for `/bin/sh`, as a user writes it.
    public static func shell(_ commandLine: String) -> LiveKitBridgeConfiguration {
        LiveKitBridgeConfiguration(command: ["/bin/sh", "-c", commandLine])
    }
}

/// What happens at a bridge beside packets.
public enum LiveKitBridgeNotice: Hashable, Sendable {
    case started
    case status(BridgeStatus)
    /// It is in its room, or counts as being there: packets can be published. The identity is there if it told one.
    case entered(identity: String?)
    /// A line that the bridge wrote on its standard error, for a log; cut after 4 KB.
    case errorLine(String)
    /// A line that is neither packet nor status; it was passed over.
    case malformedLine(String)
    /// More came than fits; it was dropped, which is a gap.
    case overflow
    /// It could not be started: its environment could not be had, or the command is misspelt or not executable.
    case startFailed
    /// It ended: by itself, with a status or by a signal, or because it hung.
    case ended(LiveKitBridgeEnd)
    case restarting(after: Duration)
}

public enum LiveKitBridgeEnd: Hashable, Sendable {
    case exit(Int32)
    case signal(Int32)
    /// It read or wrote nothing for too long and was ended.
    case hung
}
