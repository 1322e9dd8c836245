internal import Foundation
internal import Tidemark
internal import TidemarkModel
internal import TidemarkSimulator
internal import TidemarkStore

/// A promise was broken: why, in words that hold no more than a check itself has written.
struct Broken: Error {
    var reason: String
    init(_ reason: String) { self.reason = reason }
}

/// The world has nothing to play this with.
struct NotPlayed: Error {
    var reason: String
    init(_ reason: String) { self.reason = reason }
}

/// What one check plays on: a fresh world, the programs of its first user, and the others.
final class Stage {
    let clock = VirtualClock()
    let world: any ConformanceWorld
    let traits: ServiceTraits
    let me: ParticipantID
    let other: ParticipantID
    private let subject: any ConformanceSubject
    private let mine: any ChatService
    let theirs: any ChatService
    private var devices: [Device] = []
    private var first: (Device, Place)?
    private var acts: UInt64 = 0

    init(_ subject: any ConformanceSubject) async throws {
        self.subject = subject
        world = try await subject.makeWorld(on: clock)
        guard world.users.count >= 2 else { throw Broken("a world needs two users") }
        (me, other) = (world.users[0], world.users[1])
        mine = try await world.service(for: me)
        theirs = try await world.service(for: other)
        traits = mine.traits
    }

    /// A conversation, as the program and as the service name it.
    struct Place {
        var local: ConversationID
        var remote: RemoteConversationID
    }

    /// Another world of the same kind. Who asks for it removes it.
    func another() async throws -> Stage { try await Stage(subject) }

    // MARK: Programs

    /// A program with a conversation in which something was said: the same whenever it is asked for.
    func begun() async throws -> (Device, Place) {
        if let first { return first }
        let device = try await device()
        let place = try await open(device)
        try await say("said at first", device, in: place)
        first = (device, place)
        return (device, place)
    }

    static var configuration: SyncConfiguration {
        var configuration = SyncConfiguration()
        configuration.requestTimeout = .seconds(15)
        configuration.setInterval = .seconds(2)
        configuration.firstRecheck = .seconds(2)
        return configuration
    }

    /// A program of the first user: the first one uses the service that the world made, further ones one of their own.
    func device(
        onFile: Bool = false, as user: ParticipantID? = nil, _ change: (inout SyncConfiguration) -> Void = { _ in }
    ) async throws -> Device {
        var configuration = Self.configuration
        change(&configuration)
        let inner = devices.isEmpty && user == nil ? mine : try await world.service(for: user ?? me)
        let path =
            onFile ? FileManager.default.temporaryDirectory.appending(path: "conformance-\(UUID().uuidString).sqlite").path : nil
        let device = try await Device(
            FaultyChatService(inner, clock: clock, patience: configuration.requestTimeout), of: me, in: world, clock: clock,
            path: path, configuration: configuration)
        devices.append(device)
        return device
    }

    func remove() {
        for device in devices { device.remove() }
    }

    /// Long enough for whatever was lost to be found and done again (rule R9).
    var bound: Duration {
        let look: Duration = .seconds(60)
        // Each is twice as late as the one before.
        let rechecks = Self.configuration.firstRecheck * (1 << Self.configuration.maximumRechecks)
        return rechecks + Self.configuration.requestTimeout + traits.quarantine + traits.settleWindow + Self.configuration
            .maximumBackoff * 2
            + look
    }

    /// Makes a conversation with the second user in it, and waits until it is there.
    func open(_ device: Device, _ index: Int = 0) async throws -> Place {
        guard world.topics.count > index else { throw NotPlayed("it has \(world.topics.count) conversation") }
        let people = [Participant(id: other)]
        let local = try await device.engine.createConversation(topic: world.topics[index], with: people).conversation
        try await device.run(bound) { try device.account.conversation(local).get().remoteID != nil && device.isAtRest }
        guard let remote = try device.account.conversation(local).get().remoteID else {
            throw Broken("a new conversation did not reach the service within \(bound)")
        }
        return Place(local: local, remote: remote)
    }

    /// Another program of the same user, which finds what is there.
    func find(_ place: Place, on device: Device) async throws -> ConversationID {
        try await device.run(bound) {
            try device.account.conversations().get().contains { $0.remoteID == place.remote && $0.asOf != nil }
        }
        try await device.run(.seconds(3))
        guard let found = try device.account.conversations().get().first(where: { $0.remoteID == place.remote }) else {
            throw Broken("a second program of the same user does not find the conversation in the list")
        }
        return found.id
    }

    /// Reads what is new, as far as there is something to be read.
    func catchUp(_ device: Device) async throws {
        clock.advance(by: .seconds(3))
        if traits.history != .none { try device.engine.refresh() }
        try await device.run(.seconds(3))
    }

    /// Writes, and waits until it is done.
    @discardableResult
    func say(_ text: String, _ device: Device, in place: Place) async throws -> Enqueued {
        let sent = try await device.engine.send(text, to: place.local)
        try await device.run(bound) { device.isAtRest }
        guard device.isAtRest, try await held(text, in: place) == 1 else {
            throw Broken("a send without any fault did not make one message within \(bound)")
        }
        return sent
    }

    // MARK: The others

    /// The second user does something, and the service says yes.
    @discardableResult
    func others(_ action: Delivery.Action) async throws -> RemoteMessageID? {
        acts += 1
        clock.advance(by: .seconds(1))
        var generator = SeededGenerator(seed: 0xACED &+ acts)
        let delivery = Delivery(
            intent: IntentID(Int64(acts)), token: .random(using: &generator), action: action, identity: other, wantedAt: clock.now
        )
        do throws(ServiceError) {
            return try await theirs.perform(delivery).message
        } catch {
            throw Broken("the second user can't \(action.verb.rawValue): \(error.code.rawValue)")
        }
    }

    @discardableResult
    func otherSays(_ text: String, in place: Place) async throws -> RemoteMessageID {
        let id = try await others(.send(OutgoingMessage(text), in: place.remote))
        if let id { return id }
        guard let found = try await world.messages(in: place.remote).last(where: { $0.text == text }) else {
            throw Broken("what the second user sent is not there")
        }
        return found.id
    }

    // MARK: What is there

    /// The live messages of the service, in order.
    func live(_ place: Place) async throws -> [HeldMessage] {
        try await world.messages(in: place.remote).filter { !$0.isDeleted }
    }

    func held(_ text: String, in place: Place) async throws -> Int {
        try await live(place).count { $0.text == text }
    }

    /// What the program shows is what the service holds, in its order.
    func compare(_ device: Device, _ local: ConversationID, with place: Place, _ when: String) async throws {
        let there = try await live(place).map { "\($0.text)" }
        let here = try device.shown(local).map { $0.text ?? "" }
        guard here != there else { return }
        let missing = there.filter { !here.contains($0) }.count
        let extra = here.filter { !there.contains($0) }.count
        let what = missing + extra == 0 ? "the order or the number differs" : "\(missing) missing, \(extra) that are not there"
        throw Broken("\(when): \(here.count) messages shown, \(there.count) held: \(what)")
    }
}

extension Device {
    /// The live messages of people, as they are shown.
    func shown(_ conversation: ConversationID) throws -> [TimelineEntry] {
        try account.timeline(of: conversation, limit: 500).get().entries.filter { $0.deletedAt == nil && $0.kind.isUserKind }
    }

    var outbox: [OutboxEntry] { (try? account.outbox().get()) ?? [] }

    /// Where everything stands that is not over, without a word of what it says.
    var standing: String {
        outbox.map { "\($0.verb.rawValue) is \($0.state.name) after \($0.attempts) attempts" }.joined(separator: ", ")
    }

    /// Nothing is left that the engine can do alone.
    var isAtRest: Bool { outbox.allSatisfy(\.waitsForPerson) }
}

extension OutboxEntry {
    var waitsForPerson: Bool { asks || state.reason != nil }
}
