internal import GRDB
internal import TidemarkModel

/// The list of conversations, and what is told of single ones.
extension Reading {
    mutating func applyList(_ page: Page, _ items: [RemoteConversation], of read: PlannedRead) throws {
        guard let old = try AccountRow.fetchOne(db, id: scope.account) else { return }
        var account = old
        if read.request.cursor == nil {
            account.listBegunStart = read.request.startNumber
            account.listBegunServer = page.serverDate?.milliseconds ?? read.begunAt.milliseconds
            account.listIsSweep = account.listIsSweep || isSweepDue(account)
        }
        let isCurrent = account.listCursor == read.request.cursor?.rawValue && account.listBegunStart != nil
        var isUnchanged = items.count >= Self.fewestUnchanged
        for item in items {
            if try !applyListed(item, page, read, since: account.listServer) { isUnchanged = false }
        }
        guard isCurrent else { return }
        account.listCursor = page.next?.rawValue
        let isEnd = page.next == nil
        if isEnd || (isUnchanged && !account.listIsSweep) { return try closeList(&account, over: old, isEnd: isEnd) }
        if page.next == read.request.cursor { standStill(&account, page, read) }
        try account.updateChanges(db, from: old)
    }

    /// The service stands still: an empty page proves nothing (R22), so the same place is asked again, later and later. What
    /// leads nowhere for long ends the walk, and the whole list is read again.
    private func standStill(_ account: inout AccountRow, _ page: Page, _ read: PlannedRead) {
        let interval = scope.configuration.listInterval.milliseconds
        let begun = account.listBegunServer ?? 0
        let (age, isOverflow) = (page.serverDate?.milliseconds ?? read.begunAt.milliseconds).subtractingReportingOverflow(begun)
        if isOverflow || !(0...Self.standstill * interval).contains(age) {
            (account.listCursor, account.listBegunStart, account.listIsSweep) = (nil, nil, true)
            account.listDueAt = moment.now.advanced(interval)
        } else {
            account.listDueAt = moment.now.advanced(min(max(1000, age / 2), interval))
        }
    }

    /// After how many intervals of the list a walk that stands still begins anew.
    private static var standstill: Int64 { 20 }

    /// So many unchanged conversations on one page end a walk over the list. One that something invisible has raised may stand above
    /// others that changed; that all of a page are such is rare, and the rarer the more it holds (R22).
    private static var fewestUnchanged: Int { 5 }

    private func isSweepDue(_ account: AccountRow) -> Bool {
        guard let sweptAt = account.sweptAt, sweptAt <= now else { return true }
        return Timestamp(milliseconds: sweptAt).advanced(scope.configuration.sweepInterval.milliseconds) <= now
    }

    private func closeList(_ account: inout AccountRow, over old: AccountRow, isEnd: Bool) throws {
        let begunStart = account.listBegunStart ?? 0
        account.listServer = account.listBegunServer ?? account.listServer
        (account.listCursor, account.listBegunStart, account.listBegunServer) = (nil, nil, nil)
        account.listDoneAt = now
        if isEnd { account.sweptAt = now }
        account.listIsSweep = false
        account.listDueAt = moment.now.advanced(scope.configuration.listInterval.milliseconds)
        try account.updateChanges(db, from: old)
        try Outbox.listClosed(begunStart: begunStart, scope, moment, db)
    }

    /// Applies one item of the list. Tells whether it is what it was when the last finished walk over the list began.
    private mutating func applyListed(
        _ item: RemoteConversation, _ page: Page, _ read: PlannedRead, since listServer: Int64
    ) throws -> Bool {
        guard !item.id.rawValue.isEmpty else { return false }
        let hash = Self.listedHash(item)
        guard let id = try findConversation(item.id) else {
            let id = try insertConversation(item)
            try db.execute(cached: "UPDATE conversation SET listedHash = ? WHERE id = ?", arguments: [hash, id])
            return false
        }
        let known =
            try Int64?.fetchOne(
                db, cached: "SELECT listedHash FROM conversation WHERE id = ?", arguments: [id]) ?? nil
        try update(id, item, source: .list(page.serverDate, read.request.startNumber))
        if known != hash {
            report.conversationsChanged += 1
            try db.execute(
                cached:
                    "UPDATE conversation SET listedHash = ?1, walkDueAt = iif(?2, walkDueAt, min(walkDueAt, ?3)) WHERE id = ?4",
                arguments: [hash, scope.traits.listTellsActivity, now, id])
        }
        let mayHide = item.lastMessageAt.map { Freshness.mayHideMessage(stamp: $0.milliseconds, walkedAt: listServer) } ?? false
        return known == hash && !mayHide
    }

    private static func listedHash(_ item: RemoteConversation) -> Int64 {
        var hash = ContentHash()
        hash.add(item.topic)
        hash.add(item.deletedAt.map { String($0.milliseconds) })
        hash.add(item.lastMessageAt.map { String($0.milliseconds) })
        hash.add(item.readUpTo.map { String($0.milliseconds) })
        hash.add(item.serviceData)
        return Int64(bitPattern: hash.value)
    }

    // MARK: One conversation

    enum Told {
        case list(Timestamp?, Int64)
        case details(Timestamp?, Int64)
        case push

        /// The number of the request that told it.
        var startNumber: Int64? {
            switch self {
            case .list(_, let number), .details(_, let number): number
            case .push: nil
            }
        }
    }

    mutating func insertConversation(_ item: RemoteConversation) throws -> Int64 {
        // A create of ours may have made it. Repeating that inside its lifetime gives its id, and the rows are merged then;
        // beyond it the whole list is judged. So a first look binds nothing.
        var row = ConversationRow(account: scope.account, remoteID: item.id.rawValue)
        row.detailsAreStale = true
        try row.insert(db)
        let id = db.lastInsertedRowID
        report.conversationsNew += 1
        for kind in ["participants", "receipts"] { try markStale(kind, of: id) }
        try update(id, item, source: .push)
        if item.version == nil, let topic = item.topic {
            try db.execute(
                cached: "UPDATE conversation SET topic = ? WHERE id = ? AND topicVersion < 0", arguments: [topic, id])
        }
        return id
    }

    mutating func update(_ id: Int64, _ item: RemoteConversation, source: Told) throws {
        guard let old = try ConversationRow.fetchOne(db, id: id) else { return }
        var row = old
        row.createdAt = item.createdAt?.milliseconds ?? row.createdAt
        row.createdBy = item.createdBy?.rawValue ?? row.createdBy
        row.serviceData = item.serviceData ?? row.serviceData
        try takeTopic(&row, item, source)
        if let stamp = item.lastMessageAt?.milliseconds { row.lastMessageAt = max(stamp, row.lastMessageAt ?? stamp) }
        if let place = item.readUpTo?.milliseconds, place > row.remoteHorizon {
            row.remoteHorizon = place
            recount(id)
        }
        if case .push = source {} else { try returnIfListed(&row, source) }
        if let deletedAt = item.deletedAt?.milliseconds { row.deletedAt = min(row.deletedAt ?? deletedAt, deletedAt) }
        askForWalk(&row, over: old)
        try row.updateChanges(db, from: old)
        if row.deletedAt != nil, old.deletedAt == nil {
            try db.journal(JournalEntry(kind: "conversationGone", conversation: id), scope, moment)
            try Outbox.conversationGone(id, scope, moment, db)
        } else if hasIntents, row.deletedAt == nil, let startNumber = source.startNumber {
            try Outbox.seenAlive(id, startNumber, scope, moment, db)
        }
    }

    /// A topic without a version is as new as its answer: it yields to a message of the same second or later.
    private func takeTopic(_ row: inout ConversationRow, _ item: RemoteConversation, _ source: Told) throws {
        guard let topic = item.topic else { return }
        switch source {
        case .push:
            guard let version = item.version, version > row.topicVersion else { return }
            (row.topic, row.topicVersion) = (topic, version)
            if hasIntents, let id = row.id { try Outbox.topicTold(version, of: id, scope, moment, db) }
        case .list(let date, let startNumber), .details(let date, let startNumber):
            if let date, row.topicVersion >= date.milliseconds { return }
            if hasIntents, try !Outbox.believes(topic, of: row, startNumber, scope, moment, db) { return }
            row.topic = topic
        }
    }

    /// Left is not for ever: who is listed again may read again (R25).
    private func returnIfListed(_ row: inout ConversationRow, _ source: Told) throws {
        guard row.membership == "left", row.deletedAt == nil else { return }
        let leftAt = try Int64.fetchOne(
            db,
            cached: """
                SELECT max(p.changedAt) FROM participant AS p
                    JOIN identity AS i ON i.participant = p.participant AND i.account = ?
                WHERE p.conversation = ? AND p.isPresent = 0
                """, arguments: [scope.account, row.id])
        if let leftAt, case .list(let date?, _) = source, leftAt >= date.milliseconds - Freshness.slack { return }
        row.membership = "member"
        row.walkDueAt = now
    }

    /// A walk is due where a message may have come since the last one began (R22).
    private func askForWalk(_ row: inout ConversationRow, over old: ConversationRow) {
        guard let stamp = row.lastMessageAt, row.closedStart >= 0 else { return }
        let isUnseen = stamp > row.windowHighTime ?? .min
        if stamp > row.closedServer || (isUnseen && stamp > old.lastMessageAt ?? .min) {
            // News, or what a list that lags tells late.
            row.walkDueAt = min(row.walkDueAt, now)
        } else if let wait = freshnessWait(row) {
            // Right after a walk an equal stamp waits until a walk can tell.
            row.walkDueAt = min(row.walkDueAt, max(now, afterBeginning(of: row, wait)))
        }
    }

    /// How long after the last walk's beginning another one may show what the stamp tells of and that one may have missed.
    func freshnessWait(_ row: ConversationRow) -> Int64? {
        guard let stamp = row.lastMessageAt else { return nil }
        let sameSecond =
            Freshness.mayHideMessage(stamp: stamp, walkedAt: row.closedServer)
            ? Freshness.wait(stamp: stamp, walkedAt: row.closedServer) : nil
        let unseen = Freshness.waitForUnseen(
            stamp: stamp, newestSeen: row.windowHighTime ?? .min, walkedAt: row.closedServer,
            settle: scope.traits.settleWindow.milliseconds)
        return [sameSecond, unseen].compactMap(\.self).min()
    }

    /// A clock that was set back meanwhile makes the walk's beginning lie ahead.
    func afterBeginning(of row: ConversationRow, _ wait: Int64) -> Int64 {
        let longest = scope.configuration.topInterval.milliseconds
        return Timestamp(milliseconds: min(row.closedAt, now)).advanced(min(max(wait, Freshness.leastWait), longest))
    }

    mutating func applyDetails(
        _ items: [RemoteConversation], _ page: Page, of read: PlannedRead, _ id: Int64
    ) throws {
        try db.execute(cached: "UPDATE conversation SET detailsAreStale = 0 WHERE id = ?", arguments: [id])
        if let item = items.first { try update(id, item, source: .details(page.serverDate, read.request.startNumber)) }
    }
}
