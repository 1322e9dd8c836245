import TidemarkModel

/// What all packets of one sender under one id come to. Each part is a least, a greatest or a union, so that no order of the
/// packets makes a difference.
struct LiveKitRoomEntry: Hashable, Sendable {
    struct Copy: Hashable, Sendable {
        var version: LiveKitVersion
        var text: ExactText?
    }

    let key: LiveKitMessageKey
    private(set) var firstArrival: Int64
    /// Whether the sender ever sent it as a message of its own, on a topic where messages begin.
    private(set) var hasCreate: Bool
    /// The packets that are known again, each with the number it got first: the newest, as many as the room remembers, and the oldest
    /// message among them all.
    private var packets: [LiveKitFingerprint: Int64]
    private var firstCreate: LiveKitFingerprint?
    private var firstCreateNumber = Int64.max
    private var timestamp: Timestamp?
    /// The least version, to see whether the greatest one is an edit of it. Neither text is kept behind a delete.
    private var first: Copy
    private var last: Copy

    init(_ arrival: LiveKitArrival) {
        key = arrival.key
        firstArrival = arrival.number
        hasCreate = Self.isCreate(arrival.observation)
        packets = [arrival.fingerprint: arrival.number]
        timestamp = arrival.observation.timestamp
        first = Self.copy(arrival)
        last = first
        noteCreate(arrival)
    }

    func knows(_ fingerprint: LiveKitFingerprint) -> Bool {
        packets[fingerprint] != nil || firstCreate == fingerprint
    }

    private mutating func noteCreate(_ arrival: LiveKitArrival) {
        guard Self.isCreate(arrival.observation), arrival.number < firstCreateNumber else { return }
        (firstCreate, firstCreateNumber) = (arrival.fingerprint, arrival.number)
    }

    private mutating func remember(_ arrival: LiveKitArrival, atMost limit: Int) {
        packets[arrival.fingerprint] = min(packets[arrival.fingerprint] ?? arrival.number, arrival.number)
        guard packets.count > limit, let oldest = packets.min(by: { $0.value < $1.value }) else { return }
        packets[oldest.key] = nil
    }

    mutating func apply(_ arrival: LiveKitArrival, remembering limit: Int) {
        firstArrival = min(firstArrival, arrival.number)
        hasCreate = hasCreate || Self.isCreate(arrival.observation)
        remember(arrival, atMost: limit)
        noteCreate(arrival)
        if let told = arrival.observation.timestamp { timestamp = min(timestamp ?? told, told) }
        let copy = Self.copy(arrival)
        if copy.version < first.version { first = copy }
        if copy.version > last.version { last = copy }
        if last.version.isDeleted { first.text = nil }
    }

    /// On the chat topic also a repeated or changed message is a create: nothing tells them apart.
    private static func isCreate(_ observation: LiveKitObservation) -> Bool {
        observation.change == .create
    }

    private static func copy(_ arrival: LiveKitArrival) -> Copy {
        let version = arrival.version
        return Copy(version: version, text: version.isDeleted ? nil : arrival.observation.text.map(ExactText.init))
    }

    var message: LiveKitRoomMessage {
        let isDeleted = last.version.isDeleted
        let isEdited = !isDeleted && last.text != first.text
        return LiveKitRoomMessage(
            key: key, text: last.text?.text, timestamp: timestamp, editedAt: isEdited ? last.version.wireTime : nil,
            isEdited: isEdited, isDeleted: isDeleted, isHeld: !hasCreate, arrival: firstArrival)
    }

    var reject: LiveKitReject {
        LiveKitReject(
            .notTheAuthor, detail: "it \(last.version.isDeleted ? "deletes" : "edits") a message of another sender",
            sender: key.sender, id: key.id)
    }
}
