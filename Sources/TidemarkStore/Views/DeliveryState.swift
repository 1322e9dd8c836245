/// How far something the user wants done has come. More cases may be added.
public enum DeliveryState: Hashable, Sendable {
    /// Durable here; its turn comes.
    case queued
    /// A request with it is under way.
    case transmitting
    /// A request with it was lost; whether it took effect is being found out.
    case inDoubt
    /// Something else has to be there first: a message waits for its conversation, an edit for its message, anything
    /// for a room that somebody has to open.
    case waiting
    /// The service accepted it; no observation has shown it yet.
    case sent
    /// The service showed it, or its yes is all there is.
    case confirmed
    /// It needs a person.
    case parked(ParkReason)
    /// Taken back by the user or overtaken by something newer.
    case cancelled

    /// The stable name, as the command line prints it.
    public var name: String {
        switch self {
        case .queued: "queued"
        case .transmitting: "transmitting"
        case .inDoubt: "inDoubt"
        case .waiting: "waiting"
        case .sent: "sent"
        case .confirmed: "confirmed"
        case .parked: "parked"
        case .cancelled: "cancelled"
        }
    }

    /// Why it is parked.
    public var reason: ParkReason? {
        if case .parked(let reason) = self { reason } else { nil }
    }
}
