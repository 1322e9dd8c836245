import Tidemark

/// One sync of one account, with its connection, its progress line and an orderly end on Ctrl-C.
struct SyncRun: Sendable {
    /// Long enough for what is in doubt to settle: a quarantine and a look-up (rules R1 and R3).
    static let defaultDeadline: Duration = .seconds(60)

    /// Who waits for nothing but a network wants to know soon.
    static let unreachablePatience: Duration = .seconds(5)

    let common: CommonOptions
    let store: MessageStore
    let account: Account
    var configuration = SyncConfiguration()
    var recording: Recording?

    /// How soon what was accepted is read again to see it there: a person waits for it.
    static let confirmAfter: Duration = .milliseconds(500)

    /// How often a watcher reads every conversation's newest page: the list does not show others' edits.
    static let topInterval: Duration = .seconds(120)

    /// `isThorough`: reads the newest page of every conversation, so that no edit is missed.
    ///
    /// Without a deadline of the caller's own it ends sooner when nothing can be reached.
    func once(
        _ part: SyncScope = .everything, deadline: Duration? = nil, isThorough: Bool
    ) async throws -> SyncReport {
        var hasty = self
        hasty.configuration.confirmAfter = Self.confirmAfter
        if deadline == nil { hasty.configuration.unreachablePatience = Self.unreachablePatience }
        return try await hasty.connected { engine in
            // Conversations that are named are read in any case.
            if isThorough, part.conversations == nil { try engine.refresh() }
            return try await ProgressLine.following(engine) {
                try await recorded(engine) {
                    try await engine.syncOnce(part, deadline: deadline ?? Self.defaultDeadline)
                }
            }
        }
    }

    /// Stays until the deadline or Ctrl-C.
    func stay(
        _ part: SyncScope, deadline: Duration?, _ watch: @escaping @Sendable (SyncEngine) async throws -> Void
    ) async throws {
        var watchful = self
        watchful.configuration.topInterval = Self.topInterval
        try await watchful.connected { engine in
            if part.conversations == nil { try engine.refresh() }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await recorded(engine) { try await engine.run(part) } }
                group.addTask { try await watch(engine) }
                if let deadline {
                    group.addTask { try await Task.sleep(for: deadline) }
                }
                defer { group.cancelAll() }
                // The deadline ends it, and so does a failure; Ctrl-C comes as a cancellation.
                try await group.next()
            }
        }
    }

    /// Records what a body does, where that was asked for; also when it fails.
    private func recorded<Value: Sendable>(_ engine: SyncEngine, _ body: () async throws -> Value) async throws -> Value {
        guard let recording else { return try await body() }
        try await recording.begin(engine)
        do {
            let value = try await body()
            try recording.end()
            return value
        } catch {
            try recording.end()
            throw error
        }
    }

    /// Runs something on an engine that reaches the service. `changes`: whether the store may be written to.
    func connected<Value: Sendable>(
        changes: Bool = true, _ body: @escaping @Sendable (SyncEngine) async throws -> Value
    ) async throws -> Value {
        let connection = try await AccountConnection(account, in: store, recorder: recording?.recorder)
        let result = await Result.awaiting {
            let engine = try SyncEngine(
                store: store, service: connection.service, account: account.name, configuration: configuration,
                logger: common.logger)
            // The secret was read just now: it may be a new one, and asking is the only way to know.
            if changes, account.stopReason != nil { try engine.credentialChanged() }
            return try await Interruption.gracefully { try await body(engine) }
        }
        await connection.close()
        return try result.get()
    }
}

extension ExitStatus {
    init(_ report: SyncReport) {
        self =
            switch report.ending {
            case .complete: .done
            case .needsPerson: .needsPerson
            case .needsCredential: .needsCredential
            case .temporary: .temporary
            }
    }
}
