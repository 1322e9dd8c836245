import TidemarkModel

/// What the service tells of what it holds.
extension PlainService {
    func page(_ request: PageRequest, as user: String, at now: Int64) throws(ServiceError) -> Page {
        var page = try items(request, user)
        page.serverDate = Timestamp(milliseconds: now)
        return page
    }

    private func items(_ request: PageRequest, _ user: String) throws(ServiceError) -> Page {
        switch request.subject {
        case .conversations:
            return Page(
                items: .conversations(
                    threads.filter { $0.members.contains(user) }.sorted { $0.activity > $1.activity }.map { remote($0) }))
        case .conversation(let id):
            return Page(items: .conversations([remote(threads[try find(id.rawValue, user)], isWhole: true)]))
        case .messages(let id):
            return listing(threads[try find(id.rawValue, user)], request)
        case .message(let id, let conversation):
            let thread = try find(conversation.rawValue, user)
            return Page(items: .messages([remote(threads[thread].messages[try message(id, in: thread)])]))
        case .participants(let id):
            let members = threads[try find(id.rawValue, user)].members.dropFirst(request.skip ?? 0)
            return Page(items: .participants(members.map { Participant(id: ParticipantID($0)) }))
        case .receipts(let id):
            let receipts = threads[try find(id.rawValue, user)].receipts.sorted { $0.key < $1.key }.dropFirst(request.skip ?? 0)
            return Page(
                items: .receipts(
                    receipts.map { name, read in
                        Receipt(
                            participant: ParticipantID(name), message: RemoteMessageID(String(read[0])),
                            readAt: Timestamp(milliseconds: read[1]))
                    }))
        }
    }

    /// The newest changes first.
    private func listing(_ thread: Thread, _ request: PageRequest) -> Page {
        let bound = request.cursor.flatMap { Int64($0.rawValue) } ?? .max
        let rest = thread.messages.sorted { $0.sequence > $1.sequence }.filter { $0.sequence < bound }
        let shown = rest.prefix(pageSize)
        return Page(
            items: .messages(shown.filter { !$0.isNameless && !$0.isUnreadable }.map(remote)),
            rejects: shown.filter { $0.isNameless || $0.isUnreadable }.map { message in
                Reject(
                    id: message.isNameless ? nil : String(message.id), reason: "It is of a form that this version can't read.",
                    raw: Array(String(message.id).utf8))
            }, next: rest.count > shown.count ? shown.last.map { Cursor(String($0.sequence)) } : nil)
    }

    /// A list of conversations does not tell who made them.
    func remote(_ thread: Thread, isWhole: Bool = false) -> RemoteConversation {
        let last = thread.messages.last { ["text", "html"].contains($0.kind) }
        return RemoteConversation(
            id: RemoteConversationID(thread.id), topic: thread.topic,
            createdAt: isWhole ? thread.messages.first.map { Timestamp(milliseconds: $0.id) } : nil,
            createdBy: isWhole ? ParticipantID(thread.createdBy) : nil,
            deletedAt: thread.deletedAt.map(Timestamp.init(milliseconds:)),
            lastMessageAt: last.map { Timestamp(milliseconds: $0.id / 1000 * 1000) })
    }

    func remote(_ message: Message) -> RemoteMessage {
        let isPerson = ["text", "html"].contains(message.kind)
        return RemoteMessage(
            id: RemoteMessageID(String(message.id)), version: message.version, sequence: message.sequence, place: message.id,
            kind: MessageKind(rawValue: message.kind), text: message.text,
            sender: isPerson ? message.sender.map { ParticipantID($0) } : nil,
            createdAt: Timestamp(milliseconds: message.id),
            editedAt: message.isEdited ? Timestamp(milliseconds: message.version) : nil,
            deletedAt: message.isDeleted ? Timestamp(milliseconds: message.version) : nil,
            token: message.token.map { Token($0) }, editMarker: message.marker.map { Token($0) }, topic: message.topic,
            participants: (message.people ?? []).map { Participant(id: ParticipantID($0)) },
            initiator: isPerson ? nil : message.sender.map { ParticipantID($0) },
            attachments: message.isDeleted ? [] : (message.files ?? []).map { RemoteAttachment(file: RemoteFileID($0)) },
            replyTo: message.replyTo.map { RemoteMessageID($0) })
    }
}
