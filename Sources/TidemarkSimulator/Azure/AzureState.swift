/// A user of the simulated resource.
public struct SimulatedUser: Hashable, Sendable, Codable {
    /// `8:acs:…`
    public var id: String
    public var displayName: String
    /// A token that is good for a day from the simulator's start.
    public var token: String
}

/// One message as the service holds it.
public struct AzureMessage: Hashable, Sendable, Codable {
    public enum Kind: String, Hashable, Sendable, Codable {
        case text, html, topicUpdated, participantAdded, participantRemoved
    }

    /// Arrival in Unix milliseconds, and the message's id.
    public var id: Int64
    public var version: Int64
    public var sequence: Int64
    public var kind: Kind
    public var content = ""
    public var sender: String?
    public var senderName = ""
    public var metadata: [String: String] = [:]
    public var editedAt: Int64?
    public var deletedAt: Int64?
    public var topic: String?
    public var participants: [AzureMember] = []
    public var initiator: String?
    /// All that was accepted of it, in order: its creation, each edit, the delete. A client sees the latest state only;
    /// this is for judging a history.
    public internal(set) var changes: [AzureChange] = []

    init(id: Int64, sequence: Int64, kind: Kind) {
        self.id = id
        version = id
        self.sequence = sequence
        self.kind = kind
    }
}

public struct AzureMember: Hashable, Sendable, Codable {
    public var id: String
    public var displayName: String?
    public var shareHistoryTime: Int64
    public var metadata: [String: String] = [:]
}

public struct AzureReceipt: Hashable, Sendable, Codable {
    public var reader: String
    public var message: Int64
    public var readAt: Int64
}

/// One thread as the service holds it.
public struct AzureThread: Hashable, Sendable, Codable {
    public var id: String
    public var topic: String
    public var createdAt: Int64
    public var createdBy: String
    public var deletedAt: Int64?
    public var members: [AzureMember]
    /// In the order of creation, deleted ones included.
    public var messages: [AzureMessage] = []
    public var receipts: [AzureReceipt] = []
    public var lastMessageAt: Int64?
    public var activity: Int64
    public var sequence: Int64 = 0
    public var repeatabilityID: String?
    public var metadata: [String: String] = [:]
    /// The retention policy: days from its creation until it is deleted.
    public var deleteAfterDays: Int64?
    /// How the list of threads showed it, oldest first: as far back as the list may lag.
    var moments: [AzureThreadMoment] = []

    public func isMember(_ user: String) -> Bool { members.contains { $0.id == user } }

    func index(of message: Int64) -> Int? {
        var low = 0
        var high = messages.count
        while low < high {
            let middle = (low + high) / 2
            if messages[middle].id < message { low = middle + 1 } else { high = middle }
        }
        return low < messages.count && messages[low].id == message ? low : nil
    }
}
