import Foundation
import TidemarkLiveKit
public import TidemarkModel

/// A recorded or written story of one engine: what the user did, what was asked of the service and what it said, pushes,
/// steps of the clock, crashes, and the views that have to come of it. JSON Lines; `docs/transcripts.md` has the format.
public struct Transcript: Sendable {
    /// The newest version of the format that this build plays.
    public static let version: Int64 = 1
    /// A line, and a file, can't be longer.
    public static let maximumBytes = 64 * 1024 * 1024

    public let title: String
    /// The service whose wire it speaks: `azure`, `avaya`, `avaya-guest` (the same as a guest), `livekit`.
    public let service: String
    /// What it re-tells, where it re-tells something: the name of a recorded session.
    public let origin: String?
    /// Whose engine it is.
    public let user: ParticipantID
    public let starts: Timestamp
    /// The seed of everything random: tokens and the jitter of waits.
    public let seed: UInt64
    /// How long a request that is not there yet is waited for, on virtual time.
    public let patience: Duration
    let endpoint: String
    /// The room, where the account is one of a LiveKit room.
    let room: LiveKitRoomAdapter?
    let configuration: [String: JSON]
    let lines: [Line]

    /// One step, and where it stands.
    struct Line: Sendable {
        var number: Int
        var step: Step
    }

    /// Reads a transcript. Throws ``TranscriptError``: for a version that is newer than ``version``, a line that is not JSON,
    /// a step or field that does not exist. Nothing is played then.
    public init(_ bytes: some Collection<UInt8>) throws {
        guard bytes.count <= Self.maximumBytes else {
            throw TranscriptError("The transcript is larger than \(Self.maximumBytes) bytes; cut it.")
        }
        var head: [String: JSON]?
        var headLine = 0
        var lines: [Line] = []
        for (index, bytes) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
            let number = index + 1
            guard bytes.contains(where: { !" \t\r".utf8.contains($0) }) else { continue }
            guard let object = (try? JSON(bytes: bytes))?.object else {
                throw TranscriptError("This is not one JSON object.", line: number)
            }
            if head == nil {
                head = object
                headLine = number
            } else {
                lines.append(Line(number: number, step: try Step(Fields(object, line: number))))
            }
        }
        guard let head else { throw TranscriptError("The transcript is empty; its first line is its head.") }
        var fields = Fields(head, line: headLine)
        guard let version = try fields.integer("transcript") else {
            throw fields.error("The first line is the head of a transcript: {\"transcript\": 1, …}.")
        }
        guard version <= Self.version, version > 0 else {
            throw fields.error(
                "The transcript has version \(version) of the format and this build plays \(Self.version); use a newer one.")
        }
        title = try fields.needed("title")
        service = try fields.needed("service")
        origin = try fields.text("origin")
        user = ParticipantID(try fields.needed("user"))
        let starts = try fields.text("starts") ?? "2026-01-05T10:00:00Z"
        guard let time = Timestamp(rfc3339: starts) else { throw fields.error("\"starts\" has to be a time of RFC 3339.") }
        self.starts = time
        seed = UInt64(bitPattern: try fields.integer("seed") ?? 1)
        patience = try fields.duration("patience") ?? .zero
        endpoint = try fields.text("endpoint") ?? "https://chat.example"
        if service == LiveKitRoomAdapter.service {
            guard let json = fields.take("room") else { throw fields.error("\"room\" is missing: which room, {\"name\": …}.") }
            room = try RoomAccount.adapter(json, user: user, endpoint: endpoint, headLine)
        } else {
            room = nil
        }
        configuration = fields.take("configuration")?.object ?? [:]
        try fields.end()
        self.lines = lines
    }
}
