import HTTPTypes
public import TidemarkModel

/// A listing, read page by page as it is asked for. Each iteration begins anew at the top.
///
/// An item that can't be read is left out here; ``byPage(continuing:)`` tells of it. Iterating throws `ServiceError`; a page
/// that failed can be asked for again by iterating the pages from its `next`.
public struct AvayaPagedItems<Item: Sendable>: AsyncSequence, Sendable {
    public typealias Element = Item
    public typealias Failure = ServiceError

    let exchange: AvayaExchange
    let operation: AvayaOperation
    let decode: @Sendable (JSONValue) throws(MalformedItem) -> Item

    /// The listing in the service's own pages, from the top or from where an earlier page ended.
    public func byPage(continuing cursor: Cursor? = nil) -> AvayaPages<Item> {
        AvayaPages(listing: self, start: cursor)
    }

    public func makeAsyncIterator() -> Iterator {
        Iterator(pages: byPage().makeAsyncIterator())
    }

    public struct Iterator: AsyncIteratorProtocol {
        var pages: AvayaPages<Item>.Iterator
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
public struct AvayaPage<Item: Sendable>: Sendable {
    public var items: [Item]
    /// Items that could not be read.
    public var rejects: [Reject]
    /// Where the listing goes on: the service's `nextPageUrl`. `nil` on the last page; an empty page may have one.
    public var next: Cursor?
    /// The way back: `prevPageUrl` or `previousPageUrl`, whichever the service wrote.
    public var previous: Cursor?
    public var serverDate: Timestamp?
}

/// The pages of a listing.
public struct AvayaPages<Item: Sendable>: AsyncSequence, Sendable {
    public typealias Element = AvayaPage<Item>
    public typealias Failure = ServiceError

    let listing: AvayaPagedItems<Item>
    let start: Cursor?

    /// Pages without items that may follow each other; endless ones would be a fault of the service.
    public static var maximumEmptyPages: Int { 100 }

    public func makeAsyncIterator() -> Iterator {
        Iterator(listing: listing, cursor: start)
    }

    public struct Iterator: AsyncIteratorProtocol {
        let listing: AvayaPagedItems<Item>
        var cursor: Cursor?
        var isFinished = false
        var emptyPages = 0

        public mutating func next() async throws(ServiceError) -> AvayaPage<Item>? {
            try await next(isolation: nil)
        }

        public mutating func next(isolation actor: isolated (any Actor)?) async throws(ServiceError) -> AvayaPage<Item>? {
            guard !isFinished else { return nil }
            let page = try await listing.page(at: cursor)
            emptyPages = page.items.isEmpty ? emptyPages + 1 : 0
            if let next = page.next, next == cursor || emptyPages > AvayaPages.maximumEmptyPages {
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

extension AvayaPagedItems {
    fileprivate func page(at cursor: Cursor?) async throws(ServiceError) -> AvayaPage<Item> {
        let operation = operation
        let build = { @Sendable (wire: AvayaChatWire) throws(ServiceError) -> WireRequest in
            guard let cursor else { return try wire.request(for: operation) }
            return try wire.request(following: cursor, of: operation)
        }
        let wire = exchange.wire
        let path = try build(wire).head.path ?? ""
        let response = try await exchange.send(operation, build)
        let listing = try wire.listing(try wire.json(of: response, for: operation), response, operation, at: path)
        let (items, rejects) = AvayaChatWire.decode(listing.elements, decode)
        return AvayaPage(
            items: items, rejects: rejects, next: next(after: listing, at: path), previous: listing.links.previous,
            serverDate: HTTPDate.of(response))
    }

    /// Whether members are listed with links is not established: a full page of them goes on even without one.
    private func next(after listing: AvayaChatWire.Listing, at path: String) -> Cursor? {
        if let next = listing.links.next { return next }
        guard case .listMembers = operation else { return nil }
        return AvayaMembersWindow(cursor: Cursor(path)).flatMap { window in
            listing.elements.count < window.size ? nil : window.following(path)
        }
    }
}
