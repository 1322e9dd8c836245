package import TidemarkModel

extension AzureChatWire {
    /// Builds the request of one read: `resultsPerPage` → `maxPageSize`, `startTime` for conversations and messages,
    /// `skip` for participants and receipts; a field that the listing lacks is not sent.
    ///
    /// A cursor is the service's `nextLink` and is followed as it came; one that leads to another host throws
    /// `.untrustedCursor`, and nothing is sent.
    package func request(for page: PageRequest, requestID: String? = nil) throws(ServiceError) -> AzureRequest {
        try check(page.identity)
        guard let cursor = page.cursor else { return try request(for: operation(for: page), requestID: requestID) }
        return try request(following: cursor, requestID: requestID)
    }

    /// Reads the service's answer to a page request.
    ///
    /// An item that can't be read becomes a `Reject` and doesn't stop the page; a body that is no page throws
    /// `.unreadable`. A cursor that has died answers with `.invalid` or `.notFound` and its status: the listing starts
    /// anew, and nothing is concluded about what was listed.
    package func page(of response: TransportResponse, for request: PageRequest) throws(ServiceError) -> Page {
        let operation = operation(for: request)
        let json = try json(of: response, for: operation)
        let (elements, next) = request.subject.isListing ? try listing(json, response, operation) : ([json], nil)
        var page = items(elements, of: request.subject)
        page.next = next
        page.serverDate = HTTPDate.of(response)
        page.bytes = response.body.count
        return page
    }

    package func failure(_ error: TransportError, for page: PageRequest) -> ServiceError {
        failure(error, of: operation(for: page))
    }

    package func operation(for page: PageRequest) -> AzureOperation {
        switch page.subject {
        case .conversations: .listThreads(resultsPerPage: page.resultsPerPage, startTime: page.startTime)
        case .conversation(let thread): .getThread(thread)
        case .messages(let thread):
            .listMessages(resultsPerPage: page.resultsPerPage, startTime: page.startTime, in: thread)
        case .message(let message, let thread): .getMessage(message, in: thread)
        case .participants(let thread): .listParticipants(resultsPerPage: page.resultsPerPage, skip: page.skip, in: thread)
        case .receipts(let thread): .listReceipts(resultsPerPage: page.resultsPerPage, skip: page.skip, in: thread)
        }
    }

    /// Reads the items of an answer; what can't be read is set aside.
    func items(_ elements: [JSONValue], of subject: PageRequest.Subject) -> Page {
        switch subject {
        case .conversations:
            page(elements, Page.Items.conversations) { json throws(MalformedItem) in try ChatThreadItem(json: json).conversation }
        case .conversation:
            page(elements, Page.Items.conversations) { json throws(MalformedItem) in
                try ChatThreadProperties(json: json).conversation
            }
        case .messages, .message:
            page(elements, Page.Items.messages) { json throws(MalformedItem) in remote(try ChatMessage(json: json)) }
        case .participants:
            page(elements, Page.Items.participants) { json throws(MalformedItem) in try ChatParticipant(json: json).participant }
        case .receipts:
            page(elements, Page.Items.receipts) { json throws(MalformedItem) in
                try ChatMessageReadReceipt(json: json).receipt
            }
        }
    }

    /// Reads one item that was set aside before. What was cut at the bound is broken JSON, and stays aside.
    package func item(_ raw: [UInt8], of subject: PageRequest.Subject) -> Page.Items? {
        guard let json = try? JSONValue(reading: raw) else { return nil }
        let page = items([json], of: subject)
        return page.rejects.isEmpty ? page.items : nil
    }

    private func page<Item>(
        _ elements: [JSONValue], _ items: ([Item]) -> Page.Items, decode: (JSONValue) throws(MalformedItem) -> Item
    ) -> Page {
        let (decoded, rejects) = MalformedItem.divide(elements, decode)
        return Page(items: items(decoded), rejects: rejects)
    }

    /// The elements of a list and where it goes on.
    func listing(
        _ json: JSONValue, _ response: TransportResponse, _ operation: AzureOperation
    ) throws(ServiceError) -> (elements: [JSONValue], next: Cursor?) {
        guard let elements = json["value"]?.elements else {
            throw unreadable(response, of: operation, "The answer has no list of items.")
        }
        guard let link = json["nextLink"] else { return (elements, nil) }
        // Taking a broken link for the end of the list would pass over everything behind it.
        guard case .string(let text) = link else {
            throw unreadable(response, of: operation, "The answer's nextLink is no text.")
        }
        return (elements, text.isEmpty ? nil : Cursor(text))
    }
}

extension PageRequest.Subject {
    fileprivate var isListing: Bool {
        switch self {
        case .conversations, .messages, .participants, .receipts: true
        case .conversation, .message: false
        }
    }
}
