/// On which topics edits and deletes go out. No topic reaches everybody; `docs/livekit.md` has the table of who honours what.
public struct LiveKitEditPolicy: Hashable, Sendable, Codable {
    public enum Topics: String, Hashable, Sendable, Codable {
        /// LiveKit's Python class and components-js 0.9.0 to 0.12.1.
        case update
        /// The same id on the chat topic again: today's web and Android components, and everybody who has the update topic too.
        /// Flutter's shows a second message.
        case chat
        /// Update topic first, then the chat topic. Who reads both sees two equal events.
        case both

        package var names: [String] {
            switch self {
            case .update: [LiveKitTopic.update]
            case .chat: [LiveKitTopic.chat]
            case .both: [LiveKitTopic.update, LiveKitTopic.chat]
            }
        }
    }

    public var edits: Topics
    public var deletes: Topics
    /// A delete carries an empty text: readers that don't know `deleted` then show an empty message instead of the old text,
    /// and the text doesn't travel once more.
    public var deletesWithEmptyText: Bool
    /// Edits and deletes carry their own time in `editTimestamp`, which is greater with each, so that readers that look at it
    /// keep the newest whatever order they come in. Others pass over it.
    public var writesEditTime: Bool

    /// The default reaches the most readers.
    public init(
        edits: Topics = .both, deletes: Topics = .both, deletesWithEmptyText: Bool = true, writesEditTime: Bool = true
    ) {
        self.edits = edits
        self.deletes = deletes
        self.deletesWithEmptyText = deletesWithEmptyText
        self.writesEditTime = writesEditTime
    }

    /// The packets of LiveKit's Python class, and none beside them.
    public static let python = LiveKitEditPolicy(
        edits: .update, deletes: .update, deletesWithEmptyText: false, writesEditTime: false)
}
