public import TidemarkModel

/// A listing, read page by page as it is asked for. Each iteration begins anew at the top.
///
/// An item that can't be read is left out here; ``byPage(continuing:)`` tells of it. Iterating throws `ServiceError`; a page
/// that failed can be asked for again by iterating the pages from its `next`.
public struct AzurePagedItems<Item: Sendable>: AsyncSequence, Sendable {
    public typealias Element = Item
    public typealias Failure = ServiceError

    let exchange: AzureExchange
    let operation: AzureOperation
    let decode: @Sendable (JSONValue) throws(MalformedItem) -> Item

    /// The listing in the service's own pages, from the top or from where an earlier page ended.
    public func byPage(continuing cursor: Cursor? = nil) -> AzurePages<Item> {
        AzurePages(listing: self, start: cursor)
    }

    public func makeAsyncIterator() -> Iterator {
        Iterator(pages: byPage().makeAsyncIterator())
    }

    public struct Iterator: AsyncIteratorProtocol {
        var pages: AzurePages<Item>.Iterator
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
public struct AzurePage<Item: Sendable>: Sendable {
    public var items: [Item]
    /// Items that could not be read.
    public var rejects: [Reject]
    /// Where the listing goes on: the service's `nextLink`. `nil` on the last page; an empty page may have one.
    public var next: Cursor?
    public var serverDate: Timestamp?
}

/// The pages of a listing.
public struct AzurePages<Item: Sendable>: AsyncSequence, Sendable {
    public typealias Element = AzurePage<Item>
    public typealias Failure = ServiceError

    let listing: AzurePagedItems<Item>
    let start: Cursor?

    /// Pages without items that may follow each other; empty pages occur, endless ones would be a fault of the service.
    public static var maximumEmptyPages: Int { 1000 }

    public func makeAsyncIterator() -> Iterator {
        Iterator(listing: listing, cursor: start)
    }

    public struct Iterator: AsyncIteratorProtocol {
        let listing: AzurePagedItems<Item>
        var cursor: Cursor?
        var isFinished = false
        var emptyPages = 0

        public mutating func next() async throws(ServiceError) -> AzurePage<Item>? {
            try await next(isolation: nil)
        }

        public mutating func next(isolation actor: isolated (any Actor)?) async throws(ServiceError) -> AzurePage<Item>? {
            guard !isFinished else { return nil }
            let page = try await listing.page(at: cursor)
            emptyPages = page.items.isEmpty ? emptyPages + 1 : 0
            if let next = page.next, next == cursor || emptyPages > AzurePages.maximumEmptyPages {
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

extension AzurePagedItems {
    fileprivate func page(at cursor: Cursor?) async throws(ServiceError) -> AzurePage<Item> {
        let operation = operation
        let response = try await exchange.send(operation) { wire, id throws(ServiceError) in
            guard let cursor else { return try wire.request(for: operation, requestID: id) }
            return try wire.request(following: cursor, requestID: id)
        }
        let wire = exchange.wire
        let listing = try wire.listing(try wire.json(of: response, for: operation), response, operation)
        let (items, rejects) = AzureChatWire.decode(listing.elements, decode)
        return AzurePage(items: items, rejects: rejects, next: listing.next, serverDate: HTTPDate.of(response))
    }
}
