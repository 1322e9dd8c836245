import Tidemark

/// One small question to an account's service: is it there, does it know us, what is the time.
struct ServiceProbe: Sendable {
    /// Long enough for a slow network, short enough for a person who waits.
    static let timeout: Duration = .seconds(5)

    /// What the service's clock is ahead of this machine's.
    var skew: Duration?
    var problem: String?
    /// A LiveKit room without the server's API: only its bridge reaches it.
    private(set) var isAsked = true

    init(_ account: Account, in store: MessageStore) async {
        do {
            let connection = try await AccountConnection(account, in: store, limits: HTTPLimits(timeout: Self.timeout))
            await ask(connection)
            await connection.close()
        } catch {
            problem = Failure(translating: error)?.message ?? "The service could not be asked."
        }
    }

    private mutating func ask(_ connection: AccountConnection) async {
        let before = Timestamp.current
        do throws(ServiceError) {
            if let answer = try await connection.probe() { note(answer.serverDate, before) } else { isAsked = false }
        } catch {
            note(error.serverDate, before)
            problem = error.description
        }
    }

    /// Half-way between question and answer; the header has whole seconds only.
    private mutating func note(_ date: Timestamp?, _ before: Timestamp) {
        guard let date else { return }
        let trip = Timestamp.current - before
        skew = date + .milliseconds(500) - (before + trip / 2)
    }
}
