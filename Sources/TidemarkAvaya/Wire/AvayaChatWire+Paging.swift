import HTTPTypes
package import TidemarkModel

extension AvayaChatWire {
    private static let largestPage = 50

    /// Builds the request of one read. A cursor is the service's link and is followed as it came.
    ///
    /// Throws `.unsupported` for receipts, which the service does not list.
    package func request(for page: PageRequest) throws(ServiceError) -> WireRequest {
        try check(page.identity)
        let operation = try operation(for: page)
        guard let cursor = page.cursor else { return try request(for: operation) }
        return try request(following: cursor, of: operation)
    }

    /// The operation of a read. `startTime` asks for the changes since then: a millisecond more is asked for, since whether
    /// the moment itself counts is not established.
    package func operation(for page: PageRequest) throws(ServiceError) -> AvayaOperation {
        let size = min(max(page.resultsPerPage ?? Self.largestPage, 1), Self.largestPage)
        let after = page.startTime.map { $0 - .milliseconds(1) }
        switch page.subject {
        case .conversations:
            return .listSpaces(
                AvayaSpacesQuery(
                    size: size, status: "all", type: "all", includeDeleted: after == nil ? nil : true, after: after))
        case .conversation(let space): return .space(space)
        case .messages(let space):
            guard let after else { return .listMessages(space, AvayaMessagesQuery(.before, size: size)) }
            return .listChanges(AvayaChangesQuery([space] + page.furtherConversations, after: after, size: size))
        case .message(let message, let space): return .message(message, in: space)
        case .participants(let space):
            guard page.skip ?? 0 >= 0 else { throw .refused(.invalid, "At least no items are skipped.") }
            let window = AvayaMembersWindow(skip: page.skip ?? 0, size: page.resultsPerPage)
            return .listMembers(space, size: window.size, page: window.page, search: nil)
        case .receipts: throw .refused(.unsupported, "The service lists no receipts.")
        }
    }

    /// Reads the service's answer to a page request.
    ///
    /// An item that can't be read becomes a `Reject` and doesn't stop the page; one of another space is passed over; a body
    /// that is no page throws `.unreadable`. A cursor that has died answers with `.invalid` or `.notFound` and its status: the
    /// listing starts anew, and nothing is concluded about what was listed.
    package func page(of response: TransportResponse, for request: PageRequest) throws(ServiceError) -> Page {
        let operation = try operation(for: request)
        let json = try json(of: response, for: operation)
        var elements: [JSONValue] = []
        var next: Cursor?
        switch request.subject {
        case .conversation, .message:
            elements = Self.object(in: json).map { [$0] } ?? [json]
        case .conversations, .messages, .participants, .receipts:
            let path = try self.request(for: request).head.path ?? ""
            let listing = try listing(json, response, operation, at: path)
            (elements, next) = (listing.elements, listing.links.next)
            if case .participants = request.subject {
                elements = Array(elements.dropFirst(request.cursor == nil ? window(of: request).dropped : 0))
                next = next ?? followingMembers(listing.elements.count, request, at: path)
            }
        }
        var page =
            request.furtherConversations.isEmpty
            ? items(elements, of: request.subject, from: Self.source(of: request)) : together(elements, for: request)
        page.next = next
        page.serverDate = HTTPDate.of(response)
        page.bytes = response.body.count
        return page
    }

    package func failure(_ error: TransportError, for page: PageRequest) -> ServiceError {
        HTTPFailure(isRead: true, isLimitedPerUser: true).error(error)
    }

    struct Listing {
        var elements: [JSONValue]
        var links: Links
    }

    /// The elements of a list and where it goes on. How many it has is counted: `total` is not the total (wire page §4).
    func listing(
        _ json: JSONValue, _ response: TransportResponse, _ operation: AvayaOperation, at path: String
    ) throws(ServiceError) -> Listing {
        guard let elements = Self.elements(in: json) else {
            throw unreadable(response, of: operation, "The answer has no list of items.")
        }
        return Listing(elements: elements, links: try links(in: json, response, of: operation, at: path))
    }

    private func window(of request: PageRequest) -> AvayaMembersWindow {
        AvayaMembersWindow(skip: max(0, request.skip ?? 0), size: request.resultsPerPage)
    }

    /// Whether members are listed with links is not established: a full page goes on even without one.
    private func followingMembers(_ count: Int, _ request: PageRequest, at path: String) -> Cursor? {
        let window = request.cursor.flatMap { AvayaMembersWindow(cursor: $0) } ?? self.window(of: request)
        return count < window.size ? nil : window.following(path)
    }

    /// A cursor says itself which listing it goes on with.
    private static func source(of request: PageRequest) -> AvayaMessage.Source {
        if case .message = request.subject { return .changes }
        guard let cursor = request.cursor else { return request.startTime == nil ? .history : .changes }
        return cursor.rawValue.prefix { $0 != "?" }.hasSuffix("/users/me/messages") ? .changes : .history
    }
}

extension AvayaChatWire {
    /// Reads the items of an answer; what can't be read is set aside.
    func items(_ elements: [JSONValue], of subject: PageRequest.Subject, from source: AvayaMessage.Source) -> Page {
        switch subject {
        case .conversations:
            page(elements, Page.Items.conversations) { json throws(MalformedItem) in
                try AvayaSpace(json: json).conversation
            }
        case .conversation(let id):
            page(elements.filter { ($0.words("_id") ?? id.rawValue) == id.rawValue }, Page.Items.conversations) {
                json throws(MalformedItem) in try AvayaSpace(json: json).conversation
            }
        case .messages(let space):
            page(elements.filter { Self.isOf(space, $0) }, Page.Items.messages) { json throws(MalformedItem) in
                try AvayaMessage(json: json).remote(from: source)
            }
        case .message(let id, let space):
            page(
                elements.filter { Self.isOf(space, $0) && ($0.words("_id") ?? id.rawValue) == id.rawValue },
                Page.Items.messages
            ) { json throws(MalformedItem) in try AvayaMessage(json: json).remote(from: source) }
        case .participants:
            page(elements, Page.Items.participants) { json throws(MalformedItem) in
                try AvayaMember(json: json).participant
            }
        case .receipts: Page(items: .receipts([]))
        }
    }

    private static func isOf(_ space: RemoteConversationID, _ json: JSONValue) -> Bool {
        json.words("topicId").map { $0 == space.rawValue } ?? true
    }

    /// Reads one item that was set aside before. What was cut at the bound is broken JSON, and stays aside.
    package func item(_ raw: [UInt8], of subject: PageRequest.Subject) -> Page.Items? {
        guard let json = try? JSONValue(reading: raw) else { return nil }
        let page = items([json], of: subject, from: .history)
        return page.rejects.isEmpty ? page.items : nil
    }

    private func page<Item>(
        _ elements: [JSONValue], _ items: ([Item]) -> Page.Items, decode: (JSONValue) throws(MalformedItem) -> Item
    ) -> Page {
        let (decoded, rejects) = MalformedItem.divide(elements, decode)
        return Page(items: items(decoded), rejects: rejects)
    }
}
