public import Foundation
import Synchronization
public import TidemarkModel

/// A room's chat over a data channel, with the behaviour of LiveKit's Python class `ChatManager`: send, update, delete, and
/// what others send.
///
/// It stores and repeats nothing, and shows what comes as it comes: one event for new and changed messages, no check of who
/// wrote what. ``LiveKitRoom`` merges them; `LiveKitChatService` under the engine also survives a bad network. What this sends
/// is checked before a byte leaves: the texts of others survive it.
public final class LiveKitChat: Sendable {
    /// This program's identity in the room.
    public let identity: String?
    public let configuration: LiveKitChatConfiguration
    /// What the others send, from the making of this value on: new, edited and deleted messages alike. One reader at a time; it
    /// ends with ``close()``, with the channel, and when the reading task is cancelled.
    public let messages: LiveKitChatMessages

    private let channel: any DataChannel
    private let now: @Sendable () -> Timestamp
    private let closing: CloseSignal
    private let generator: Mutex<any RandomNumberGenerator & Sendable>

    /// - Parameters:
    ///   - channel: the way into the room.
    ///   - identity: the own identity, for ``LiveKitChatMessage/participant`` of what is sent.
    ///   - configuration: how it writes, and what it reads.
    ///   - generator: makes the ids; the system's can't be foretold.
    ///   - now: the time; tests give their own.
    ///   - notice: told of packets that can't be read and of gaps, in order, while ``messages`` is read.
    public init(
        channel: any DataChannel, identity: String? = nil, configuration: LiveKitChatConfiguration = LiveKitChatConfiguration(),
        generator: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator(),
        now: @escaping @Sendable () -> Timestamp = { Timestamp(Date()) },
        notice: @escaping @Sendable (LiveKitChatNotice) -> Void = { _ in }
    ) {
        self.channel = channel
        self.identity = identity
        self.configuration = configuration
        self.now = now
        self.generator = Mutex(generator)
        closing = CloseSignal()
        messages = LiveKitChatMessages(
            events: channel.packets(), wire: configuration.wire, closing: closing, now: now, notice: notice)
    }

    /// Sends a message and returns it, when the channel has taken it: as a legacy packet, and before it as a text stream if
    /// the configuration says so and the channel can.
    ///
    /// Throws ``LiveKitUnsendable`` before anything leaves, and what the channel throws.
    @discardableResult
    public func send(_ text: String, to destinations: [String] = []) async throws -> LiveKitChatMessage {
        let id = generator.withLock { generator in LiveKitMessageID.random(using: &generator) }
        let message = LiveKitChatMessage(id: id, text: text, timestamp: now(), participant: identity, isLocal: true)
        guard configuration.sendsTextStreams, let streams = channel as? any TextStreamChannel else {
            try await publish(message, on: [LiveKitTopic.chat], to: destinations)
            return message
        }
        // Checked before the stream leaves, so that there is never one without its copy.
        let copy = try payload(of: message, isCopyOfStream: true)
        try await streams.publishText(text, topic: LiveKitTopic.stream, streamID: id, destinations: destinations)
        try await channel.publish(copy, topic: LiveKitTopic.chat, reliable: true, destinations: destinations)
        return message
    }

    /// Sends an own message's new text, or its delete if `isDeleted` is set, and returns it as it is now.
    ///
    /// It goes out once per topic of the policy; after an error on the second, the first has left, and calling again is safe.
    /// Throws ``LiveKitUnsendable`` for a message of somebody else: the room would carry it, and readers show it as theirs.
    @discardableResult
    public func update(_ message: LiveKitChatMessage, to destinations: [String] = []) async throws -> LiveKitChatMessage {
        guard message.isLocal else {
            throw LiveKitUnsendable(.notTheAuthor, "Only who wrote a message can change or delete it; nothing was sent.")
        }
        let policy = configuration.editPolicy
        var message = message
        if policy.writesEditTime {
            // Greater than all before it, also if the clock was set back.
            message.editedAt = max(now(), (message.editedAt ?? message.timestamp) + .milliseconds(1))
        }
        if message.isDeleted, policy.deletesWithEmptyText { message.text = "" }
        let topics = message.isDeleted ? policy.deletes : policy.edits
        try await publish(message, on: topics.names, to: destinations)
        return message
    }

    /// As ``update(_:to:)`` with `isDeleted`.
    @discardableResult
    public func delete(_ message: LiveKitChatMessage, to destinations: [String] = []) async throws -> LiveKitChatMessage {
        var message = message
        message.isDeleted = true
        return try await update(message, to: destinations)
    }

    /// Ends ``messages`` and refuses further sending. The channel stays open.
    public func close() {
        closing.close()
    }

    private func publish(_ message: LiveKitChatMessage, on topics: [String], to destinations: [String]) async throws {
        let payload = try payload(of: message)
        for topic in topics {
            try await channel.publish(payload, topic: topic, reliable: true, destinations: destinations)
        }
    }

    /// The packet, if it may leave.
    private func payload(of message: LiveKitChatMessage, isCopyOfStream: Bool = false) throws -> [UInt8] {
        guard !closing.isClosed else { throw DataChannelError(.closed) }
        guard message.text != nil else {
            throw LiveKitUnsendable(.noText, "The message has no text; give it one, even an empty one.")
        }
        let payload = try LiveKitChatWire.payload(
            message.body(isCopyOfStream: isCopyOfStream), form: configuration.form)
        let limit = configuration.maximumPayloadBytes
        guard payload.count <= limit else {
            throw LiveKitUnsendable(
                .tooLarge, "The message takes \(payload.count) bytes and rooms carry \(limit); send a shorter one.")
        }
        return payload
    }
}

public struct LiveKitChatConfiguration: Hashable, Sendable {
    public var wire: LiveKitChatWire
    public var form: LiveKitPayloadForm
    public var editPolicy: LiveKitEditPolicy
    /// New messages go out as a text stream on `lk.chat`, which agents and newer clients read, and as a legacy copy that says
    /// so. Only over a ``TextStreamChannel``. Edits and deletes stay legacy: streams have no agreed form for them, and who shows
    /// streams replaces by id.
    public var sendsTextStreams: Bool
    /// 15 KiB is what LiveKit documents for reliable packets; larger ones may vanish without an error.
    public var maximumPayloadBytes: Int

    public init(
        wire: LiveKitChatWire = LiveKitChatWire(), form: LiveKitPayloadForm = .compact,
        editPolicy: LiveKitEditPolicy = LiveKitEditPolicy(), sendsTextStreams: Bool = false,
        maximumPayloadBytes: Int = LiveKitLimits().reliableBytes
    ) {
        self.wire = wire
        self.form = form
        self.editPolicy = editPolicy
        self.sendsTextStreams = sendsTextStreams
        self.maximumPayloadBytes = maximumPayloadBytes
    }
}

/// What happened beside messages.
public enum LiveKitChatNotice: Hashable, Sendable {
    case reject(LiveKitReject)
    case gap(DataChannelGap)
}
