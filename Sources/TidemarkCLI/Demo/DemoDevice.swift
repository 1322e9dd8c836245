import Foundation
import Tidemark
import TidemarkAzure
import TidemarkSimulator

/// The demo's telephone: a store in a temporary file and the engine on it. Both can be killed and started again.
struct DemoDevice {
    private let folder: URL
    private let seed: UInt64
    private let clock: VirtualClock
    private let service: any ChatService
    private var starts: UInt64 = 0
    private(set) var store: MessageStore
    private(set) var engine: SyncEngine

    private static let account: AccountName = "me"

    init(seed: UInt64, user: SimulatedUser, service: any ChatService, clock: VirtualClock) async throws {
        self.seed = seed
        self.clock = clock
        self.service = service
        folder = FileManager.default.temporaryDirectory.appending(path: "tidemark-demo-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        store = try await MessageStore.open(folder.appending(path: "demo.sqlite").path)
        try store.addAccount(
            Self.account, service: service.traits.service, identity: ParticipantID(user.id), at: clock.now)
        engine = try Self.engine(store, service, clock, seed: seed)
    }

    var account: AccountView { engine.account }

    /// A new process on what the old one left on the disk.
    mutating func restart() async throws {
        starts += 1
        store = try await MessageStore.open(folder.appending(path: "demo.sqlite").path, mode: .readWrite)
        engine = try Self.engine(store, service, clock, seed: seed &+ starts &* 0x9E37_79B9)
    }

    /// Another engine on the same store, before a sync: a wake-up that a verb left for the old one would race the virtual
    /// clock's timers, and one seed would not be one story.
    mutating func renewEngine() throws {
        starts += 1
        engine = try Self.engine(store, service, clock, seed: seed &+ starts &* 0x9E37_79B9)
    }

    private static func engine(
        _ store: MessageStore, _ service: any ChatService, _ clock: VirtualClock, seed: UInt64
    ) throws -> SyncEngine {
        var configuration = SyncConfiguration()
        // One request at a time, so that one seed is one story.
        configuration.maximumConcurrentRequests = 1
        // Shorter than what is left of a lease, so that nobody looks at the clock, and moves it, while a request is under way.
        configuration.requestTimeout = .seconds(15)
        return try SyncEngine(
            store: store, service: service, account: account, configuration: configuration, clock: clock,
            generator: SeededGenerator(seed: seed))
    }

    /// Removes everything that the demo wrote.
    func remove() {
        try? store.close()
        try? FileManager.default.removeItem(at: folder)
    }
}
