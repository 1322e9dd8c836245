/// A listing of a service, read page by page as it is asked for. Each iteration begins anew at the top.
///
/// An item that can't be read is left out here; ``byPage(continuing:)`` tells of it. Iterating throws ``ServiceError``; a page
/// that failed can be asked for again by iterating the pages from the `next` of the one before. Cancelling ends the request that
/// is under way.
public struct PagedItems<Item: Sendable>: AsyncSequence, Sendable {
    public typealias Element = Item
    public typealias Failure = ServiceError

    /// Reads the page at a cursor; without one the first.
    let page: @Sendable (Cursor?) async throws(ServiceError) -> ItemPage<Item>
    let maximumEmptyPages: Int

    /// `maximumEmptyPages` that follow each other are a listing; one more is a fault of the service.
    package init(
        maximumEmptyPages: Int, page: @escaping @Sendable (Cursor?) async throws(ServiceError) -> ItemPage<Item>
    ) {
        self.maximumEmptyPages = maximumEmptyPages
        self.page = page
    }

    /// The listing in the service's own pages, from the top or from where an earlier page ended.
    public func byPage(continuing cursor: Cursor? = nil) -> ItemPages<Item> {
        ItemPages(listing: self, start: cursor)
    }

    public func makeAsyncIterator() -> Iterator {
        Iterator(pages: byPage().makeAsyncIterator())
    }

    public struct Iterator: AsyncIteratorProtocol {
        var pages: ItemPages<Item>.Iterator
        var rest: ArraySlice<Item> = []

        public mutating func next() async throws(ServiceError) -> Item? {
            try await next(isolation: nil)
        }

        public mutating func next(isolation actor: isolated (any Actor)?) async throws(ServiceError) -> Item? {
            while rest.isEmpty {
                guard let page = try await pages.next(isolation: actor) else { return nil }
                rest = page.items[...]
            }
            return rest.popFirst()
        }
    }
}

/// One page of a listing.
public struct ItemPage<Item: Sendable>: Sendable {
    public var items: [Item]
    /// Items that could not be read.
    public var rejects: [Reject]
    /// Where the listing goes on (Azure: `nextLink`; Avaya: `nextPageUrl`). `nil` on the last page; an empty page may have one.
    public var next: Cursor?
    /// The way back, of a service that tells it (Avaya: `prevPageUrl` or `previousPageUrl`, whichever it wrote).
    public var previous: Cursor?
    public var serverDate: Timestamp?

    package init(
        items: [Item], rejects: [Reject] = [], next: Cursor?, previous: Cursor? = nil, serverDate: Timestamp? = nil
    ) {
        self.items = items
        self.rejects = rejects
        self.next = next
        self.previous = previous
        self.serverDate = serverDate
    }
}

/// The pages of a listing.
public struct ItemPages<Item: Sendable>: AsyncSequence, Sendable {
    public typealias Element = ItemPage<Item>
    public typealias Failure = ServiceError

    let listing: PagedItems<Item>
    let start: Cursor?

    public func makeAsyncIterator() -> Iterator {
        Iterator(listing: listing, cursor: start)
    }

    public struct Iterator: AsyncIteratorProtocol {
        let listing: PagedItems<Item>
        var cursor: Cursor?
        var isFinished = false
        var emptyPages = 0

        public mutating func next() async throws(ServiceError) -> ItemPage<Item>? {
            try await next(isolation: nil)
        }

        public mutating func next(isolation actor: isolated (any Actor)?) async throws(ServiceError) -> ItemPage<Item>? {
            guard !isFinished else { return nil }
            let page = try await listing.page(cursor)
            emptyPages = page.items.isEmpty ? emptyPages + 1 : 0
            if let next = page.next, next == cursor || emptyPages > listing.maximumEmptyPages {
                isFinished = true
                throw ServiceError(
                    .unreadable, certainty: .notApplied, serviceMessage: "The listing leads back to where it was.")
            }
            cursor = page.next
            isFinished = page.next == nil
            return page
        }
    }
}
