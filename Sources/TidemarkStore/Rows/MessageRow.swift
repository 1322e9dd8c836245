internal import GRDB
internal import TidemarkModel

/// A row of `message`: one remote copy, or an own message that no copy is known of yet.
struct MessageRow: Equatable {
    /// Where the unsent stand: behind everything that has a place.
    static let tail: Int64 = 1 << 62

    var id: Int64?
    var conversation: Int64
    var remoteID: String?
    var sort: Int64?
    var place: Int64?
    var version: Int64?
    /// 0 nobody, 1 a push, 2 a page.
    var source = 0
    var sequence: Int64?
    var kind: String?
    var text: String?
    var sender: String?
    var senderName: String?
    var isOwn = false
    var createdAt: Int64?
    var editedAt: Int64?
    var deletedAt: Int64?
    var deletedBy: String?
    var token: String?
    var tokenVersion: Int64?
    var editMarker: String?
    var metadata: String?
    var topic: String?
    var participants: String?
    var initiator: String?
    var serviceData: String?
    var isUnreadable = false
    var seenStart: Int64 = 0
    /// What was said of its files, as ``AttachmentList`` keeps it; `nil`: it has none.
    var attachments: String?
    var replyTo: String?
    var replyToLocal: Int64?
}
