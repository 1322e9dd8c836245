/// What names a message inside a room: its sender on the wire, and its id. Two senders may use one id.
///
/// Both are compared byte by byte: to a room, é as one character and é as two are two names, to `String` they are one.
public struct LiveKitMessageKey: Hashable, Sendable {
    /// `nil`: the server's API or a hidden participant.
    public var sender: String?
    public var id: String

    public init(sender: String?, id: String) {
        self.sender = sender
        self.id = id
    }

    public static func == (left: LiveKitMessageKey, right: LiveKitMessageKey) -> Bool {
        ExactText(left.id) == ExactText(right.id) && left.sender.map(ExactText.init) == right.sender.map(ExactText.init)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(ExactText(id))
        hasher.combine(sender.map(ExactText.init))
    }
}

/// A text that equals another only if their bytes do.
struct ExactText: Hashable, Sendable {
    let text: String

    init(_ text: String) {
        self.text = text
    }

    static func == (left: ExactText, right: ExactText) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
        hasher.combine(0xFF as UInt8)
    }
}
