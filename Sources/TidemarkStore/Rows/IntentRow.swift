internal import Foundation
internal import GRDB
internal import TidemarkModel

/// A row of `intent`.
struct IntentRow: Equatable {
    enum State: String, Codable, DatabaseValueConvertible {
        case queued, transmitting, inDoubt, sent, confirmed, parked, cancelled
    }

    var id: Int64?
    var account: Int64
    var conversation: Int64
    var message: Int64?
    var verb: Verb
    var token: String
    var body: String
    var state: State = .queued
    var createdAt: Int64
    var isFrozen = false
    var mayHaveLanded = false
    var attempts = 0
    var failures = 0
    var notBefore: Int64 = 0
    var reason: String?
    var detail: String?
    var asks = false
    var isSkipped = false
    var parent: Int64?
    var baseVersion: Int64?
    var floor: Int64?
    var doubtStart: Int64?
    var quarantineUntil: Int64 = 0
    var firstAttemptAt: Int64?
    var acknowledgedAt: Int64?
    var acknowledgedStart: Int64?
    var isOverlaid = true
    var confirmAt: Int64?
    var settledAt: Int64?
    var remoteTarget: String?
    var failuresByTarget: String?
    var roomSID: String?
}

/// What an intent carries, as JSON in its row. Each verb uses its own fields.
struct IntentBody: Codable, Hashable {
    var topic: String?
    var participants: [Participant]?
    var participant: ParticipantID?
    var message: OutgoingMessage?
    var text: String?
    var metadata: [String: String]?
    /// Of an upload. Its paths are names in the store's folder of files.
    var file: OutgoingFile?

    func json() throws -> String {
        let encoder = JSONEncoder()
        // Sorted, so that equal bodies are equal bytes.
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    init(
        topic: String? = nil, participants: [Participant]? = nil, participant: ParticipantID? = nil,
        message: OutgoingMessage? = nil, text: String? = nil, metadata: [String: String]? = nil,
        file: OutgoingFile? = nil
    ) {
        self.topic = topic
        self.participants = participants
        self.participant = participant
        self.message = message
        self.text = text
        self.metadata = metadata
        self.file = file
    }

    init(json: String) throws {
        self = try PlainJSON.body(json) ?? JSONDecoder().decode(IntentBody.self, from: Data(json.utf8))
    }
}

extension IntentRow {
    var decodedBody: IntentBody {
        get throws { try IntentBody(json: body) }
    }
}
