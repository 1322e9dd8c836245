internal import Tidemark
internal import TidemarkModel
internal import TidemarkSimulator
internal import TidemarkStore

/// P4: a tombstone is final.
extension ConformanceCheck {
    static let deletions = [
        ConformanceCheck(
            "P4", "what others delete goes, and a late page or push brings nothing back", unless: [Unless.lacks(.send, .delete)]
        ) {
            stage in
            let (device, place) = try await stage.begun()
            let id = try await stage.otherSays("soon gone", in: place)
            try await stage.otherSays("it stays", in: place)
            try await stage.catchUp(device)
            try require(try device.shown(place.local).contains { $0.text == "soon gone" }, "what others wrote is not shown")
            let (late, pushed) = (device.lateListings(of: place), device.pushed)
            try await stage.others(.delete(id, in: place.remote))
            try await stage.catchUp(device)
            let isGone = { @Sendable (shown: [TimelineEntry]) in !shown.contains { $0.text == "soon gone" } }
            try require(isGone(try device.shown(place.local)), "what others deleted is still shown")
            for event in pushed + device.copies(of: place) { try await device.engine.receive(event) }
            try require(isGone(try device.shown(place.local)), "a late push brought a deleted message back")
            device.service.answer(with: late)
            try await stage.catchUp(device)
            try require(isGone(try device.shown(place.local)), "a late page brought a deleted message back")
            try await stage.catchUp(device)
            try await stage.compare(device, place.local, with: place, "after a late page")
        },
        ConformanceCheck("P4", "what oneself deleted stays deleted", unless: [Unless.lacks(.send, .delete)]) { stage in
            let (device, place) = try await stage.begun()
            let sent = try await stage.say("taken back", device, in: place)
            try await stage.catchUp(device)
            let (late, pushed) = (device.lateListings(of: place), device.pushed)
            if let message = sent.message { try await device.engine.delete(message) }
            try require(!(try device.shown(place.local).contains { $0.text == "taken back" }), "a delete is not shown at once")
            try await device.run(stage.bound) { device.isAtRest }
            device.service.answer(with: late)
            try await stage.catchUp(device)
            for event in pushed + device.copies(of: place) { try await device.engine.receive(event) }
            try require(!(try device.shown(place.local).contains { $0.text == "taken back" }), "an own deleted message came back")
            try await device.run(stage.bound)
            try await stage.compare(device, place.local, with: place, "at the end")
        },
        ConformanceCheck("P4", "a delete that comes before its message wins", unless: [Unless.lacks(.send, .delete)]) { stage in
            let (device, place) = try await stage.begun()
            let id = try await stage.otherSays("never seen", in: place)
            let watcher = try await stage.device()
            let watched = try await stage.seen(by: watcher, place, "never seen")
            try await stage.others(.delete(id, in: place.remote))
            try await stage.catchUp(watcher)
            let all = watched + watcher.pushed + watcher.copies(of: place)
            let fresh = try Replica(of: device, place, stage.traits)
            let deletes = all.filter { $0.isDeletion(of: id) }
            guard !deletes.isEmpty else { throw Broken("the service tells nobody of the delete") }
            try fresh.take(deletes + all.filter { !$0.isDeletion(of: id) })
            try require(!(try fresh.texts().values.contains("never seen")), "a delete was forgotten when its message came")
        },
    ]
}

extension Stage {
    /// What a program was told until it has seen a text.
    fileprivate func seen(by device: Device, _ place: Place, _ text: String) async throws -> [RemoteEvent] {
        guard traits.history != .none else { return [] }
        _ = try await find(place, on: device)
        return device.copies(of: place)
    }
}

extension Device {
    /// The first pages of its listings of messages, as they were.
    func lateListings(of place: Stage.Place) -> [Page] {
        service.pages.filter { $0.request.subject == .messages(in: place.remote) && $0.request.cursor == nil }.suffix(2).map {
            read in
            var page = read.page
            page.next = nil
            return page
        }
    }

    /// Every copy that a page has told, as if it had been pushed.
    func copies(of place: Stage.Place) -> [RemoteEvent] {
        service.pages.flatMap { read -> [RemoteEvent] in
            guard read.request.subject.isOfMessages(in: place.remote), case .messages(let items) = read.page.items else {
                return []
            }
            return items.map { .message($0, in: place.remote) }
        }
    }
}

extension PageRequest.Subject {
    fileprivate func isOfMessages(in conversation: RemoteConversationID) -> Bool {
        switch self {
        case .messages(let id), .message(_, let id): id == conversation
        default: false
        }
    }
}

extension RemoteEvent {
    fileprivate func isDeletion(of id: RemoteMessageID) -> Bool {
        switch self {
        case .message(let message, _): message.id == id && message.deletedAt != nil
        case .received(let arrival, _): arrival.message.id == id && arrival.change == .delete
        default: false
        }
    }
}
