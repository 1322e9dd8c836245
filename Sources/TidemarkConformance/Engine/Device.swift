internal import Foundation
internal import Tidemark
internal import TidemarkModel
internal import TidemarkSimulator
internal import TidemarkStore

/// A program with the engine in it, for one user: the real store, decisions and runner, step by step on virtual time, so that it
/// can be killed between any two of them.
final class Device {
    /// The program was killed where the budget said.
    struct Killed: Error {}

    /// Requests without rest after which the service is taken to have no end.
    static let maximumRequests = 2_000
    private static let maximumRounds = 20_000
    private static let account: AccountName = "me"

    let service: FaultyChatService
    let user: ParticipantID
    let clock: VirtualClock
    let path: String?
    let configuration: SyncConfiguration
    private let world: any ConformanceWorld
    private(set) var store: MessageStore
    private(set) var engine: SyncEngine
    private var runner: SyncRunner?
    private var underWay: [SyncCore.Effect] = []
    private var events: [SyncRunner.Event] = []
    private var starts: UInt64 = 0
    /// Steps until it is killed.
    var budget: Int?
    /// What was pushed to it, in order.
    private(set) var pushed: [RemoteEvent] = []

    init(
        _ service: FaultyChatService, of user: ParticipantID, in world: any ConformanceWorld, clock: VirtualClock, path: String?,
        configuration: SyncConfiguration
    ) async throws {
        (self.service, self.user, self.world, self.clock) = (service, user, world, clock)
        (self.path, self.configuration) = (path, configuration)
        store = if let path { try await MessageStore.open(path) } else { try MessageStore.inMemory() }
        try store.addAccount(Self.account, service: service.traits.service, identity: user, at: clock.now)
        engine = try Self.engine(store, service, configuration, clock, seed: 0)
    }

    private static func engine(
        _ store: MessageStore, _ service: any ChatService, _ configuration: SyncConfiguration, _ clock: VirtualClock, seed: UInt64
    ) throws -> SyncEngine {
        try SyncEngine(
            store: store, service: service, account: account, configuration: configuration, clock: clock,
            generator: SeededGenerator(seed: 7 &+ seed &* 0x9E37_79B9))
    }

    var account: AccountView { engine.account }
    var moment: Moment { Moment(now: clock.now, monotonic: clock.monotonic) }
    var stopReason: ParkReason? { get throws { try store.stopReason(ofAccount: Self.account) } }

    // MARK: Running

    /// Runs for so long, or until something is so. What falls due in that time is done; nothing more.
    func run(_ duration: Duration, until isSo: (() throws -> Bool)? = nil) async throws {
        let end = clock.now + duration
        let before = service.calls.count
        for _ in 0..<Self.maximumRounds {
            guard service.calls.count - before < Self.maximumRequests else { break }
            if try await step(until: end, isSo) { return }
        }
        throw Broken("it does not come to rest: \(service.calls.count - before) requests in \(duration) of its time")
    }

    /// True: it is over for now.
    private func step(until end: Timestamp, _ isSo: (() throws -> Bool)?) async throws -> Bool {
        try spend()
        var run = runner ?? makeRunner()
        let given = events + (try await world.pushes(to: user)).map { SyncRunner.Event.pushed($0) }
        for case .pushed(let event) in given { pushed.append(event) }
        events = []
        let effects = try run.take(given, moment)
        runner = run
        var due: Timestamp?
        for effect in effects {
            switch effect {
            case .askIdentity:
                events.append(.identity(await Self.result { () throws(ServiceError) in try await service.identity() }))
            case .begin(let effect): underWay.append(effect)
            case .wait(let moment): due = moment
            case .end: runner = nil
            case .follow, .tell, .cutOff, .waitForAnswers: break
            }
        }
        if let isSo, events.isEmpty, underWay.isEmpty, try isSo() { return true }
        if !events.isEmpty { return false }
        if !underWay.isEmpty {
            try await answer()
            return false
        }
        guard let due, due <= end else {
            if clock.now < end { clock.advance(by: end - clock.now) }
            return true
        }
        clock.advance(by: max(due - clock.now, .milliseconds(1)))
        return false
    }

    private func answer() async throws {
        let effect = underWay.removeFirst()
        try spend()
        clock.advance(by: .milliseconds(25))
        let answer: SyncCore.Answer =
            switch effect {
            case .deliver(let delivery):
                .delivered(delivery, await Self.result { () throws(ServiceError) in try await perform(delivery) })
            case .read(let read):
                .read(read, await Self.result { () throws(ServiceError) in try await service.page(read.request) })
            }
        clock.advance(by: .milliseconds(25))
        try spend()
        events.append(.answer(answer))
    }

    private func perform(_ delivery: Delivery) async throws(ServiceError) -> Acceptance {
        if delivery.action.verb == .upload { return try await service.upload(delivery) { _ in } }
        return try await service.perform(delivery)
    }

    private static func result<Value>(_ body: () async throws(ServiceError) -> Value) async -> Result<Value, ServiceError> {
        do {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }

    private func makeRunner() -> SyncRunner {
        starts += 1
        let scope = Scope(account: account.id, traits: service.traits, configuration: configuration, generation: 0, identity: nil)
        let service = service
        return SyncRunner(
            SyncCore(store: store, scope: scope, generator: SeededGenerator(seed: 11 &+ starts)), of: account,
            holder: "conformance-\(starts)", decode: { raw, subject in service.decode(raw, of: subject) },
            decodeArrival: { raw in service.decodeArrival(raw) })
    }

    // MARK: Ends

    private func spend() throws {
        guard let left = budget else { return }
        guard left > 0 else {
            budget = nil
            throw Killed()
        }
        budget = left - 1
    }

    /// The program is gone; nobody has started it again yet.
    func halt() { (runner, underWay, events, budget) = (nil, [], [], nil) }

    /// The program is gone with all that it had in memory, and starts again on what it left. What the dead one held of the
    /// account is free once its lease has run out.
    func restart() async throws {
        halt()
        service.replace(try await world.service(for: user))
        if let path {
            try store.close()
            store = try await MessageStore.open(path, mode: .readWrite)
        }
        starts += 1
        engine = try Self.engine(store, service, configuration, clock, seed: starts)
        clock.advance(by: configuration.leaseDuration + .seconds(1))
    }

    /// A program on a store of its own is done with.
    func remove() {
        try? store.close()
        guard let path else { return }
        for file in [path, path + "-wal", path + "-shm", path + "-files"] { try? FileManager.default.removeItem(atPath: file) }
    }
}
