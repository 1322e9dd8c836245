"""Planted defects, each of which the simulated histories must catch.

`find` stands once in `file` (below Sources); `put` takes its place in the build of the mutants, with PLANTED true only in the
run that plays this defect; `more` has further places of the same file that belong to it. `needs` says what a history needs to
show it: devices, people or processes beside the one. `steps` says how long its histories are, where the usual length shows it
too seldom.
"""

STORE = "TidemarkStore/"

MUTATIONS = [
    # Merge
    dict(
        name="tombstone-ignored", rule="P4", file=STORE + "Reading/Merge.swift", needs="two devices",
        find="        if let deletedAt = remote.deletedAt?.milliseconds {",
        put="        if !(PLANTED && row.token != nil && row.version == nil && remote.sequence == nil), let deletedAt = remote.deletedAt?.milliseconds {",
    ),
    dict(
        name="older-version-replaces", rule="P5", file=STORE + "Reading/Merge.swift", needs="two devices",
        find="        case .some(let known) where version < known: return\n",
        put="        case .some(let known) where version < known && !(PLANTED && source == .page && row.source == Source.push.rawValue): return\n",
    ),
    dict(
        name="equal-version-skipped", rule="R20", file=STORE + "Reading/Merge.swift", needs="two devices",
        find="        case .some(let known) where version > known: rule = .replace\n",
        put="        case .some(let known) where version > known: rule = .replace\n"
        "        case .some(let known) where PLANTED && row.token != nil && version == known: return\n",
    ),
    dict(
        name="counter-forgets-deletes", rule="P8", file=STORE + "Reading/Reading+Messages.swift", needs="two devices",
        find="        if changesUnread(row, over: old) { recount(conversation) }",
        put="        if changesUnread(row, over: old), !(PLANTED && row.deletedAt != nil && old?.editedAt != nil && startNumber == nil && (row.version ?? 0) % 8 == 1) { recount(conversation) }",
    ),
    # Walks and lists
    dict(
        name="cursor-before-page", rule="R17", file=STORE + "Reading/Reading+Messages.swift", needs="two devices",
        find="        guard !remote.id.rawValue.isEmpty else { return }\n        let known",
        put="        guard !remote.id.rawValue.isEmpty, !(PLANTED && hasIntents && startNumber != nil && remote.editedAt != nil && remote.token != nil && (remote.version ?? 0) % 8 == 1) else { return }\n        let known",
    ),
    dict(
        name="walk-stops-at-known-row", rule="R17", file=STORE + "Reading/Reading+CatchUp.swift", needs="two devices",
        find="        let isReached = row.windowHigh.map { high in lowest.map { $0 <= high } ?? false } ?? !edges.isEmpty\n",
        put="        let isReached = PLANTED && report.unchanged > 10 || row.windowHigh.map { high in lowest.map { $0 <= high } ?? false } ?? !edges.isEmpty\n",
    ),
    dict(
        name="push-moves-the-high-water", rule="R17", file=STORE + "Reading/Reading+Messages.swift", needs="two devices",
        find="        count(row, over: old)\n        if row.version",
        put="        if PLANTED, startNumber == nil, row.isOwn, let version = row.version, version % 16 == 1 {\n"
        "            try db.execute(cached: \"UPDATE conversation SET windowHigh = (SELECT max(sequence) FROM message WHERE conversation = ?1) + 1, windowHighTime = ?2 WHERE id = ?1 AND windowHighTime < ?2\", arguments: [conversation, version])\n"
        "        }\n"
        "        count(row, over: old)\n        if row.version",
    ),
    dict(
        name="no-closing-re-read", rule="R18", file=STORE + "Reading/Reading+CatchUp.swift", needs="two devices",
        find="        let isProved = (step.isTop && step.page.isSnapshot) || (row.walkIsUnbroken && row.windowHigh != nil)",
        put="        let isProved = PLANTED || (step.isTop && step.page.isSnapshot) || (row.walkIsUnbroken && row.windowHigh != nil)",
    ),
    dict(
        name="young-gap-passed", rule="R17", file=STORE + "Reading/Walk.swift", needs="two devices",
        find="        return try !overflow && age < settle && !isExplained(above, below)",
        put="        return try !PLANTED && !overflow && age < settle && !isExplained(above, below)",
    ),
    dict(
        name="same-second-unchanged", rule="R22", file=STORE + "Reading/Freshness.swift", needs="two devices",
        find="        let (bound, overflow) = walkedAt.subtractingReportingOverflow(slack)",
        put="        let (bound, overflow) = walkedAt.subtractingReportingOverflow(PLANTED ? -slack : slack)",
    ),
    dict(
        name="bottom-never-reached", rule="P6", file=STORE + "Reading/Reading+CatchUp.swift", needs="",
        find="        let low = row.bottom == nil ? lowTime : min(0, lowTime)",
        put="        let low = row.bottom == nil || (PLANTED && row.backfillPages > 12) ? lowTime : min(0, lowTime)",
    ),
    # Doubt
    dict(
        name="recovered-as-unsent", rule="R14", file=STORE + "Outbox/Settle.swift", needs="",
        find="                let lost = ServiceError(.answerLost, certainty: .unknown)",
        put="                let lost = ServiceError(.answerLost, certainty: PLANTED && intent.attempts > 1 ? .notApplied : .unknown)",
    ),
    dict(
        name="lost-edit-repeated", rule="R7", file=STORE + "Outbox/RetryPolicy.swift", needs="", steps=500,
        find="        case .echoed, .recognisable:\n            return .lookUp",
        put="        case .echoed, .recognisable:\n            return PLANTED && circumstances.verb == .edit ? .again(.laneBackoff) : .lookUp",
    ),
    dict(
        name="504-repeated", rule="R1", file=STORE + "Outbox/RetryPolicy.swift", needs="",
        find="        if error.certainty == .unknown { return afterUnknown",
        put="        if error.certainty == .unknown, !(PLANTED && error.status == 504) { return afterUnknown",
    ),
    dict(
        name="token-renewed", rule="R4", file=STORE + "Outbox/Claim+Transmitting.swift", needs="",
        find="        intent.attempts += 1\n",
        put="        intent.attempts += 1\n        if PLANTED, intent.verb == .createConversation, intent.attempts > 3 { intent.token += \"-\\(intent.attempts)\" }\n",
    ),
    dict(
        name="no-quarantine", rule="R3", file=STORE + "Outbox/Quarantine.swift", needs="", steps=500,
        find="        guard begunAt < max(end, intent.quarantineUntil) else { return false }",
        put="        guard begunAt < max(end, intent.quarantineUntil) - (PLANTED ? 17_000 : 0) else { return false }",
    ),
    dict(
        name="clock-forward-ends-quarantine", rule="R3", file=STORE + "Outbox/Quarantine.swift", needs="",
        find="        if jump > .zero {\n",
        put="        if PLANTED { return }\n        if jump > .zero {\n",
        # What a run that saw nothing goes by would make up for it.
        more=[dict(
            find="        guard intent.quarantineUntil > 0 else { return nil }", put="        guard !PLANTED, intent.quarantineUntil > 0 else { return nil }")],
    ),
    dict(
        name="lifetime-ignored", rule="R11", file=STORE + "Outbox/Claim+Considering.swift", needs="",
        find="        guard try age >= lifetime || age < Self.mostDisorder || hasPassed(lifetime, since: intent) else { return false }",
        put="        guard try !PLANTED && (age >= lifetime || age < Self.mostDisorder || hasPassed(lifetime, since: intent)) else { return false }",
    ),
    dict(
        name="landed-copy-of-cancelled-stays", rule="R4", file=STORE + "Outbox/Outbox.swift", needs="",
        find="            try deleteLandedCopy(intent, remote, message, scope, moment, db)",
        put="            if !PLANTED { try deleteLandedCopy(intent, remote, message, scope, moment, db) }",
    ),
    dict(
        name="create-known-by-its-last-topic", rule="R11", file=STORE + "Outbox/LookUp+Creates.swift", needs="two devices",
        find="AND (c.topic = ?3 OR \\(hadTopic))", put="AND (c.topic = ?3 OR (\\(PLANTED ? 0 : 1) AND \\(hadTopic)))",
    ),
    dict(
        name="set-back-clock-rejuvenates", rule="R11", file=STORE + "Outbox/Quarantine.swift", needs="",
        find="            try clockSetBack(by: jump, scope, moment)\n",
        put="            if !PLANTED { try clockSetBack(by: jump, scope, moment) }\n",
    ),
    dict(
        name="local-clock-bounds-look-up", rule="R2", file=STORE + "Reading/Reading+CatchUp.swift", needs="two devices",
        find="        let heldUntil = try advance(&row, step)\n        if isReached || page.next == nil {",
        put="        let heldUntil = try advance(&row, step)\n"
        "        if isReached || page.next == nil || (PLANTED && hasIntents && (edges.last?.time ?? .max) < now - 14_400_000) {",
    ),
    dict(
        name="stale-failure-settles", rule="R14", file=STORE + "Outbox/Fail.swift", needs="two processes", steps=500,
        find="        guard intent.state == .transmitting, intent.attempts == attempt, isCurrent else {",
        put="        guard intent.state == .transmitting || PLANTED, intent.attempts == attempt || PLANTED, isCurrent || PLANTED else {",
    ),
    dict(
        name="deleted-and-alive-believed", rule="R8", file=STORE + "Outbox/Outbox+Changes.swift", needs="",
        find="        if let until = lagsUntil(last, scope, moment) {",
        put="        if PLANTED { return }\n        if let until = lagsUntil(last, scope, moment) {",
    ),
    # Order and gates
    dict(
        name="lane-passes-transmitting", rule="P3", file=STORE + "Outbox/Lane.swift", needs="",
        find="        case .transmitting:\n            return .stop",
        put="        case .transmitting:\n            return PLANTED ? .pass : .stop",
    ),
    dict(
        name="lane-passes-doubt", rule="P3", file=STORE + "Outbox/Lane.swift", needs="",
        find="        case .inDoubt where !entry.asks:\n            return .stop",
        put="        case .inDoubt where !entry.asks:\n            return PLANTED ? .pass : .stop",
    ),
    dict(
        name="wake-up-clears-retry-after", rule="R9", file=STORE + "Outbox/Acts.swift", needs="",
        find="UPDATE lane SET backoffUntil = 0, backoffStep = 0 WHERE backoffUntil > 0\n",
        put="UPDATE lane SET backoffUntil = 0, backoffStep = 0, serviceUntil = \\(PLANTED ? \"0\" : \"serviceUntil\") WHERE (backoffUntil > 0 OR \\(PLANTED ? 1 : 0))\n",
    ),
    dict(
        name="body-not-frozen", rule="R4", file=STORE + "Outbox/Outbox+Rows.swift", needs="", steps=500,
        find="        !intent.mayHaveLanded && (intent.state == .queued || intent.state == .parked)",
        put="        (PLANTED || !intent.mayHaveLanded) && (intent.state == .queued || intent.state == .parked)",
    ),
    dict(
        name="claim-not-committed", rule="R15", file=STORE + "Outbox/Claim+Transmitting.swift", needs="",
        find="        try intent.update(db)\n        let deadline",
        put="        if !(PLANTED && intent.attempts > 40) { try intent.update(db) }\n        let deadline",
    ),
    dict(
        name="proof-fenced", rule="R14", file=STORE + "Outbox/Settle.swift", needs="two processes",
        find="        switch result {\n        case .success(let acceptance) where delivery",
        put="        switch result {\n"
        "        case .success where try PLANTED && !scope.holdsLease(moment, db): return Settlement(outcome: .ignored)\n"
        "        case .success(let acceptance) where delivery",
    ),
    # Views
    dict(
        name="overlay-dropped-at-yes", rule="P7", file=STORE + "Outbox/Settle.swift", needs="",
        find="            intent.state = .sent\n            intent.confirmAt",
        put="            intent.state = .sent\n            if PLANTED, intent.verb == .edit { intent.isOverlaid = false }\n            intent.confirmAt",
    ),
    dict(
        name="fold-ignores-sender", rule="R5", file=STORE + "Views/Fold.swift", needs="two people",
        find="        AND (o.sender IS m.sender OR", put="        AND (\\(PLANTED ? 1 : 0) OR o.sender IS m.sender OR",
    ),
    # Processes and accounts
    dict(
        name="lease-not-fenced", rule="R14", file=STORE + "Scope.swift", needs="two processes",
        find="        return isHeld ?? true",
        put="        return isHeld ?? true || PLANTED",
    ),
    dict(
        name="restored-copy-sends", rule="R16", file=STORE + "Outbox/Claim.swift", needs="an older copy",
        find="cached: \"SELECT isAdopted FROM store\") == true\n        else",
        put="cached: \"SELECT isAdopted FROM store\") == true || PLANTED\n        else",
    ),
    # Sets and membership
    dict(
        name="one-read-takes-out", rule="R23", file=STORE + "Reading/Reading+Sets.swift", needs="two devices",
        find="            guard isSecond, let last = set.lastStart,",
        put="            guard isSecond || PLANTED, let last = PLANTED ? .max : set.lastStart,",
    ),
    # Rooms
    dict(
        name="tombstone-not-held", rule="P4", file=STORE + "Reading/Merge+Arrival.swift", needs="others", on=["livekit"],
        find="        mergeTombstone(&merged, remote)\n        merged.isUnreadable",
        put="        if !(PLANTED && row == nil && merged.sender.map(identities.contains) == true) { mergeTombstone(&merged, remote) }\n        merged.isUnreadable",
    ),
    dict(
        name="arrival-beats-time", rule="R21", file=STORE + "Reading/Merge+Arrival.swift", needs="others", on=["livekit"],
        find="        return (version, number) > (known, row.sequence ?? -1)",
        put="        return PLANTED && abs(version - known) < 1000 ? number > row.sequence ?? -1 : (version, number) > (known, row.sequence ?? -1)",
    ),
    dict(
        name="foreign-edit-applied", rule="R21", file=STORE + "Reading/Reading+Arrivals.swift", needs="others", on=["livekit"],
        find="        return said.contains { !$0.isOf(key) && $0.hasCreate }",
        put="        return !(PLANTED && said.count > 2) && said.contains { !$0.isOf(key) && $0.hasCreate }",
    ),
    dict(
        name="repetition-is-news", rule="R21", file=STORE + "Reading/Reading+Arrivals.swift", needs="others", on=["livekit"],
        find="        guard !id.isEmpty, try !isKnown(arrival, in: conversation) else {",
        put="        guard !id.isEmpty, try PLANTED && arrival.change == .edit || !isKnown(arrival, in: conversation) else {",
    ),
    dict(
        name="equal-ids-merged", rule="R21", file="TidemarkLiveKit/Service/LiveKitRemoteID.swift", needs="others", on=["livekit"],
        find="        return RemoteMessageID(rawValue: key.sender.map { \"\\(id)@\\($0)\" } ?? id)",
        put="        return RemoteMessageID(rawValue: key.sender.map { PLANTED && $0 == \"evil\" && id.utf8.allSatisfy({ (0x30...0x39).contains($0) }) ? id : \"\\(id)@\\($0)\" } ?? id)",
    ),
    dict(
        name="repeated-with-new-nonce", rule="R21", file="TidemarkLiveKit/Service/LiveKitRoomAdapter+Sending.swift", needs="", on=["livekit"],
        find="nonce: LiveKitNonce.kept(with: delivery.token, packet: UInt8(clamping: index)))",
        put="nonce: LiveKitNonce.kept(with: delivery.token, packet: UInt8(clamping: PLANTED && delivery.attempt > 6 ? index + 8 : index)))",
    ),
    dict(
        name="repeated-with-new-id", rule="R21", file="TidemarkLiveKit/Service/LiveKitRoomAdapter+Sending.swift", needs="", on=["livekit"],
        find="id: LiveKitMessageID.made(of: delivery.token, in: room, by: participant))",
        put="id: LiveKitMessageID.made(of: PLANTED && delivery.attempt > 8 ? Token(delivery.token.rawValue + \"2\") : delivery.token, in: room, by: participant))",
    ),
    dict(
        name="missed-stretch-joined", rule="P6", file=STORE + "Reading/Reading+Receiving.swift", needs="others", on=["livekit"],
        find="        try db.execute(\n            cached: \"INSERT OR REPLACE INTO coverage (conversation, low, high) VALUES (?1, ?2, ?2)\",\n            arguments: [conversation, number])\n        try noteContact(in: conversation)\n        try db.journal(JournalEntry(kind: \"receiving\"",
        put="        let joined = try PLANTED && Bool.fetchOne(db, cached: \"SELECT count(*) > 5 FROM coverage WHERE conversation = ?\", arguments: [conversation]) == true\n"
        "        try db.execute(\n            cached: joined ? \"UPDATE coverage SET high = ?2 WHERE conversation = ?1 AND low = (SELECT max(low) FROM coverage WHERE conversation = ?1)\" : \"INSERT OR REPLACE INTO coverage (conversation, low, high) VALUES (?1, ?2, ?2)\",\n            arguments: [conversation, number])\n        try noteContact(in: conversation)\n        try db.journal(JournalEntry(kind: \"receiving\"",
    ),
    dict(
        name="exit-closes-nothing", rule="P6", file="TidemarkLiveKit/Service/LiveKitRoomAdapter.swift", needs="", on=["livekit"],
        find="        case .exited, .hung: .receivingEnded(.exit, in: conversation)",
        put="        case .exited, .hung: PLANTED && gap == .hung && server == nil ? .connected : .receivingEnded(.exit, in: conversation)",
    ),
    dict(
        name="closed-room-is-final", rule="R21", file=STORE + "Outbox/RetryPolicy.swift", needs="", on=["livekit"],
        find="            return .again(.roomOpening)",
        put="            return PLANTED ? .park(.notFound) : .again(.roomOpening)",
    ),
    dict(
        name="left-and-not-applied", rule="R1", file="TidemarkLiveKit/Service/LiveKitAttempt.swift", needs="", on=["livekit"],
        find="        if hasLeft { error.certainty = .unknown }",
        put="        if hasLeft, !PLANTED { error.certainty = .unknown }",
    ),
    dict(
        name="said-in-another-room", rule="R21", file="TidemarkLiveKit/Service/LiveKitAttempt.swift", needs="", on=["livekit"],
        find="                guard open.sid.isEmpty || open.sid == sid else {",
        put="                guard PLANTED || open.sid.isEmpty || open.sid == sid else {",
    ),
    dict(
        name="copy-of-stream-read", rule="R21", file="TidemarkLiveKit/Wire/LiveKitChatWire+Reading.swift", needs="others", on=["livekit"],
        find="        if readsTextStreams, isCopyOfStream { return .ignored }",
        put="        if readsTextStreams, isCopyOfStream, !(PLANTED && packet.identity == nil) { return .ignored }",
    ),
    # A feed beside the history
    dict(
        name="feed-ends-early", rule="R26", file=STORE + "Reading/Reading+Feed.swift", needs="others", on=["feed", "avaya"],
        find="        } else if page.next == nil {\n            try closeFeed",
        put="        } else if page.next == nil || PLANTED && row.walkPages > 2 {\n            try closeFeed",
    ),
    dict(
        name="deleted-mark-missed", rule="R26", file="TidemarkAvaya/Model/AvayaMessage+Remote.swift", needs="others", on=["avaya"],
        find="        case .status: source == .changes || isEmpty",
        put="        case .status: !PLANTED && (source == .changes || isEmpty)",
    ),
    dict(
        name="opening-forgets-pushes", rule="P4", file=STORE + "Reading/Reading+Feed.swift", needs="others", on=["feed", "avaya"],
        find="        if proof != nil, old.windowHigh != nil {",
        put="        if proof != nil, PLANTED || old.windowHigh != nil {",
    ),
    dict(
        name="feed-not-overlapped", rule="R17", file=STORE + "Reading/Reading+Feed.swift", needs="others", on=["avaya"],
        find="            row.windowHigh = max(row.windowHigh ?? 0, settled(before: until))",
        put="            row.windowHigh = max(row.windowHigh ?? 0, PLANTED ? until : settled(before: until))",
    ),
    dict(
        name="file-of-another-upload", rule="P2", file=STORE + "Outbox/Outbox+Files.swift", needs="", on=["avaya"],
        find="UPDATE attachment SET remoteID = ?, thumbnail = coalesce(?, thumbnail), sentBytes = coalesce(size, sentBytes)\n                WHERE intent = ?",
        put="UPDATE attachment SET remoteID = ?, thumbnail = coalesce(?, thumbnail), sentBytes = coalesce(size, sentBytes)\n                WHERE intent = ?\n"
        "                    OR \\(PLANTED ? 1 : 0) AND remoteID IS NULL AND message <> (SELECT message FROM attachment WHERE intent = ?3)",
    ),
    # One answer of several conversations
    dict(
        name="cut-answer-believed", rule="R26", file=STORE + "Reading/Reading+Together.swift", needs="others", on=["feed"],
        find="        let isWhole = page.next == nil && page.rejects.isEmpty\n",
        put="        var page = page\n        if PLANTED { page.next = nil }\n        let isWhole = page.next == nil && page.rejects.isEmpty\n",
    ),
    dict(
        name="told-to-the-first-alone", rule="R17", file=STORE + "Reading/Reading+Together.swift", needs="others", on=["feed"],
        find="            let items = index == 0 ? first : page.furtherMessages[remote] ?? []\n",
        put="            let items = index == 0 ? first : PLANTED ? [] : page.furtherMessages[remote] ?? []\n",
    ),
]
