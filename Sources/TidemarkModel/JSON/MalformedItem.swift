/// Why one item of an answer can't be read; the others can.
package struct MalformedItem: Error, Hashable {
    /// The item's id, where at least that could be read.
    package var id: String?
    package var reason: String

    package init(id: String? = nil, reason: String) {
        self.id = id
        self.reason = reason
    }

    /// What can be read of some items, in their order, and what can't.
    package static func divide<Item>(
        _ elements: [JSONValue], _ decode: (JSONValue) throws(MalformedItem) -> Item
    ) -> ([Item], [Reject]) {
        var items: [Item] = []
        var rejects: [Reject] = []
        items.reserveCapacity(elements.count)
        for element in elements {
            do throws(MalformedItem) {
                items.append(try decode(element))
            } catch {
                rejects.append(Reject(id: error.id, reason: error.reason, raw: element.bytes))
            }
        }
        return (items, rejects)
    }
}
