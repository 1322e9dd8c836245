internal import TidemarkModel
internal import TidemarkStore

/// Who is in a conversation and how far they have read, held against what the service lists.
extension Reconciler {
    /// How often a set that changes while it is read is begun anew.
    private static let maximumRestarts = 3
    /// The most reads of one set that a repair makes, and how long it waits for one of them.
    private static let maximumReads = 1000
    private static let longestWait: Duration = .seconds(10)

    mutating func reconcileSets(
        of conversation: ConversationID, _ remote: RemoteConversationID, _ there: inout Digest
    ) async throws {
        let looking = self
        guard let people = try await participants(in: remote) else { return }
        for one in people.sorted(by: { $0.id < $1.id }) { there.add(one.id.rawValue, one.displayName, one.role) }
        let found = try participantFindings(people, conversation)
        try await settle(found, .participants, conversation) { try looking.participantFindings(people, conversation) }
        let most = scope.traits.maximumParticipantsForReceipts ?? .max
        guard scope.traits.listsReceipts, people.count <= most, let receipts = try await receipts(in: remote) else { return }
        for one in receipts.sorted(by: { $0.participant < $1.participant }) {
            there.add(one.participant.rawValue, one.message.rawValue)
            there.add(one.readAt.milliseconds)
        }
        let behind = try receiptFindings(receipts, conversation)
        try await settle(behind, .receipts, conversation) { try looking.receiptFindings(receipts, conversation) }
    }

    // MARK: Differences

    private func participantFindings(
        _ listed: [Participant], _ conversation: ConversationID
    ) throws -> [Reconciliation.Finding] {
        var stored = try engine.store.storedParticipants(in: conversation)
        var findings: [Reconciliation.Finding] = []
        for one in listed.sorted(by: { $0.id < $1.id }) {
            guard let known = stored.removeValue(forKey: one.id) else {
                findings.append(
                    finding(.participant, conversation, one.id, "The service lists somebody whom the store does not."))
                continue
            }
            let isSame = [(one.displayName, known.displayName), (one.role, known.role)].allSatisfy { $0 == nil || $0 == $1 }
            if !isSame {
                findings.append(finding(.participant, conversation, one.id, "The service lists them under another name or role."))
            }
        }
        return findings
            + stored.keys.sorted().map {
                finding(.participant, conversation, $0, "The store has somebody whom the service does not list.")
            }
    }

    private func receiptFindings(_ listed: [Receipt], _ conversation: ConversationID) throws -> [Reconciliation.Finding] {
        let stored = try engine.store.storedReceipts(in: conversation)
        return listed.sorted { $0.participant < $1.participant }.compactMap { one in
            // Of two the store keeps the later one, in any order.
            let isKnown = stored[one.participant].map {
                ($0.readAt, $0.message) >= (one.readAt, one.message)
            }
            guard isKnown != true else { return nil }
            return finding(.receipt, conversation, one.participant, "The service knows of a later read mark.")
        }
    }

    private func finding(
        _ kind: Reconciliation.Kind, _ conversation: ConversationID, _ participant: ParticipantID, _ reason: String
    ) -> Reconciliation.Finding {
        Reconciliation.Finding(kind: kind, conversation: conversation, participant: participant, reason: reason)
    }

    // MARK: Repairing

    /// A repair reads the set as a sync does: who is missing from it is gone when two whole reads in a row say so (R23).
    private mutating func settle(
        _ found: [Reconciliation.Finding], _ set: RemoteSet, _ conversation: ConversationID,
        again: () throws -> [Reconciliation.Finding]
    ) async throws {
        guard repairs, !found.isEmpty else { return found.forEach { result.add($0) } }
        try engine.store.askForSet(set, of: conversation)
        reading: for _ in 0..<Self.maximumReads {
            switch try engine.store.planSet(set, of: conversation, scope, engine.clock.moment) {
            case .done: break reading
            case .later(let moment):
                // It is begun anew much later where it leads nowhere: a sync will.
                guard moment - engine.clock.now <= Self.longestWait else { break reading }
                try await engine.clock.sleep(until: moment)
            case .read(let planned):
                let page = try await read(planned.request)
                _ = try engine.store.apply(page, of: planned, scope, engine.clock.moment)
            }
        }
        let left = Set(try again())
        for finding in found {
            var finding = finding
            finding.isRepaired = !left.contains(finding)
            result.add(finding)
        }
    }

    // MARK: Reading

    private mutating func participants(in remote: RemoteConversationID) async throws -> [Participant]? {
        try await list(.participants(in: remote), \.id) { page in
            if case .participants(let items) = page.items { items } else { nil }
        }
    }

    private mutating func receipts(in remote: RemoteConversationID) async throws -> [Receipt]? {
        try await list(.receipts(in: remote), \.participant) { page in
            if case .receipts(let items) = page.items { items } else { nil }
        }
    }

    /// A whole set, each page over the last item of the one before (R23); `nil`: the service does not tell it, or it never stood still.
    private mutating func list<Item>(
        _ subject: PageRequest.Subject, _ id: (Item) -> ParticipantID, _ items: (Page) -> [Item]?
    ) async throws -> [Item]? {
        var all: [Item] = []
        var restarts = 0
        let perPage = max(2, engine.configuration.resultsPerPage ?? scope.traits.setPageSize)
        for _ in 0..<engine.configuration.maximumPagesPerWalk {
            let skip = max(0, all.count - 1)
            let request = PageRequest(subject, resultsPerPage: perPage, skip: skip, identity: scope.identity)
            let page: Page
            do {
                page = try await read(request)
            } catch let error as ServiceError where Self.refusals.contains(error.code) {
                return nil
            }
            guard let shown = items(page), page.rejects.isEmpty else { return nil }
            if let last = all.last, shown.first.map(id) != id(last) {
                restarts += 1
                guard restarts <= Self.maximumRestarts else { return nil }
                all = []
                continue
            }
            let known = Set(all.map(id))
            let new = shown.filter { !known.contains(id($0)) }
            all += new
            if page.next == nil { return all }
            if new.isEmpty { return nil }
        }
        return nil
    }

    private static let refusals: Set<ServiceError.Code> = [.forbidden, .notFound, .invalid, .unsupported, .historyDenied]

    // MARK: What the store holds

    /// Of ids and versions of what was observed: unsent work is no part of it.
    static func digest(of conversation: ConversationID, in store: MessageStore) throws -> String {
        var digest = Digest()
        for (id, copy) in try store.storedCopies(in: conversation).sorted(by: { $0.key < $1.key }) {
            digest.add(id.rawValue, copy.isDeleted ? "deleted" : nil, copy.isUnreadable ? "unreadable" : nil)
            digest.add(copy.version)
        }
        for (id, one) in try store.storedParticipants(in: conversation).sorted(by: { $0.key < $1.key }) {
            digest.add(id.rawValue, one.displayName, one.role)
        }
        for (id, one) in try store.storedReceipts(in: conversation).sorted(by: { $0.key < $1.key }) {
            digest.add(id.rawValue, one.message.rawValue)
        }
        return digest.text
    }
}
