public import TidemarkModel

/// A chat message that came to a ``SpacesSession``. Avaya's own Python client tells body, sender and space of it.
public struct SpacesChat: Hashable, Sendable {
    public var id: RemoteMessageID
    /// The words, without markup.
    public var body: String
    /// As it came: it must not be shown without a sanitiser.
    public var html: String
    public var sender: AvayaUser?
    public var space: RemoteConversationID
    public var spaceTitle: String?
    /// By the service's clock.
    public var created: Timestamp
    /// Later than `created` if it was edited since.
    public var modified: Timestamp
}

extension SpacesChat {
    /// `nil` for posts, tasks, what is gone and what tells of the space itself.
    init?(_ message: AvayaMessage) {
        // The other marks count only where deleted messages were asked for.
        let isGone = message.deletion.map { [.flag, .stamp].contains($0.mark) } ?? false
        guard message.category == .chat, !isGone, let space = message.space else { return nil }
        id = message.id
        html = message.body ?? ""
        body = AvayaBody.plainText(html)
        sender = message.sender
        self.space = space
        spaceTitle = message.topicTitle
        created = message.created
        modified = message.modified
    }
}

/// The chats of a session, as they come. What was said before a space was entered, or while the connection was down, is not
/// among them: the service replays nothing.
public struct SpacesChats: AsyncSequence, Sendable {
    public typealias Element = SpacesChat
    public typealias Failure = Never

    let buffer: RealtimeBuffer
    let notice: @Sendable (AvayaRealtimeNotice) -> Void

    public func makeAsyncIterator() -> Iterator {
        Iterator(chats: self)
    }

    public struct Iterator: AsyncIteratorProtocol {
        let chats: SpacesChats

        public mutating func next() async -> SpacesChat? {
            await next(isolation: nil)
        }

        /// `nil` when the task is cancelled. A second consumer ends the first.
        public mutating func next(isolation actor: isolated (any Actor)?) async -> SpacesChat? {
            while let item = await chats.buffer.next() {
                guard case .event(SpacesEvent.sent, let payload) = item else { continue }
                guard let message = try? AvayaMessage(json: JSONValue(reading: payload)) else {
                    chats.notice(.unreadable)
                    continue
                }
                if let chat = SpacesChat(message) { return chat }
            }
            return nil
        }
    }
}
