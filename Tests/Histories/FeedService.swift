import TidemarkModel

/// The smallest service whose history is listed by creation, without what was deleted, and whose changes come from a feed since a
/// time, in an order and with pages that differ by seed. Its list tells nothing of when something was said.
struct FeedService: ServiceModel {
    private var tiny: TinyService
    private let readings: Readings
    /// What each file holds, by its key.
    private var files: [RemoteFileID: String] = [:]
    /// Of what our own clients sent.
    private var attachments: [RemoteMessageID: [RemoteAttachment]] = [:]

    /// What such a service leaves open; one of each a seed.
    private struct Readings {
        /// The oldest change first.
        var isAscending: Bool
        /// What changed at the very moment is in it.
        var isInclusive: Bool
        /// A page goes on after a number of items, whatever moved meanwhile, rather than after an item.
        var isByOffset: Bool
        /// A single read of what was deleted finds nothing.
        var forgetsDeleted: Bool
        /// The list of conversations tells that something changed, though not when.
        var listTellsCounts: Bool
        var pushesPlaces: Bool
        /// It gives no token back: only author and text tell whose a message is.
        var hidesTokens: Bool
        /// How many threads one request may ask for the changes of.
        var threadsPerFeed: Int
        /// One of them that may not be read fails them all, rather than being left out.
        var refusesTogether: Bool
        /// The key of a file tells the send of its message.
        var filesTellSends: Bool

        init(seed: UInt64) {
            var generator = SeededGenerator(seed: seed &+ 0xFEED)
            func draw() -> Bool { generator.next() % 2 == 0 }
            (isAscending, isInclusive, isByOffset) = (draw(), draw(), draw())
            (forgetsDeleted, listTellsCounts, pushesPlaces) = (draw(), draw(), draw())
            hidesTokens = draw()
            threadsPerFeed = draw() ? 3 : 1
            refusesTogether = draw()
            filesTellSends = draw()
        }
    }

    init(seed: UInt64) {
        tiny = TinyService(seed: seed)
        readings = Readings(seed: seed)
    }

    mutating func serveLargerPages() { tiny.serveLargerPages() }

    var traits: ServiceTraits {
        var traits = tiny.traits
        traits.service = "feed"
        traits.changes = .feed
        traits.conversationsPerFeed = readings.threadsPerFeed
        traits.attachments = AttachmentTraits(
            maximumBytes: 1000, maximumPerMessage: 3, identifySends: readings.filesTellSends)
        traits.listTellsActivity = false
        traits.listsReceipts = false
        if readings.hidesTokens { (traits.lostAnswers[.send], traits.lostAnswers[.edit]) = (.recognisable, .recognisable) }
        return traits
    }

    // MARK: Reading

    mutating func page(_ request: PageRequest, as user: ParticipantID, at now: Timestamp) -> Result<Page, ServiceError> {
        do throws(ServiceError) {
            switch request.subject {
            case .messages(let id): return .success(try messages(in: id, request, user, now))
            case .message(let message, let id): return .success(try single(message, in: id, user, now))
            case .conversations, .conversation:
                return tiny.page(request, as: user, at: now).map { page in told(page, to: user) }
            case .receipts: throw ServiceError(.unsupported, certainty: .notApplied)
            case .participants: return tiny.page(request, as: user, at: now)
            }
        } catch {
            return .failure(error)
        }
    }

    private func messages(
        in id: RemoteConversationID, _ request: PageRequest, _ user: ParticipantID, _ now: Timestamp
    ) throws(ServiceError) -> Page {
        let thread = tiny.all[try tiny.find(id, user).get()]
        let size = min(request.resultsPerPage ?? tiny.maximumPageSize, tiny.maximumPageSize)
        guard let since = since(request) else {
            let rest = thread.messages.reversed().filter { !$0.isDeleted && $0.place < history(request.cursor) }
            let page = Array(rest.prefix(size))
            let next = rest.count > size ? page.last.map { Cursor("h:\($0.place)") } : nil
            return Page(items: .messages(page.map { remote($0, thread) }), next: next, serverDate: now)
        }
        guard request.furtherConversations.isEmpty else {
            return try changes(in: [id] + request.furtherConversations, since, size, user, now)
        }
        let changed = changes(of: thread, since)
            .sorted { readings.isAscending ? $0.version < $1.version : $0.version > $1.version }
        let rest = after(request.cursor, changed)
        let page = Array(rest.items.prefix(size))
        var next: Cursor?
        if rest.items.count > size, let last = page.last {
            next = Cursor("f:\(since):\(readings.isByOffset ? Int64(rest.offset + size) : last.version)")
        }
        return Page(items: .messages(page.map { remote($0, thread) }), next: next, serverDate: now)
    }

    private func changes(of thread: TinyService.Thread, _ since: Int64) -> [RawMessage] {
        thread.messages.filter { readings.isInclusive ? $0.version >= since : $0.version > since }
    }

    /// The first page of what changed in several threads, which nobody asks to go on.
    private func changes(
        in ids: [RemoteConversationID], _ since: Int64, _ size: Int, _ user: ParticipantID, _ now: Timestamp
    ) throws(ServiceError) -> Page {
        var changed: [(id: RemoteConversationID, message: RemoteMessage, version: Int64)] = []
        for id in ids {
            let index: Int
            do throws(ServiceError) {
                index = try tiny.find(id, user).get()
            } catch {
                if readings.refusesTogether { throw error }
                continue
            }
            changed += changes(of: tiny.all[index], since).map { (id, remote($0, tiny.all[index]), $0.version) }
        }
        changed.sort { readings.isAscending ? $0.version < $1.version : $0.version > $1.version }
        var page = Page(items: .messages([]), next: changed.count > size ? Cursor("f:\(since):0") : nil, serverDate: now)
        for item in changed.prefix(size) { page.furtherMessages[item.id, default: []].append(item.message) }
        page.items = .messages(page.furtherMessages.removeValue(forKey: ids[0]) ?? [])
        return page
    }

    /// From when on changes are asked for; `nil`: the history is.
    private func since(_ request: PageRequest) -> Int64? {
        guard let cursor = request.cursor else { return request.startTime?.milliseconds }
        let parts = cursor.rawValue.split(separator: ":")
        return parts.count == 3 ? Int64(parts[1]) : nil
    }

    private func history(_ cursor: Cursor?) -> Int64 {
        cursor.flatMap { Int64($0.rawValue.dropFirst(2)) } ?? .max
    }

    private func after(_ cursor: Cursor?, _ changed: [RawMessage]) -> (items: [RawMessage], offset: Int) {
        guard let mark = cursor?.rawValue.split(separator: ":").last.flatMap({ Int64($0) }) else { return (changed, 0) }
        guard !readings.isByOffset else { return (Array(changed.dropFirst(Int(mark))), Int(mark)) }
        return (changed.filter { readings.isAscending ? $0.version > mark : $0.version < mark }, 0)
    }

    private func single(
        _ message: RemoteMessageID, in id: RemoteConversationID, _ user: ParticipantID, _ now: Timestamp
    ) throws(ServiceError) -> Page {
        let thread = tiny.all[try tiny.find(id, user).get()]
        guard let found = thread.messages.first(where: { $0.id == message }), !(found.isDeleted && readings.forgetsDeleted)
        else {
            throw ServiceError(.notFound, certainty: .notApplied, status: 404, serverDate: now)
        }
        return Page(items: .messages([remote(found, thread)]), serverDate: now)
    }

    private func remote(_ message: RawMessage, _ thread: TinyService.Thread) -> RemoteMessage {
        var told = tiny.remote(message, thread)
        told.sequence = message.version
        if !message.isDeleted { told.attachments = attachments[message.id] ?? [] }
        if readings.hidesTokens { (told.token, told.editMarker) = (nil, nil) }
        return told
    }

    /// Without times, and with how far the asker has read.
    private func told(_ page: Page, to user: ParticipantID) -> Page {
        guard case .conversations(let items) = page.items else { return page }
        var page = page
        page.items = .conversations(
            items.map { item in
                var item = item
                item.lastMessageAt = nil
                guard let index = tiny.index(of: item.id) else { return item }
                let thread = tiny.all[index]
                item.readUpTo = thread.receipts[user].flatMap { Int64($0.0.rawValue) }.map(Timestamp.init(milliseconds:))
                if readings.listTellsCounts { item.serviceData = "{\"count\":\(thread.messages.count)}" }
                return item
            })
        return page
    }

    func push(of message: RawMessage, in thread: RemoteConversationID) -> Push {
        var push = tiny.push(of: message, in: thread)
        guard case .message(var told, let id) = push.event else { return push }
        if readings.pushesPlaces { told.sequence = message.version }
        if !message.isDeleted { told.attachments = attachments[message.id] ?? [] }
        if readings.hidesTokens { (told.token, told.editMarker) = (nil, nil) }
        push.event = .message(told, in: id)
        return push
    }

    // MARK: What is the smaller service's

    var people: [ParticipantID] { tiny.people }
    var listLag: Int64 { tiny.listLag }
    var wire: (any ServiceWire)? { nil }
    var lastResponse: TransportResponse? { nil }
    var endpoint: String { "" }
    var threadCount: Int { tiny.threadCount }
    func thread(_ index: Int) -> RawThread {
        var thread = tiny.thread(index)
        for place in thread.messages.indices {
            thread.messages[place].files = attachments[thread.messages[place].id]?.map { files[$0.file] ?? "" }
        }
        return thread
    }
    func index(of thread: RemoteConversationID) -> Int? { tiny.index(of: thread) }
    func isDeleted(_ index: Int) -> Bool { tiny.isDeleted(index) }
    func comings(_ index: Int) -> [ParticipantID: RemoteMessageID] { tiny.comings(index) }
    func sequence(of index: Int) -> Int64 { tiny.sequence(of: index) }
    mutating func renewCredentials(at now: Timestamp) { tiny.renewCredentials(at: now) }

    mutating func perform(_ delivery: Delivery, as user: ParticipantID, at now: Timestamp) -> Result<Acceptance, ServiceError> {
        if case .upload(let file, let thread) = delivery.action { return upload(file, to: thread, as: user) }
        let result = tiny.perform(delivery, as: user, at: now)
        if case .send(let message, _) = delivery.action, case .success(let acceptance) = result, let id = acceptance.message {
            attachments[id] = message.attachments
        }
        return result
    }

    private mutating func upload(
        _ file: OutgoingFile, to thread: RemoteConversationID, as user: ParticipantID
    ) -> Result<Acceptance, ServiceError> {
        if case .failure(let error) = tiny.find(thread, user) { return .failure(error) }
        let key = RemoteFileID("file\(files.count + 1)")
        files[key] = file.name
        let attachment = RemoteAttachment(file: key, name: file.name, size: file.size, contentType: file.contentType)
        return .success(Acceptance(attachment: attachment))
    }

    mutating func otherSends(
        _ text: String, _ token: Token?, as user: ParticipantID, in thread: RemoteConversationID, at now: Timestamp
    ) {
        tiny.otherSends(text, token, as: user, in: thread, at: now)
    }

    mutating func otherEdits(_ id: RemoteMessageID, as user: ParticipantID, in thread: RemoteConversationID, at now: Timestamp) {
        tiny.otherEdits(id, as: user, in: thread, at: now)
    }

    mutating func otherDeletes(_ id: RemoteMessageID, as user: ParticipantID, in thread: RemoteConversationID, at now: Timestamp)
    {
        tiny.otherDeletes(id, as: user, in: thread, at: now)
    }

    mutating func otherAdds(
        _ person: ParticipantID, as user: ParticipantID, in thread: RemoteConversationID, at now: Timestamp
    ) {
        tiny.otherAdds(person, as: user, in: thread, at: now)
    }

    mutating func otherRenames(_ thread: RemoteConversationID, to topic: String, as user: ParticipantID, at now: Timestamp) {
        tiny.otherRenames(thread, to: topic, as: user, at: now)
    }

    mutating func otherRemoves(
        _ person: ParticipantID, as user: ParticipantID, in thread: RemoteConversationID, at now: Timestamp
    ) {
        tiny.otherRemoves(person, as: user, in: thread, at: now)
    }
}
