import Tidemark
import TidemarkAvaya

/// One sync of one account, with its connection, its progress line and an orderly end on Ctrl-C.
struct SyncRun: Sendable {
    /// Long enough for what is in doubt to settle: a quarantine and a look-up (rules R1 and R3).
    static let defaultDeadline: Duration = .seconds(60)

    /// Who waits for nothing but a network wants to know soon.
    static let unreachablePatience: Duration = .seconds(5)

    let common: CommonOptions
    let store: MessageStore
    let account: Account
    private var configuration: SyncConfiguration
    let recording: Recording?
    private var isWatching = false

    init(
        common: CommonOptions, store: MessageStore, account: Account, configuration: SyncConfiguration = SyncConfiguration(),
        recording: Recording? = nil
    ) {
        self.common = common
        self.store = store
        self.account = account
        self.configuration = configuration
        self.recording = recording
    }

    /// A failure that is told as JSON stands alone on standard error.
    private var isQuiet: Bool { common.json && common.verbose == 0 && !isWatching }

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
        return try await hasty.connected { engine, connection in
            // Conversations that are named are read in any case.
            if isThorough, part.conversations == nil, engine.service.traits.history != .none { try engine.refresh() }
            if let bridge = connection.bridge, try needsBridge(engine.account) {
                return try await throughRoom(engine, bridge, part, deadline ?? Self.defaultDeadline)
            }
            return try await ProgressLine.following(engine) {
                try await recorded(engine) {
                    try await engine.syncOnce(part, deadline: deadline ?? Self.defaultDeadline)
                }
            }
        }
    }

    /// Whether something waits that only somebody in the room can say.
    private func needsBridge(_ account: AccountView) throws -> Bool {
        try account.outbox().get().contains { entry in
            [.send, .edit, .delete].contains(entry.verb) && entry.state.reason == nil && !entry.asks
        }
    }

    /// Runs the bridge until what waits is settled; what others say meanwhile is kept.
    private func throughRoom(
        _ engine: SyncEngine, _ bridge: RoomBridge, _ part: SyncScope, _ deadline: Duration
    ) async throws -> SyncReport {
        try await bridge.running {
            let trouble = try await bridge.entering(within: min(deadline, RoomBridge.joinPatience))
            if let trouble, trouble.isCommand {
                throw Failure(
                    .failed, code: "bridge", trouble.sentence,
                    hint: "What you wrote is kept. Add the account with a bridge that runs.")
            }
            var report = try await ProgressLine.following(engine) {
                try await engine.syncOnce(part, deadline: trouble == nil ? deadline : .zero)
            }
            if let trouble, report.ending == .temporary { report.problem = trouble.sentence }
            return report
        }
    }

    /// Stays until the deadline or Ctrl-C.
    func stay(
        _ part: SyncScope, deadline: Duration?, _ watch: @escaping @Sendable (SyncEngine, RoomBridge?) async throws -> Void
    ) async throws {
        var watchful = self
        watchful.configuration.topInterval = Self.topInterval
        watchful.isWatching = true
        try await watchful.connected { engine, connection in
            if part.conversations == nil, engine.service.traits.history != .none { try engine.refresh() }
            guard let bridge = connection.bridge else {
                return try await beside(connection.realtime) {
                    try await stay(engine, part, deadline) { try await watch($0, nil) }
                }
            }
            try await bridge.running {
                try await stay(engine, part, deadline) { try await watch($0, bridge) }
            }
        }
    }

    /// Runs what pushes events while a body does.
    private func beside(_ realtime: AvayaRealtime?, _ body: () async throws -> Void) async throws {
        guard let realtime else { return try await body() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await realtime.run() }
            let result = await Result.awaiting { try await body() }
            group.cancelAll()
            try await group.waitForAll()
            try result.get()
        }
    }

    private func stay(
        _ engine: SyncEngine, _ part: SyncScope, _ deadline: Duration?,
        _ watch: @escaping @Sendable (SyncEngine) async throws -> Void
    ) async throws {
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
        changes: Bool = true, _ body: @escaping @Sendable (SyncEngine, AccountConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try await AccountConnection(
            account, in: store, recorder: recording?.recorder, bridgeLog: BridgeLog(isQuiet: isQuiet))
        let result = await Result.awaiting {
            let engine = try SyncEngine(
                store: store, service: connection.service, account: account.name, configuration: configuration,
                logger: common.logger)
            // The secret was read just now: it may be a new one, and asking is the only way to know.
            if changes, account.stopReason != nil { try engine.credentialChanged() }
            return try await Interruption.gracefully { try await body(engine, connection) }
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
