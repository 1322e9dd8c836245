import TidemarkModel

/// What the plain service tells.
extension PlainService {
    func page(_ request: PageRequest, _ talk: PlainTalk) throws(ServiceError) -> Page {
        let size = max(1, min(request.resultsPerPage ?? 20, 20))
        switch request.subject {
        case .conversations:
            let bound = request.cursor.flatMap { Int64($0.rawValue) } ?? .max
            let all = talk.rooms.filter { $0.members.contains(user) && $0.activity < bound }.sorted { $0.activity > $1.activity }
            return Page(
                items: .conversations(all.prefix(size).map(listed)),
                next: all.count > size ? Cursor(String(all[size - 1].activity)) : nil)
        case .conversation(let id):
            let room = talk.rooms[try talk.room(id, of: user)]
            var told = listed(room)
            told.createdBy = ParticipantID(room.createdBy)
            return Page(items: .conversations([told]))
        case .messages(let id): return listing(talk.rooms[try talk.room(id, of: user)], request, size)
        case .message(let id, let conversation):
            let room = try talk.room(conversation, of: user)
            let message = talk.rooms[room].messages[try talk.message(id, in: room)]
            if house.kind == .feed, message.isDeleted { throw ServiceError(.notFound, certainty: .notApplied, status: 404) }
            return Page(items: .messages([shown(message)]))
        case .participants(let id):
            let people = talk.rooms[try talk.room(id, of: user)].members.dropFirst(request.skip ?? 0)
            return Page(items: .participants(people.map { Participant(id: ParticipantID($0)) }))
        case .receipts(let id):
            let marks = talk.rooms[try talk.room(id, of: user)].marks.sorted { $0.key < $1.key }.dropFirst(request.skip ?? 0)
            return Page(
                items: .receipts(
                    marks.map { person, mark in
                        Receipt(
                            participant: ParticipantID(person), message: RemoteMessageID(String(mark.message)),
                            readAt: Timestamp(milliseconds: mark.at))
                    }))
        }
    }

    private func listing(_ room: PlainTalk.Room, _ request: PageRequest, _ size: Int) -> Page {
        let parts = request.cursor?.rawValue.split(separator: ":").compactMap { Int64($0) } ?? []
        let since = parts.count == 2 ? parts[0] : request.cursor == nil ? request.startTime?.milliseconds : nil
        let bound = parts.last ?? .max
        if house.kind == .feed, let since { return changes(room, since: since, bound, size) }
        let key: (PlainTalk.Message) -> Int64 = { house.kind == .feed ? $0.id : $0.change }
        var all = room.messages.filter { key($0) < bound }.sorted { key($0) > key($1) }
        if house.kind == .feed { all = all.filter { !$0.isDeleted } }
        if defect == .listsNothingNew { all = all.filter { $0.author == user } }
        if defect == .listsOldestFirst { all.reverse() }
        let size = defect == .bloatsPages ? size + 2 : size
        let next = all.count > size ? Cursor(String(key(all[size - 1]) - (defect == .skipsAnItemBetweenPages ? 1 : 0))) : nil
        let isEndless = defect == .neverEndsListings && next == nil
        return page(all.prefix(size), isEndless ? Cursor(String(Int64.max)) : next)
    }

    /// What changed since a time, the oldest change first.
    private func changes(_ room: PlainTalk.Room, since: Int64, _ bound: Int64, _ size: Int) -> Page {
        let from = bound == .max ? since : bound
        var all = room.messages.filter { $0.version > from || (bound == .max && $0.version == since) }.sorted {
            $0.version < $1.version
        }
        if defect == .feedSkipsDeletes { all = all.filter { !$0.isDeleted } }
        let next = all.count > size ? Cursor("\(since):\(all[size - 1].version)") : nil
        return page(all.prefix(size), next)
    }

    private func page(_ messages: ArraySlice<PlainTalk.Message>, _ next: Cursor?) -> Page {
        let unreadable = defect == .dropsUnreadable ? [] : messages.filter(\.isUnreadable)
        return Page(
            items: .messages(messages.filter { !$0.isUnreadable }.map(shown)),
            rejects: unreadable.map { Reject(id: String($0.id), reason: "It is of no known form.", raw: [1]) }, next: next)
    }

    func listed(_ room: PlainTalk.Room) -> RemoteConversation {
        RemoteConversation(
            id: RemoteConversationID(room.id), topic: room.topic,
            deletedAt: room.isDeleted ? Timestamp(milliseconds: room.activity) : nil,
            lastMessageAt: house.kind == .feed ? nil : Timestamp(milliseconds: room.activity))
    }

    private func shown(_ message: PlainTalk.Message) -> RemoteMessage {
        let isDeleted = message.isDeleted && defect != .forgetsDeletes
        let tellsToken = traits.lostAnswer(of: .send) == .echoed && defect != .echoesNoToken
        let changed = Timestamp(milliseconds: message.version)
        return RemoteMessage(
            id: RemoteMessageID(String(message.id)), version: message.version,
            sequence: house.kind == .feed ? message.version : message.change, place: message.id, kind: .text,
            text: isDeleted ? nil : message.text, sender: defect == .namesNobody ? nil : ParticipantID(message.author),
            createdAt: Timestamp(milliseconds: message.id), editedAt: message.marker == nil || isDeleted ? nil : changed,
            deletedAt: isDeleted ? changed : nil, token: tellsToken ? Token(message.token) : nil,
            editMarker: tellsToken ? message.marker.map { Token($0) } : nil,
            attachments: isDeleted || defect == .namesNoFiles
                ? [] : message.files.map { RemoteAttachment(file: RemoteFileID($0)) },
            replyTo: message.replyTo.map { RemoteMessageID(String($0)) })
    }
}
