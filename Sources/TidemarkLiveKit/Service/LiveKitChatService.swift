public import Foundation
import Synchronization
public import TidemarkModel

/// One LiveKit room under the engine: what others say comes by a data channel, what is sent goes by it or by the server's API.
///
/// A room has no history and no versions (rule R21): what is missed is a gap, the sender sees no echo, and `sent` is the last that
/// is heard of a message. Without a channel it only sends.
public final class LiveKitChatService: ChatService {
    public let room: String
    public let configuration: LiveKitServiceConfiguration
    let channel: (any DataChannel)?
    let server: LiveKitRoomClient?
    let now: @Sendable () -> Timestamp
    private let given: LiveKitRoomAdapter
    /// What is on its way: should it come back before its answer, it is known as the own message.
    let underWay = Mutex<[LiveKitMessageKey: Token]>([:])

    /// - Parameters:
    ///   - room: the name of the room.
    ///   - participant: the identity under which the channel is in the room; what the channel itself says counts more.
    ///   - channel: the way into the room.
    ///   - server: opens nothing and receives nothing; with it a closed room is told from a sick server, and what was written
    ///     for one room is not said in the next of its name.
    ///   - configuration: how it writes, and how long it repeats.
    ///   - now: the time; tests give their own.
    public init(
        room: String, participant: String?, channel: (any DataChannel)?, server: LiveKitRoomClient? = nil,
        configuration: LiveKitServiceConfiguration = LiveKitServiceConfiguration(),
        now: @escaping @Sendable () -> Timestamp = { Timestamp(Date()) }
    ) {
        self.room = room
        self.channel = channel
        self.server = server
        self.configuration = configuration
        self.now = now
        given = LiveKitRoomAdapter(
            room: room, participant: participant, configuration: configuration, hasChannel: channel != nil,
            writesStreams: channel is any TextStreamChannel, server: server?.wire)
    }

    /// This program's name in the room, as far as it is known; the server's API has none.
    public var participant: String? { channel?.identity ?? given.participant }

    /// All that it decides.
    var adapter: LiveKitRoomAdapter {
        var adapter = given
        adapter.participant = participant
        return adapter
    }

    public var traits: ServiceTraits { given.traits }

    public func identity() async throws(ServiceError) -> ParticipantID? {
        participant.map { ParticipantID($0) }
    }

    /// A room lists nothing; the engine never asks.
    public func page(_ request: PageRequest) async throws(ServiceError) -> Page {
        throw ServiceError(.unsupported, certainty: .notApplied)
    }

    /// Reads a packet again that an earlier version set aside, with the topic and the sender that were kept beside it.
    public func decodeArrival(_ raw: [UInt8]) -> RemoteArrival? {
        adapter.arrival(ofKept: raw, at: now())
    }

    public func events() -> any AsyncSequence<RemoteEvent, any Error> & Sendable {
        LiveKitRoomEvents(service: self)
    }
}
