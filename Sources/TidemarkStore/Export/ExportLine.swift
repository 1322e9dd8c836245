internal import Foundation
internal import TidemarkModel

/// A line of an exported store: what it is about says `type`. Times are milliseconds since 1970, UTC.
struct ExportLine: Codable {
    enum Kind: String, Codable {
        /// The first line: the account.
        case account
        case conversation
        case participant
        /// A remote copy.
        case message
        /// What still needed the service or a person.
        case unsent
    }

    /// The version of the format.
    static let format = 1

    var type: Kind
    // Of the account.
    var format: Int?
    var name: String?
    var service: String?
    var settings: [String: String]?
    var identities: [String]?
    var exportedAt: Int64?
    // Of a conversation, and what the others refer to by it.
    var conversation: String?
    var remoteID: String?
    var topic: String?
    var createdAt: Int64?
    var createdBy: String?
    var lastMessageAt: Int64?
    var deletedAt: Int64?
    var membership: String?
    /// Up to which place it is read.
    var readUpTo: Int64?
    /// Its places are numbers of arrival, which each store counts on its own (R21).
    var isByArrival: Bool?
    // Of a participant.
    var participant: String?
    var displayName: String?
    var role: String?
    var isPresent: Bool?
    // Of a message.
    var message: RemoteMessage?
    /// What it said in older versions, as far as they were seen. Exports of before there were any have none.
    var revisions: [Revisions.Version]?
    /// It is a tombstone only by its absence (R26).
    var isAbsent: Bool?
    /// Of what was written here: its files as this side knows them, while no listing has told of them. Their bytes stay where they are.
    var files: [ExportedFile]?
    /// The message that it answers, where only this side knows: by its remote id, or by its token.
    var answers: String?
    var answersToken: String?
    // Of an intent.
    var verb: String?
    var token: String?
    var state: String?
    /// What the verb needs, as JSON.
    var body: String?
    /// The remote id of the message that it is about.
    var target: String?
    /// The token of that message, where it has no remote id yet.
    var targetToken: String?

    /// A file that a message brought along.
    struct ExportedFile: Codable {
        /// The service's key; `nil`: it was not uploaded.
        var file: String?
        var name: String?
        var size: Int64?
        var contentType: String?
        var thumbnail: String?
        /// Of the upload that is not over.
        var token: String?
    }

    init(_ type: Kind) {
        self.type = type
    }

    func json(_ encoder: JSONEncoder) throws -> String {
        String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}
