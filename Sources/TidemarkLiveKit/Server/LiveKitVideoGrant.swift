/// What a token allows, in the names of LiveKit's claim `video`. Absent is not allowed, except the three `canPublish…` and
/// `canSubscribe`, whose absence the server takes for yes; they are always written, as LiveKit's Python class does.
public struct LiveKitVideoGrant: Hashable, Sendable {
    public var roomCreate = false
    public var roomList = false
    public var roomAdmin = false
    public var roomJoin = false
    /// The room that `roomAdmin` and `roomJoin` are for.
    public var room: String?
    public var canPublish = true
    public var canSubscribe = true
    /// Without it the server drops what the participant publishes, and says nothing.
    public var canPublishData = true
    /// Not shown to the others. What a hidden participant publishes has no sender.
    public var isHidden = false

    public init() {}

    /// To send data into a room and to list who is in it.
    public static func administer(_ room: String) -> LiveKitVideoGrant {
        var grant = LiveKitVideoGrant()
        grant.roomAdmin = true
        grant.room = room
        return grant
    }

    /// To be in a room and chat, with or without audio and video of one's own.
    public static func join(_ room: String, publishesMedia: Bool = false) -> LiveKitVideoGrant {
        var grant = LiveKitVideoGrant()
        grant.roomJoin = true
        grant.room = room
        grant.canPublish = publishesMedia
        return grant
    }

    /// To record what is said in a room, unseen and without a voice.
    public static func listen(_ room: String) -> LiveKitVideoGrant {
        var grant = join(room)
        grant.canPublishData = false
        grant.isHidden = true
        return grant
    }

    public static var listRooms: LiveKitVideoGrant {
        var grant = LiveKitVideoGrant()
        grant.roomList = true
        return grant
    }

    public static var createRooms: LiveKitVideoGrant {
        var grant = LiveKitVideoGrant()
        grant.roomCreate = true
        return grant
    }

    /// In the order of LiveKit's Python class.
    var json: LiveKitJSONText.Value {
        func yes(_ name: String, _ value: Bool) -> [(String, LiveKitJSONText.Value)] { value ? [(name, .bool(true))] : [] }
        return .object(
            yes("roomCreate", roomCreate) + yes("roomList", roomList) + yes("roomAdmin", roomAdmin)
                + yes("roomJoin", roomJoin) + (room.map { [("room", .string($0))] } ?? [])
                + [
                    ("canPublish", .bool(canPublish)), ("canSubscribe", .bool(canSubscribe)),
                    ("canPublishData", .bool(canPublishData)),
                ] + yes("hidden", isHidden))
    }
}
