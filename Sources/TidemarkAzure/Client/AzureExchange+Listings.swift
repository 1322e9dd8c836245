import TidemarkModel

extension AzureChatClient {
    /// Pages without items that may follow each other: empty pages occur, endless ones would be a fault of the service.
    public static let maximumEmptyPages = 1000
}

extension AzureExchange {
    func items<Item: Sendable>(
        _ operation: AzureOperation, _ decode: @escaping @Sendable (JSONValue) throws(MalformedItem) -> Item
    ) -> PagedItems<Item> {
        PagedItems(maximumEmptyPages: AzureChatClient.maximumEmptyPages) { [self] cursor throws(ServiceError) in
            let response = try await send(operation) { wire, id throws(ServiceError) in
                guard let cursor else { return try wire.request(for: operation, requestID: id) }
                return try wire.request(following: cursor, requestID: id)
            }
            let listing = try wire.listing(try wire.json(of: response, for: operation), response, operation)
            let (items, rejects) = MalformedItem.divide(listing.elements, decode)
            return ItemPage(items: items, rejects: rejects, next: listing.next, serverDate: HTTPDate.of(response))
        }
    }
}
