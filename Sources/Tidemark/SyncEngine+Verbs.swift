internal import Foundation
internal import Synchronization
public import TidemarkModel
public import TidemarkStore

/// The verbs. Each is local: it works offline, is durable when it returns (a power cut included), and goes out in the
/// order of its conversation when the engine runs.
///
/// Every verb takes a `token`: the same token with the same wish returns the intent of the first call, so a job that
/// runs at least once or a button tapped twice sends once; with another wish it throws `tokenReused`. All throw
/// ``StoreError``, with `invalidArgument` for an empty or too long text, topic or id, `notFound` and `notAllowed`.
extension SyncEngine {
    /// Makes a conversation that can be written to at once.
    @discardableResult
    public func createConversation(
        topic: String, with participants: [Participant] = [], token: Token? = nil
    ) async throws -> Enqueued {
        try enqueue(.createConversation(topic: topic, participants: participants), token)
    }

    /// Sends a message, with files, or as an answer to another one.
    ///
    /// The bytes of the files are copied, or cloned where the file system can, into the folder beside the store and synced to the disk
    /// before it returns; what they were copied from is not needed after that. They leave before their message, one after the other,
    /// and other conversations don't wait for them; later messages of this one do. With a file the text may be empty. An answer to a
    /// message that is unsent waits for it. The same token with the same files (name, type and content, wherever they lie) returns
    /// the intent of the first call. To call it off, ``discard(_:)`` the send: what is on its way is cut off, and the copies go.
    ///
    /// Throws ``StoreError`` with nothing left behind: `notAllowed` where the service takes no files or has no answers, `invalidArgument`
    /// for files that are empty, too large, too many, unreadable or no files, `diskFull`.
    @discardableResult
    public func send(
        _ message: OutgoingMessage, to conversation: ConversationID, files: [FileToSend] = [], replyTo: MessageID? = nil,
        token: Token? = nil
    ) async throws -> Enqueued {
        guard !files.isEmpty || replyTo != nil else { return try enqueue(.send(message, to: conversation), token) }
        return try await compose(message, to: conversation, files: files, replyTo: replyTo, token: token)
    }

    /// The same for a plain text.
    @discardableResult
    public func send(
        _ text: String, to conversation: ConversationID, files: [FileToSend] = [], replyTo: MessageID? = nil, token: Token? = nil
    ) async throws -> Enqueued {
        try await send(OutgoingMessage(text), to: conversation, files: files, replyTo: replyTo, token: token)
    }

    /// Changes an own message. One that never left is changed where it waits; several edits before the next sync are one
    /// request. `metadata` sets the caller's keys; an empty value removes one.
    @discardableResult
    public func edit(
        _ message: MessageID, to text: String, metadata: [String: String] = [:], token: Token? = nil
    ) async throws -> Enqueued {
        try enqueue(.edit(message, text: text, metadata: metadata), token)
    }

    /// Deletes an own message. One that never left is cancelled, and nothing is sent.
    @discardableResult
    public func delete(_ message: MessageID, token: Token? = nil) async throws -> Enqueued {
        try enqueue(.delete(message), token)
    }

    /// Marks as read up to a message, or everything that is there. Only the newest mark is sent.
    @discardableResult
    public func markRead(
        _ conversation: ConversationID, upTo message: MessageID? = nil, token: Token? = nil
    ) async throws -> Enqueued {
        try enqueue(.markRead(conversation, upTo: message), token)
    }

    @discardableResult
    public func rename(_ conversation: ConversationID, to topic: String, token: Token? = nil) async throws -> Enqueued {
        try enqueue(.rename(conversation, topic: topic), token)
    }

    /// What the service refuses of them while it takes the rest is listed as parked, with the service's words.
    @discardableResult
    public func add(
        _ participants: [Participant], to conversation: ConversationID, token: Token? = nil
    ) async throws -> Enqueued {
        try enqueue(.addParticipants(participants, to: conversation), token)
    }

    @discardableResult
    public func remove(
        _ participant: ParticipantID, from conversation: ConversationID, token: Token? = nil
    ) async throws -> Enqueued {
        try enqueue(.removeParticipant(participant, from: conversation), token)
    }

    /// Deletes a conversation at the service. What is unsent in it is cancelled: ``Enqueued/cancelled`` says how many
    /// intents that were, and ``ConversationView/pending`` says it before.
    @discardableResult
    public func deleteConversation(_ conversation: ConversationID, token: Token? = nil) async throws -> Enqueued {
        try enqueue(.deleteConversation(conversation), token)
    }

    // MARK: What is parked or asks

    /// Tries a parked intent again.
    public func retry(_ intent: IntentID) async throws { try act(.retry, on: intent) }

    /// Lets the rest of the conversation go on past a parked or asking intent, which stays listed.
    public func skip(_ intent: IntentID) async throws { try act(.skip, on: intent) }

    /// Drops an intent. Should it have reached the service after all, what it made is deleted there.
    public func discard(_ intent: IntentID) async throws { try act(.discard, on: intent) }

    /// Changes the text of a parked or queued send or edit; it goes out with a new token, in its old place.
    public func edit(_ intent: IntentID, to text: String) async throws { try act(.edit(text), on: intent) }

    /// Answers what the engine asks.
    public func resolve(_ intent: IntentID, as resolution: Resolution) async throws {
        try act(.resolve(resolution), on: intent)
    }

    private func enqueue(_ wish: Wish, _ token: Token?) throws -> Enqueued {
        try checkSignedIn()
        let identity = try store.account(named: account.name).identities.first
        let scope = scope(generation: 0, identity: identity)
        // The generator is taken out of the lock, so that nobody waits for the disk behind it.
        var generator = SeededToken(seed: state.withLock { $0.generator.next() }, other: state.withLock { $0.generator.next() })
        let result = try store.enqueue(wish, token: token, scope, clock.moment, using: &generator)
        mailbox.post(.wake)
        return result
    }

    private func compose(
        _ message: OutgoingMessage, to conversation: ConversationID, files: [FileToSend], replyTo: MessageID?, token: Token?
    ) async throws -> Enqueued {
        try checkSignedIn()
        let identity = try store.account(named: account.name).identities.first
        let (store, scope, moment) = (store, scope(generation: 0, identity: identity), clock.moment)
        let (seed, other) = state.withLock { ($0.generator.next(), $0.generator.next()) }
        let result = try await Self.besides {
            var generator = SeededToken(seed: seed, other: other)
            return try store.send(
                message, to: conversation, files: files, replyTo: replyTo, token: token, scope, moment, using: &generator)
        }
        mailbox.post(.wake)
        return result
    }

    /// Copying a large file takes a while: not on a thread that other tasks wait for.
    private static func besides<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result(catching: body)) }
        }
    }

    private func act(_ act: Act, on intent: IntentID) throws {
        try checkSignedIn()
        var generator = SeededToken(seed: state.withLock { $0.generator.next() }, other: state.withLock { $0.generator.next() })
        try store.act(act, on: intent, scope(generation: 0, identity: nil), clock.moment, using: &generator)
        mailbox.post(.wake)
    }
}

/// Two numbers that were drawn before: what one random token needs.
private struct SeededToken: RandomNumberGenerator {
    private var values: [UInt64]

    init(seed: UInt64, other: UInt64) {
        values = [other, seed]
    }

    mutating func next() -> UInt64 {
        let value = values.removeLast()
        // Should more be asked for, it goes on from what there was.
        if values.isEmpty { values = [value &* 0x9E37_79B9_7F4A_7C15 &+ 1] }
        return value
    }
}
