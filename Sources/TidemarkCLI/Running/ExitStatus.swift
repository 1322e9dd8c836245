/// How a command ends, for scripts. Thrown by a command that has said all there is to say.
struct ExitStatus: Error, Hashable, Sendable {
    var rawValue: Int32

    static let done = ExitStatus(rawValue: 0)
    static let failed = ExitStatus(rawValue: 1)
    static let usage = ExitStatus(rawValue: 2)
    /// Finished, but a person is needed.
    static let needsPerson = ExitStatus(rawValue: 3)
    /// The service refused the credential.
    static let needsCredential = ExitStatus(rawValue: 4)
    /// Offline, throttled past the deadline, or the lease is held elsewhere: the same command may work later.
    static let temporary = ExitStatus(rawValue: 75)
    static let interrupted = ExitStatus(rawValue: 130)
    static let terminated = ExitStatus(rawValue: 143)
}
