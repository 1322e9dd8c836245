import Tidemark
import TidemarkModel
import TidemarkSimulator
import TidemarkStore

/// One device of one user: a real store in memory and the engine's real decisions. A crash takes the core and leaves
/// the store.
struct Device {
    let name: String
    let user: ParticipantID
    let store: MessageStore
    let account: AccountView
    var core: SyncCore
    /// Which run of the program this is: answers to an earlier one reach nobody.
    var incarnation = 0
    /// How far its wall clock is off, in milliseconds.
    var clockOffset: Int64 = 0
    var hasClockJumped = false
    /// What the user has been promised, by token.
    var accepted: [Accepted] = []
    var generator: SeededGenerator

    struct Accepted {
        var enqueued: Enqueued
        var verb: Verb
        var text: String
        /// What an edit or a delete was about, as it was shown.
        var target: TimelineEntry?
    }

    init(name: String, user: ParticipantID, traits: ServiceTraits, configuration: SyncConfiguration, seed: UInt64) throws {
        self.name = name
        self.user = user
        store = try MessageStore.inMemory()
        account = try store.addAccount("me", service: traits.service, identity: user, at: Timestamp(milliseconds: 0))
        generator = SeededGenerator(seed: seed)
        core = Self.core(store, account, traits, configuration, user, seed: seed)
    }

    static func core(
        _ store: MessageStore, _ account: AccountView, _ traits: ServiceTraits, _ configuration: SyncConfiguration,
        _ user: ParticipantID, seed: UInt64
    ) -> SyncCore {
        SyncCore(
            store: store, scope: Scope(account: account.id, traits: traits, configuration: configuration, identity: user),
            generator: SeededGenerator(seed: seed))
    }

    mutating func crash(_ moment: Moment) throws {
        incarnation += 1
        core = Self.core(
            store, account, core.scope.traits, core.scope.configuration, user, seed: generator.next())
        try core.begin(moment)
    }

    mutating func wish(
        _ wish: Wish, verb: Verb, text: String = "", target: TimelineEntry? = nil, _ moment: Moment
    ) throws {
        let enqueued = try store.enqueue(wish, core.scope, moment, using: &generator)
        accepted.append(Accepted(enqueued: enqueued, verb: verb, text: text, target: target))
    }
}
