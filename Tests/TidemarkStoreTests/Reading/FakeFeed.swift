import TidemarkModel

/// A space of a service that lists its history by creation and its changes by a feed, as small as it can be.
struct FakeFeed {
    struct Item {
        var place: Int64
        var version: Int64
        var text: String
        var isDeleted = false
        var isOwn = false
    }

    private(set) var items: [Item] = []
    /// The service's clock.
    var clock: Int64 = 1_000_000
    var isAscending = false
    /// A page goes on after a number of items, whatever moved meanwhile.
    var isByOffset = false
    /// What was made before then is hidden from who asks, and nothing says so.
    var shownFrom = Int64.min
    /// Every request that came.
    private(set) var asked: [PageRequest] = []

    mutating func send(_ text: String, isOwn: Bool = false, after milliseconds: Int64 = 1000) {
        clock += milliseconds
        items.append(Item(place: clock, version: clock, text: text, isOwn: isOwn))
    }

    mutating func edit(_ index: Int, _ text: String, after milliseconds: Int64 = 1000) {
        clock += milliseconds
        (items[index].text, items[index].version) = (text, clock)
    }

    mutating func delete(_ index: Int, after milliseconds: Int64 = 1000) {
        clock += milliseconds
        (items[index].text, items[index].version, items[index].isDeleted) = ("", clock, true)
    }

    func remote(_ index: Int) -> RemoteMessage {
        let item = items[index]
        return RemoteMessage(
            id: RemoteMessageID("id\(item.place)"), version: item.version, sequence: item.version, place: item.place, kind: .text,
            text: item.text, sender: item.isOwn ? ReadingHarness.me : "alice",
            createdAt: Timestamp(milliseconds: item.place),
            editedAt: item.version > item.place && !item.isDeleted ? Timestamp(milliseconds: item.version) : nil,
            deletedAt: item.isDeleted ? Timestamp(milliseconds: item.version) : nil)
    }

    mutating func page(_ request: PageRequest, size: Int) -> Page {
        asked.append(request)
        let parts = (request.cursor?.rawValue ?? "").split(separator: ":").compactMap { Int64($0) }
        let since = parts.count == 2 ? parts[0] : request.cursor == nil ? request.startTime?.milliseconds : nil
        let order = items.indices.filter { items[$0].place >= shownFrom }
        guard let since else {
            let rest = order.reversed().filter { !items[$0].isDeleted && items[$0].place < parts.first ?? .max }
            let next = rest.count > size ? "\(items[rest[size - 1]].place)" : nil
            return page(Array(rest.prefix(size)), next)
        }
        let changed = order.filter { items[$0].version > since }
            .sorted { isAscending == (items[$0].version < items[$1].version) }
        guard isByOffset else {
            let rest = changed.filter { index in
                parts.count < 2 || (isAscending ? items[index].version > parts[1] : items[index].version < parts[1])
            }
            return page(
                Array(rest.prefix(size)), rest.count > size ? "\(since):\(items[rest[size - 1]].version)" : nil)
        }
        let rest = changed.dropFirst(parts.count < 2 ? 0 : Int(parts[1]))
        let from = parts.count < 2 ? 0 : Int(parts[1])
        return page(Array(rest.prefix(size)), rest.count > size ? "\(since):\(from + size)" : nil)
    }

    private func page(_ indices: [Int], _ next: String?) -> Page {
        Page(
            items: .messages(indices.map(remote)), next: next.map { Cursor($0) },
            serverDate: Timestamp(milliseconds: clock), bytes: 100)
    }
}
