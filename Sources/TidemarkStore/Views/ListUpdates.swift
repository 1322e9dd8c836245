extension LiveView {
    /// The list now, and again after each change of its own content, each time with the steps from the one before: what a table on a
    /// screen animates.
    ///
    /// Who is slow gets one update from the list he has to the newest one. Otherwise as ``updates()``.
    public func listUpdates<Element>() -> ListUpdates<Element> where Value == [Element], Element: Identifiable & Hashable {
        ListUpdates(view: self)
    }
}

extension LiveView<Timeline> {
    /// The timeline's entries, as lists. As ``LiveView/listUpdates()``.
    public func entryUpdates() -> ListUpdates<TimelineEntry> {
        ListUpdates(view: LiveView<[TimelineEntry]>(store: store, scope: scope) { [read] db in try read(db).entries })
    }
}

/// Lists, each with the steps from the one before.
public struct ListUpdates<Item: Identifiable & Hashable & Sendable>: AsyncSequence, Sendable {
    public typealias Element = ListUpdate<Item>
    public typealias Failure = any Error

    let view: LiveView<[Item]>

    public func makeAsyncIterator() -> Iterator {
        Iterator(inner: view.updates().makeAsyncIterator())
    }

    public struct Iterator: AsyncIteratorProtocol {
        var inner: LiveView<[Item]>.Iterator
        private var last: [Item] = []

        init(inner: LiveView<[Item]>.Iterator) {
            self.inner = inner
        }

        public mutating func next() async throws -> ListUpdate<Item>? {
            guard let list = try await inner.next() else { return nil }
            defer { last = list }
            return ListUpdate(list: list, changes: last.changes(to: list))
        }
    }
}
