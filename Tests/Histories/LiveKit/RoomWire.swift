import TidemarkLiveKit
import TidemarkModel
import TidemarkSimulator

/// Something that will happen by itself.
struct RoomEvent {
    enum Kind {
        /// A call gets to the server.
        case arrives(RoomRequest)
        case answers(Int, RoomCall.Answer, Address)
        /// A line gets from the bridge to the room.
        case publishes(RoomRequest, bridge: Int)
        case bridgeStarts(Address)
        case bridgeJoins(Address, bridge: Int)
        case bridgeIsIn(Address, bridge: Int)
        case bridgeEnds(Address, bridge: Int)
        /// SIGCONT.
        case continues(Address)
        case credential(device: Int)
        case opens
    }

    var due: Int64
    var kind: Kind
}

/// A call on its way.
struct RoomRequest {
    var call: RoomCall
    var from: Address
    var launchedAt: Int64
    var fault: RoomFault?
    /// Its client has its answer, or none.
    var isUnheard = false
}

/// What will happen, in the order of its times; what falls due at once goes in the order in which it was put.
struct RoomWire {
    private var events: [RoomEvent] = []

    var due: Int64? { events.last?.due }

    mutating func put(_ kind: RoomEvent.Kind, at due: Int64) {
        // Kept with the next one last; few are under way at once.
        var place = events.count
        while place > 0, events[place - 1].due <= due { place -= 1 }
        events.insert(RoomEvent(due: due, kind: kind), at: place)
    }

    mutating func next() -> RoomEvent? { events.popLast() }
}
