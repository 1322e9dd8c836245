internal import TidemarkModel
internal import TidemarkStore

/// Walks listings again and holds what they show against the store.
struct Reconciler {
    /// Tries of one read before its failure counts.
    static let maximumTries = 5

    let engine: SyncEngine
    let scope: Scope
    let since: Timestamp?
    let repairs: Bool
    var result = Reconciliation()
    /// What each conversation was, in the order in which they were compared.
    var bases: [ReconcilePlan.Basis] = []

    init(engine: SyncEngine, scope: Scope, since: Timestamp?, repairs: Bool) {
        self.engine = engine
        self.scope = scope
        self.since = since
        self.repairs = repairs
    }

    // MARK: Conversations

    mutating func reconcileAll() async throws {
        var unlisted = Set(try views().filter { $0.remoteID != nil && $0.membership == .member }.map(\.id))
        var known = Dictionary(
            try views(deleted: true).compactMap { view in view.remoteID.map { ($0, view) } },
            uniquingKeysWith: { first, _ in first })
        var request = PageRequest(
            .conversations, resultsPerPage: engine.configuration.resultsPerPage ?? scope.traits.conversationPageSize,
            identity: scope.identity)
        for _ in 0..<engine.configuration.maximumPagesPerWalk {
            let page = try await read(request)
            guard case .conversations(let listed) = page.items else { break }
            for one in listed where one.deletedAt == nil {
                if let view = known[one.id] {
                    unlisted.remove(view.id)
                } else {
                    try addMissing(one)
                    if let view = try views().first(where: { $0.remoteID == one.id }) { known[one.id] = view }
                }
            }
            guard let next = page.next, next != request.cursor else { break }
            request.cursor = next
        }
        for id in unlisted.sorted() {
            let remote = try engine.account.conversation(id).get().remoteID
            // Its own answer tells more than a list that it is missing from.
            let found = result.findings.count
            try await reconcile(id)
            if result.findings[found...].contains(where: { $0.kind == .vanished }) { continue }
            result.add(
                .init(
                    kind: .extra, conversation: id, remoteConversation: remote,
                    reason: "The service does not list this conversation any more; a sync finds out why."))
        }
        for view in try views() where view.remoteID != nil && !unlisted.contains(view.id) && view.membership == .member {
            try await reconcile(view.id)
        }
    }

    private func views(deleted: Bool = false) throws -> [ConversationView] {
        try engine.account.conversations(includingDeleted: deleted).get()
    }

    private mutating func addMissing(_ conversation: RemoteConversation) throws {
        if repairs { _ = try engine.store.apply(.conversation(conversation), scope, engine.clock.moment) }
        let id = try views().first { $0.remoteID == conversation.id }?.id
        result.add(
            .init(
                kind: .missing, conversation: id, remoteConversation: conversation.id,
                reason: "The service has a conversation that the store does not have.", isRepaired: repairs && id != nil))
    }

    // MARK: One conversation

    mutating func reconcile(_ conversation: ConversationID) async throws {
        let before = try Self.digest(of: conversation, in: engine.store)
        guard let remote = try engine.account.conversation(conversation).get().remoteID else {
            throw StoreError(.notAllowed, "Conversation \(conversation) is not at the service yet; there is nothing to compare.")
        }
        let gaps = try engine.account.gaps(in: conversation).get()
        var comparison = HistoryComparison(
            conversation: conversation, stored: try engine.store.storedCopies(in: conversation), since: since)
        do {
            if repairs {
                try await walkAndMerge(conversation, &comparison)
            } else {
                try await walk(remote, &comparison)
            }
        } catch let error as ServiceError where error.code == .historyDenied {
            result.conversations += 1
            return result.add(
                .init(
                    kind: .gap, conversation: conversation, remoteConversation: remote,
                    reason: "The service does not show its history to this user."))
        } catch let error as ServiceError where [.notFound, .forbidden].contains(error.code) {
            let there = try await refused(conversation, remote, error)
            return bases.append(.init(conversation: conversation, remoteConversation: remote, here: before, there: there))
        }
        try await askForUnseen(remote, &comparison)
        var there = Digest()
        comparison.digest(into: &there)
        for var finding in comparison.findings {
            if repairs, finding.kind == .missing || finding.kind == .stale { finding.isRepaired = true }
            result.add(finding)
        }
        try await reconcileSets(of: conversation, remote, &there)
        try add(gaps, of: conversation)
        bases.append(.init(conversation: conversation, remoteConversation: remote, here: before, there: there.text))
        result.conversations += 1
        result.messages += comparison.seen.count
    }

    private mutating func walk(_ remote: RemoteConversationID, _ comparison: inout HistoryComparison) async throws {
        var request = PageRequest(
            .messages(in: remote), resultsPerPage: engine.configuration.resultsPerPage ?? scope.traits.messagePageSize,
            startTime: since, identity: scope.identity)
        for _ in 0..<engine.configuration.maximumPagesPerWalk {
            let page = try await read(request)
            comparison.note(page)
            guard let next = page.next, next != request.cursor else { return }
            request.cursor = next
        }
    }

    /// The same walk as the store plans it, so that its pages are merged and prove what they show.
    private mutating func walkAndMerge(_ conversation: ConversationID, _ comparison: inout HistoryComparison) async throws {
        let from = since ?? Timestamp(milliseconds: 0)
        var planned = try engine.store.planRead(since: from, in: conversation, scope, engine.clock.moment)
        while let read = planned {
            let page = try await self.read(read.request)
            comparison.note(page)
            planned = try engine.store.apply(page, of: read, scope, engine.clock.moment).next
        }
    }

    /// What no page showed may have changed while the walk went by: only its own answer says that it is gone.
    private mutating func askForUnseen(_ remote: RemoteConversationID, _ comparison: inout HistoryComparison) async throws {
        for (index, (id, copy)) in comparison.unseen.enumerated() {
            guard index < Reconciliation.maximumQuestions else {
                comparison.addExtra(id, copy, "No listing shows it, and too many are like it to ask for each.")
                continue
            }
            do {
                comparison.note(try await read(PageRequest(.message(id, in: remote), identity: scope.identity)))
            } catch let error as ServiceError where error.code == .notFound {
                let isRepaired = repairs ? try bury(copy, error) : false
                comparison.addExtra(id, copy, "The service does not know it any more.", isRepaired: isRepaired)
            } catch let error as ServiceError where error.code == .forbidden {
                comparison.addExtra(id, copy, "The service does not show it to this user any more.")
            }
        }
    }

    /// Absence told by the message's own id: the store decides whether that is a deletion (R26).
    private func bury(_ copy: StoredCopy, _ error: ServiceError) throws -> Bool {
        let moment = engine.clock.moment
        guard let read = try engine.store.planReconcile(copy.id, scope, moment) else { return false }
        var generator = SystemRandomNumberGenerator()
        _ = try engine.store.fail(error, of: read, scope, moment, using: &generator)
        return try engine.account.message(copy.id).get().entry.deletedAt != nil
    }

    private mutating func add(_ gaps: [GapView], of conversation: ConversationID) throws {
        let left = try repairs ? engine.account.gaps(in: conversation).get() : gaps
        for gap in gaps {
            // A comparison that begins later says nothing about the beginning.
            if since != nil, gap.kind == .beginning { continue }
            result.add(
                .init(
                    kind: .gap, conversation: conversation, message: gap.before ?? gap.after, reason: gap.sentence,
                    isRepaired: !left.contains(gap)))
        }
    }

    // MARK: Reading

    /// A read repeats safely, so what passes is waited out a few times.
    mutating func read(_ request: PageRequest) async throws -> Page {
        var failures = 0
        while true {
            try Task.checkCancellation()
            do throws(ServiceError) {
                result.requests += 1
                let begun = engine.clock.monotonic
                let page = try await engine.service.page(request)
                result.bytes += page.bytes
                let took = Duration.milliseconds(engine.clock.monotonic - begun)
                engine.activities.send(.read("reconcile", items: page.count, bytes: page.bytes, duration: took))
                return page
            } catch {
                failures += 1
                let passes: [ServiceError.Code] = [.unreachable, .answerLost, .throttled, .serverFailure, .unreadable]
                guard passes.contains(error.code), failures < Self.maximumTries else { throw error }
                let backoff = engine.configuration.firstBackoff * (1 << (failures - 1))
                try await engine.clock.sleep(
                    until: engine.clock.now + min(error.retryAfter ?? backoff, engine.configuration.maximumBackoff))
            }
        }
    }
}

extension GapView {
    fileprivate var sentence: String {
        switch kind {
        case .beginning: "History was not read to its beginning."
        case .between: "Between two stretches of history nothing is proved."
        case .end: "Above the newest stretch of history nothing is proved."
        case .unread: "Nothing of it was ever read."
        }
    }
}
