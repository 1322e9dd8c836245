/// A user of the simulated service: registered, or a guest.
public struct AvayaUser: Hashable, Sendable, Codable {
    /// 24 hex digits.
    public var id: String
    public var displayName: String
    public var username: String
    public var isGuest: Bool
    /// A JWT that is good for a day from when it was made: `Authorization: jwt …`.
    public var token: String
    public var pictureURL = ""
}

public struct AvayaMember: Hashable, Sendable, Codable {
    public var user: String
    /// `admin`, `member` or `guest`.
    public var role: String
    public var joinedAt: Int64
    /// When this user read up to here, in Unix milliseconds.
    public var readAt: Int64 = 0
}

/// A space as the service holds it.
public struct AvayaSpace: Hashable, Sendable, Codable {
    public var id: String
    public var title: String
    /// `group`, `direct` or `personal`.
    public var type: String
    public var createdAt: Int64
    public var createdBy: String
    public var password: String?
    /// Holds `deny_guest_access_history_msg` as a rule (wire page §0).
    public var restrict: [String]
    /// Whoever knows its id may come in, as with a shared link.
    public var isOpen: Bool
    public var isArchived = false
    public var deletedAt: Int64?
    public var members: [AvayaMember]
    /// In the order of arrival, deleted ones included.
    public var messages: [AvayaMessage] = []
    public var modified: Int64
    public var description = ""
    public var pinnedBy: [String] = []

    public func member(_ user: String) -> AvayaMember? { members.first { $0.user == user } }

    public static let deniesGuestHistory = "deny_guest_access_history_msg"
}

public struct AvayaAttachment: Hashable, Sendable, Codable {
    public var fileID: String
    public var size: Int64
    /// `image`, `video`, `audio` or `document`.
    public var type: String
    public var name: String
    /// The MIME type.
    public var contentType: String
    public var thumbnail: String
    public var icon: String
}

/// One message of any category as the service holds it.
public struct AvayaMessage: Hashable, Sendable, Codable {
    public var id: String
    /// Its place in the order of arrival, over all spaces.
    public var number: Int64
    public var space: String
    /// `chat`, `idea` or `task`.
    public var category: String
    /// The user's id.
    public var sender: String
    public var arrivedAt: Int64
    /// What it says of its creation: the client's own word where the service keeps that.
    public var created: Int64
    public var modified: Int64
    /// Where it stands in the feed: when it was changed last, whatever `modified` says.
    public var feedPlace: Int64
    /// As it was sent; what a client reads may be escaped.
    public var text: String
    public var description = ""
    public var attachments: [AvayaAttachment] = []
    /// The post or task that it comments on.
    public var parent: String?
    public var comments: Int64 = 0
    public var deletedAt: Int64?
    /// Members of the content or the message that are only passed through, as JSON: `assignees`, `mentions`…
    public var passed: [String: String] = [:]
    /// All that was accepted of it, in order. A client sees the latest state only; this is for judging a history.
    public internal(set) var changes: [AvayaChange] = []

    /// What was sent at first, whatever happened to it since.
    public var firstText: String { changes.first?.text ?? "" }
}

/// One accepted write of a message, as it was asked for.
public struct AvayaChange: Hashable, Sendable, Codable {
    public enum Kind: String, Hashable, Sendable, Codable {
        case create, edit, delete
        /// A comment came to it.
        case comment
    }

    public var kind: Kind
    /// When it was accepted, in Unix milliseconds.
    public var at: Int64
    /// Who asked for it.
    public var author: String
    public var text: String?
    public var description: String?
    /// What `modified` is since then.
    public var modified: Int64
    /// Where the message stands in the feed since then.
    var feedPlace: Int64
}

extension AvayaMessage {
    mutating func take(_ change: AvayaChange) {
        apply(change)
        changes.append(change)
    }

    private mutating func apply(_ change: AvayaChange) {
        modified = change.modified
        feedPlace = change.feedPlace
        switch change.kind {
        case .create: break
        case .edit:
            text = change.text ?? text
            description = change.description ?? description
        case .delete:
            text = ""
            description = ""
            deletedAt = change.at
        case .comment: comments += 1
        }
    }

    /// As it was at a time, in Unix milliseconds; `nil` before it was there.
    func copy(at time: Int64) -> AvayaMessage? {
        guard let last = changes.last, last.at > time else { return self }
        let known = changes.prefix { $0.at <= time }
        guard let first = known.first else { return nil }
        var copy = self
        copy.modified = first.modified
        copy.feedPlace = first.feedPlace
        copy.text = first.text ?? ""
        copy.description = first.description ?? ""
        copy.comments = 0
        copy.deletedAt = nil
        copy.changes = Array(known)
        for change in known.dropFirst() { copy.apply(change) }
        return copy
    }
}
