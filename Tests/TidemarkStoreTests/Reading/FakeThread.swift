import TidemarkModel

/// A thread of a service that lists by last change, as small as it can be: an array of messages, each with its current
/// sequence number. A cursor says below which number to go on.
struct FakeThread {
    struct Item {
        var place: Int64
        var version: Int64
        var sequence: Int64
        var text: String
        var isDeleted = false
    }

    private(set) var items: [Item] = []
    private(set) var lastSequence: Int64 = 0
    /// The service's clock.
    var clock: Int64 = 1_000_000
    /// Numbers that its listing does not show yet.
    var hidden: Set<Int64> = []
    var sender = "8:acs:alice"

    mutating func send(_ text: String, after milliseconds: Int64 = 1000) {
        clock += milliseconds
        lastSequence += 1
        items.append(Item(place: clock, version: clock, sequence: lastSequence, text: text))
    }

    mutating func edit(_ index: Int, _ text: String, after milliseconds: Int64 = 1000) {
        guard !items[index].isDeleted else { return }
        change(index, after: milliseconds) { $0.text = text }
    }

    mutating func delete(_ index: Int, after milliseconds: Int64 = 1000) {
        change(index, after: milliseconds) {
            $0.text = ""
            $0.isDeleted = true
        }
    }

    private mutating func change(_ index: Int, after milliseconds: Int64, _ body: (inout Item) -> Void) {
        clock += milliseconds
        lastSequence += 1
        items[index].version = clock
        items[index].sequence = lastSequence
        body(&items[index])
    }

    func remote(_ item: Item) -> RemoteMessage {
        RemoteMessage(
            id: RemoteMessageID(String(item.place)), version: item.version, sequence: item.sequence, place: item.place,
            kind: .text, text: item.text, sender: ParticipantID(sender),
            createdAt: Timestamp(milliseconds: item.place / 1000 * 1000),
            deletedAt: item.isDeleted ? Timestamp(milliseconds: item.version / 1000 * 1000) : nil)
    }

    func pushed(_ index: Int) -> RemoteMessage {
        var message = remote(items[index])
        message.sequence = nil
        return message
    }

    func page(_ request: PageRequest, size: Int) -> Page {
        let below = request.cursor.flatMap { Int64($0.rawValue) } ?? .max
        let since = request.startTime?.milliseconds ?? .min
        let listed = items.filter { $0.sequence < below && $0.version >= since && !hidden.contains($0.sequence) }
            .sorted { $0.sequence > $1.sequence }
        let shown = Array(listed.prefix(size))
        let next = listed.count > size ? shown.last.map { Cursor(String($0.sequence)) } : nil
        return Page(
            items: .messages(shown.map(remote)), next: next,
            serverDate: Timestamp(milliseconds: clock / 1000 * 1000), bytes: 100)
    }
}
