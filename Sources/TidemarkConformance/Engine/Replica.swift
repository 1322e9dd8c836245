internal import Tidemark
internal import TidemarkModel
internal import TidemarkSimulator
internal import TidemarkStore

/// A fresh store that is told what another program was told, in whatever order.
struct Replica {
    private let store: MessageStore
    private let account: AccountView
    private let scope: Scope
    private let place: Stage.Place
    private let moment: Moment

    init(of device: Device, _ place: Stage.Place, _ traits: ServiceTraits) throws {
        store = try MessageStore.inMemory()
        account = try store.addAccount("me", service: traits.service, identity: device.user, at: device.clock.now)
        scope = Scope(account: account.id, traits: traits, configuration: device.configuration, identity: device.user)
        moment = device.moment
        self.place = place
        try take([.conversation(RemoteConversation(id: place.remote, topic: "Trip"))])
        if traits.ordering == .arrival { try take([.receiving(in: place.remote, room: nil)]) }
    }

    func take(_ events: [RemoteEvent]) throws {
        for event in events where event.isContent { _ = try store.apply(event, scope, moment) }
    }

    private var conversation: ConversationID {
        get throws {
            guard let found = try account.conversations().get().first(where: { $0.remoteID == place.remote }) else {
                throw Broken("a conversation that was told of is not listed")
            }
            return found.id
        }
    }

    var hash: UInt64 { get throws { try store.contentHash(conversation: try conversation) } }

    /// The live texts of people.
    func texts() throws -> [String: String] {
        let entries = try account.timeline(of: try conversation, limit: 500).get().entries
        return entries.reduce(into: [:]) { texts, entry in
            guard let id = entry.remoteID?.rawValue, entry.deletedAt == nil, entry.kind.isUserKind else { return }
            texts[id] = entry.text ?? ""
        }
    }
}

extension RemoteEvent {
    /// It tells what is, and nothing about the channel.
    fileprivate var isContent: Bool {
        switch self {
        case .message, .received, .conversation, .receiving: true
        default: false
        }
    }
}
