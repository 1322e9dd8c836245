public import TidemarkModel
import HTTPTypes
import Tidemark
public import TidemarkStore

/// Plays transcripts: the engine's own decisions on a store in memory, on virtual time, with no task and no socket.
///
/// The same transcript gives the same outcome, always.
public struct TranscriptPlayer: Sendable {
    private let speaker: @Sendable (Transcript) throws -> Speaker

    /// - Parameter wire: gives the pure half of the adapter for a transcript's service and endpoint, or throws if there is
    ///   none. It is not asked for LiveKit rooms, which take more than requests: those are known here.
    public init(wire: @escaping @Sendable (_ service: String, _ endpoint: String) throws -> any ServiceWire) {
        speaker = { try $0.room.map(Speaker.room) ?? .service(wire($0.service, $0.endpoint)) }
    }

    /// Plays a whole transcript. Differences from what it expects stand in the outcome; throws ``TranscriptError`` only where
    /// the transcript can't be played on: a name that nothing has, a request that is not under way.
    ///
    /// - Parameters:
    ///   - transcript: what is played.
    ///   - store: where it is played; a new one in memory unless one is given, which must be new too.
    public func play(_ transcript: Transcript, in store: MessageStore? = nil) throws -> TranscriptOutcome {
        try play(transcript, in: try store ?? .inMemory()) { _ in }
    }

    /// The same, telling of each wish that the store has taken. What it throws ends the play there.
    package func play(
        _ transcript: Transcript, in store: MessageStore, accepting: @escaping (Enqueued) -> Void
    ) throws -> TranscriptOutcome {
        var stage = try Stage(transcript, speaker: try speaker(transcript), store: store)
        stage.accepting = accepting
        for line in transcript.lines {
            do {
                try stage.play(line)
            } catch let error as StoreError {
                throw TranscriptError(error.description, line: line.number)
            }
        }
        stage.end()
        return TranscriptOutcome(
            differences: stage.differences, requests: stage.requests, expectations: stage.seen, trace: stage.trace.value)
    }
}

/// What came of a transcript.
public struct TranscriptOutcome: Hashable, Sendable {
    /// Each a sentence that names its line; empty: it passed.
    public var differences: [String]
    /// How many requests the engine made.
    public var requests: Int
    /// What each expectation's view showed, in its fields, by the line's number.
    let expectations: [Int: String]
    /// A hash over everything that was asked and shown: equal for equal runs.
    public var trace: UInt64

    /// The transcript with every expectation replaced by what was shown.
    public func updating(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
            .map { expectations[$0 + 1] ?? String($1) }.joined(separator: "\n")
    }
}

/// A hash over what happened, in order.
struct TraceHash: Hashable, Sendable {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ text: String) {
        for byte in text.utf8 { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        value = (value ^ 0xFF) &* 0x0000_0100_0000_01B3
    }
}
