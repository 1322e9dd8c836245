internal import Tidemark
internal import TidemarkModel
internal import TidemarkSimulator
internal import TidemarkStore

/// What a service says of itself is so.
extension ConformanceCheck {
    static let declared = [
        ConformanceCheck("traits", "a send settles as its trait says", unless: [Unless.lacks(.send)]) { stage in
            let (_, place) = try await stage.begun()
            let service = try await stage.world.service(for: stage.other)
            let delivery = Delivery(
                intent: IntentID(1), token: "3b241101-e2bb-4255-8caf-4136c566a962",
                action: .send(OutgoingMessage("said by hand"), in: place.remote), identity: stage.other, wantedAt: stage.clock.now
            )
            try await declare { () throws(ServiceError) in _ = try await service.perform(delivery) }
            switch stage.traits.lostAnswer(of: .send) {
            case .repeatable:
                try await declare { () throws(ServiceError) in _ = try await service.perform(delivery) }
                let count = try await stage.held("said by hand", in: place)
                try require(count == 1, "said to be repeatable: asked twice, the service holds \(count)")
            case .echoed:
                let found = try await stage.listing(service, place).first { $0.text == "said by hand" }
                try require(found?.token == delivery.token, "said to echo its token: the listing does not tell it")
            case .recognisable:
                let found = try await stage.listing(service, place).first { $0.text == "said by hand" }
                try require(found?.sender == stage.other, "said to be recognisable: the listing does not tell text and author")
            case .blind: break
            }
        },
        ConformanceCheck("traits", "pages hold no more than is declared", unless: [Unless.hasNoHistory, Unless.lacks(.send)]) {
            stage in
            let (_, place) = try await stage.begun()
            for number in 1...6 { try await stage.otherSays("number \(number)", in: place) }
            let service = try await stage.world.service(for: stage.other)
            for size in [1, 2, 3, stage.traits.messagePageSize] {
                try await stage.pages(service, .messages(in: place.remote), size) { page in
                    let limit = min(size, stage.traits.messagePageSize)
                    try require(page.count <= limit, "\(page.count) messages on a page of \(limit)")
                }
            }
            for (subject, size) in [
                (PageRequest.Subject.conversations, stage.traits.conversationPageSize),
                (.participants(in: place.remote), stage.traits.setPageSize),
            ] {
                try await stage.pages(service, subject, size) { page in
                    try require(page.count <= size, "\(page.count) items on a page of \(size)")
                }
            }
        },
        ConformanceCheck(
            "traits", "a listing is complete, ends, and is in its order", unless: [Unless.hasNoHistory, Unless.lacks(.send)]
        ) {
            stage in
            let (_, place) = try await stage.begun()
            for number in 1...6 { try await stage.otherSays("number \(number)", in: place) }
            let service = try await stage.world.service(for: stage.other)
            var items: [RemoteMessage] = []
            try await stage.pages(service, .messages(in: place.remote), 2) { page in
                if case .messages(let some) = page.items { items += some }
            }
            let people = items.filter { ($0.kind?.isUserKind ?? false) && $0.deletedAt == nil }
            try require(
                Set(people.compactMap(\.text)) == Set(try await stage.live(place).map(\.text)) && people.count == 7,
                "a walk through all pages gives \(people.count) of 7 messages")
            let isFeed = stage.traits.changes == .feed
            let order = items.map { isFeed ? $0.place : $0.sequence }.compactMap { $0 }
            try require(order.count == items.count, isFeed ? "a listed message has no place" : "a listed message has no sequence")
            try require(
                zip(order, order.dropFirst()).allSatisfy { $0 > $1 },
                isFeed ? "the history is not newest first" : "the listing is not newest change first")
        },
        ConformanceCheck(
            "traits", "a text of the greatest length arrives, a longer one is refused here", unless: [Unless.lacks(.send)]
        ) {
            stage in
            let (device, place) = try await stage.begun()
            let limit = min(stage.traits.maximumTextBytes, 1_000_000)
            let text = String(repeating: "a", count: limit)
            let before = device.service.calls.count
            var refused: StoreError?
            if stage.traits.maximumTextBytes == limit {
                do { try await device.engine.send(text + "a", to: place.local) } catch let error as StoreError { refused = error }
                try require(refused?.code == .invalidArgument, "a text of more than \(limit) bytes was taken")
                try require(device.service.calls.count == before, "a text that is too long made a request")
            }
            try await device.engine.send(text, to: place.local)
            try await device.run(stage.bound) { device.isAtRest }
            let count = try await stage.held(text, in: place)
            try require(device.outbox.isEmpty && count == 1, "a text of \(limit) bytes, the declared limit, did not arrive")
        },
        ConformanceCheck(
            "traits", "a verb that is not declared is refused here and there",
            unless: [{ traits in undeclared(traits).isEmpty ? "every verb is declared" : nil }]
        ) { stage in
            let (device, place) = try await stage.begun()
            for verb in undeclared(stage.traits) {
                let before = device.service.calls.count
                var refused: StoreError?
                do { try await device.wish(verb, place, stage.other) } catch let error as StoreError { refused = error }
                try require(refused != nil, "\(verb.rawValue) is not declared, and was accepted")
                try await device.run(.seconds(5))
                let asked = device.service.calls.dropFirst(before).contains { $0.verb == verb }
                try require(!asked, "\(verb.rawValue) is not declared, and was asked for")
                try await stage.refuse(verb, place)
            }
        },
        ConformanceCheck("traits", "bytes that are no item decode to nothing") { stage in
            let service = try await stage.world.service(for: stage.me)
            for raw in [[], [0], [UInt8](repeating: 0x7B, count: 4_000), Array("{\"id\":".utf8), [0xFF, 0xFE, 0x00]] as [[UInt8]]
            {
                try require(
                    service.decode(raw, of: .messages(in: "x")) == nil, "\(raw.count) bytes that say nothing became a message")
                try require(service.decodeArrival(raw) == nil, "\(raw.count) bytes that say nothing became a packet")
            }
        },
        ConformanceCheck("traits", "it tells the identity of its user") { stage in
            for user in [stage.me, stage.other] {
                let service = try await stage.world.service(for: user)
                var identity: ParticipantID?
                try await declare { () throws(ServiceError) in identity = try await service.identity() }
                guard let identity else { throw NotPlayed("it can't tell as whom it asks") }
                try require(identity == user, "it tells another identity than its user's")
            }
        },
    ]

    @Sendable private static func undeclared(_ traits: ServiceTraits) -> [Verb] {
        [.edit, .delete, .rename, .removeParticipant, .deleteConversation].filter { traits.lostAnswers[$0] == nil }
    }

    private static func declare(_ body: () async throws(ServiceError) -> Void) async throws {
        do throws(ServiceError) {
            try await body()
        } catch {
            throw Broken("the service said no: \(error.code.rawValue)")
        }
    }
}

extension Stage {
    private static let maximumPages = 200

    /// Every page of a listing, to its end.
    func pages(
        _ service: any ChatService, _ subject: PageRequest.Subject, _ size: Int, _ look: (Page) throws -> Void
    ) async throws {
        var cursor: Cursor?
        for _ in 0..<Self.maximumPages {
            let page: Page
            do throws(ServiceError) {
                page = try await service.page(PageRequest(subject, resultsPerPage: size, cursor: cursor))
            } catch {
                throw Broken("a page was refused: \(error.code.rawValue)")
            }
            try look(page)
            // Sets are read by offset: what comes behind the first page is the engine's to ask for.
            if case .participants = subject { return }
            guard let next = page.next else { return }
            cursor = next
        }
        throw Broken("a listing has no end after \(Self.maximumPages) pages")
    }

    func listing(_ service: any ChatService, _ place: Place) async throws -> [RemoteMessage] {
        var items: [RemoteMessage] = []
        try await pages(service, .messages(in: place.remote), traits.messagePageSize) { page in
            if case .messages(let some) = page.items { items += some }
        }
        return items
    }

    /// What the service does not declare it does not do either.
    fileprivate func refuse(_ verb: Verb, _ place: Place) async throws {
        let mine = try await live(place).first { $0.author == me }?.id ?? ""
        let action: Delivery.Action =
            switch verb {
            case .edit: .edit(mine, text: "edited", metadata: [:], in: place.remote)
            case .delete: .delete(mine, in: place.remote)
            case .rename: .rename(place.remote, topic: "another name")
            case .removeParticipant: .removeParticipant(other, in: place.remote)
            default: .deleteConversation(place.remote)
            }
        let service = try await world.service(for: me)
        var refusal: ServiceError?
        do throws(ServiceError) {
            _ = try await service.perform(Delivery(intent: IntentID(1), token: "undeclared", action: action, wantedAt: clock.now))
        } catch {
            refusal = error
        }
        try require(refusal?.certainty == .notApplied, "\(verb.rawValue) is not declared, and the service does it")
    }

    /// Somebody who edits, from wherever.
    func editor(in place: Place) -> @Sendable (RemoteMessageID, String) async throws -> Void {
        let (service, clock, other) = (theirs, clock, other)
        return { id, text in
            clock.advance(by: .milliseconds(100))
            let token = Token("\(id.rawValue)-\(clock.now.milliseconds)")
            _ = try await service.perform(
                Delivery(
                    intent: IntentID(clock.now.milliseconds), token: token,
                    action: .edit(id, text: text, metadata: [:], in: place.remote), identity: other, wantedAt: clock.now))
        }
    }
}

extension Page {
    fileprivate var count: Int {
        let read =
            switch items {
            case .conversations(let items): items.count
            case .messages(let items): items.count
            case .participants(let items): items.count
            case .receipts(let items): items.count
            }
        return read + rejects.count
    }
}

extension Device {
    fileprivate func wish(_ verb: Verb, _ place: Stage.Place, _ other: ParticipantID) async throws {
        guard let message = try shown(place.local).first?.id else { throw Broken("an own message is not shown") }
        switch verb {
        case .edit: try await engine.edit(message, to: "edited")
        case .delete: try await engine.delete(message)
        case .rename: try await engine.rename(place.local, to: "another name")
        case .removeParticipant: try await engine.remove(other, from: place.local)
        default: try await engine.deleteConversation(place.local)
        }
    }
}
