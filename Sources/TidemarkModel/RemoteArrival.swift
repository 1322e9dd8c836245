/// One packet about one message, from a service that has no history and no versions of its own (rule R21).
///
/// Where ``ServiceTraits/ordering`` is `.arrival` the service hands these in, with
/// ``RemoteEvent/received(_:in:)``. The store numbers each in the transaction that stores it; from then on any order
/// of applying gives the same content (promise P5).
public struct RemoteArrival: Hashable, Sendable, Codable {
    /// What the packet says it is.
    public enum Change: String, Hashable, Sendable, Codable {
        /// A message where messages begin. The same id again is an edit if it says something else.
        case create
        case edit
        case delete
    }

    /// What the packet tells.
    ///
    /// `id` names sender *and* wire id, so that two senders with an equal wire id never meet; `version` is what the wire
    /// tells of the order (time and topic), and never a number of the receiver's; a delete bears `deletedAt`. Neither
    /// `sequence` nor `place` are looked at.
    public var message: RemoteMessage
    public var change: Change
    /// The id as it travels, which several senders may use. Who edits or deletes under an id that another has made, and
    /// has made nothing under it, is refused.
    public var wireID: String
    /// A hash, equal for packets of equal bytes: the same again is a duplicate. Compared within one message; it stays in the
    /// store when the message is deleted, so it must not hold the text.
    public var digest: String

    public init(_ message: RemoteMessage, _ change: Change, wireID: String, digest: String) {
        self.message = message
        self.change = change
        self.wireID = wireID
        self.digest = digest
    }
}

/// Why receiving ended, or was broken for a moment. More may be added.
public struct ReceivingEnd: Hashable, Sendable, Codable, RawRepresentable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The program was ended without saying so; the next run finds it.
    public static let crash = ReceivingEnd(rawValue: "crash")
    /// The run was ended, or what receives was.
    public static let exit = ReceivingEnd(rawValue: "exit")
    /// The connection was lost.
    public static let disconnected = ReceivingEnd(rawValue: "disconnected")
    /// More came than could be held; some of it was dropped.
    public static let overflow = ReceivingEnd(rawValue: "overflow")
    /// The room is no more. Another one may be opened under its name.
    public static let closed = ReceivingEnd(rawValue: "closed")
    /// Receiving began again and nobody had said that it ended.
    public static let begunAgain = ReceivingEnd(rawValue: "begunAgain")
}
