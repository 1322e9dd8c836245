import HTTPTypes
import TidemarkModel

extension AvayaSpacesClient {
    /// Pages without items that may follow each other; endless ones would be a fault of the service.
    public static let maximumEmptyPages = 100

    func items<Item: Sendable>(
        _ operation: AvayaOperation, _ decode: @escaping @Sendable (JSONValue) throws(MalformedItem) -> Item
    ) -> PagedItems<Item> {
        let exchange = exchange
        return PagedItems(maximumEmptyPages: Self.maximumEmptyPages) { cursor throws(ServiceError) in
            try await Self.page(of: operation, at: cursor, exchange, decode)
        }
    }

    private static func page<Item: Sendable>(
        of operation: AvayaOperation, at cursor: Cursor?, _ exchange: AvayaExchange,
        _ decode: @Sendable (JSONValue) throws(MalformedItem) -> Item
    ) async throws(ServiceError) -> ItemPage<Item> {
        let build = { @Sendable (wire: AvayaChatWire) throws(ServiceError) -> WireRequest in
            guard let cursor else { return try wire.request(for: operation) }
            return try wire.request(following: cursor, of: operation)
        }
        let wire = exchange.wire
        let path = try build(wire).head.path ?? ""
        let response = try await exchange.send(operation, build)
        let listing = try wire.listing(try wire.json(of: response, for: operation), response, operation, at: path)
        let (items, rejects) = MalformedItem.divide(listing.elements, decode)
        return ItemPage(
            items: items, rejects: rejects, next: next(after: listing, of: operation, at: path),
            previous: listing.links.previous, serverDate: HTTPDate.of(response))
    }

    /// Whether members are listed with links is not established: a full page of them goes on even without one.
    private static func next(
        after listing: AvayaChatWire.Listing, of operation: AvayaOperation, at path: String
    ) -> Cursor? {
        if let next = listing.links.next { return next }
        guard case .listMembers = operation else { return nil }
        return AvayaMembersWindow(cursor: Cursor(path)).flatMap { window in
            listing.elements.count < window.size ? nil : window.following(path)
        }
    }
}
