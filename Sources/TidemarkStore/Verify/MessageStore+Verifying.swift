internal import Foundation
internal import GRDB
public import TidemarkModel

extension MessageStore {
    /// Proves what a store can prove of itself, in one read of one moment: SQLite's check of the file, what belongs together,
    /// tombstones, order, coverage, counters, intents, the folder of files and what a search finds.
    ///
    /// It changes nothing, asks no service and reads the whole store, which takes about as long as reading the file. Findings are
    /// in the order of the checks, then of the rows. `now` tells what is late. Throws ``StoreError``.
    public func verify(at now: Timestamp? = nil) throws -> Verification {
        let now = now ?? Timestamp(Date())
        return try StoreError.translating { try read { db in try verifying(now, db).verify() } }
    }

    /// As ``verify(at:)``, and ends all that can be ended without a person, in one transaction that survives a power cut.
    ///
    /// Unsent work is not touched: the rows of intents that are not over are the same afterwards. What was repaired is marked so
    /// and stands in the journal of its account. Throws ``StoreError``; then nothing was changed.
    public func repair(at now: Timestamp? = nil) throws -> Verification {
        let now = now ?? Timestamp(Date())
        let strays = try read { db in try FolderCheck.strays(shelf, db) }
        var found = try write(.full) { db in try verifying(now, db).repair() }
        guard !strays.isEmpty else { return found }
        try sweepFiles()
        let left = try Set(read { db in try FolderCheck.strays(shelf, db) })
        for index in found.findings.indices where strays.contains(found.findings[index]) {
            found.findings[index].isRepaired = !left.contains(found.findings[index])
        }
        return found
    }

    private func verifying(_ now: Timestamp, _ db: Database) -> Verifying {
        Verifying(now: now, isInMemory: path == nil, shelf: shelf, db: db)
    }
}

/// One pass over a store.
private struct Verifying {
    let now: Timestamp
    let isInMemory: Bool
    let shelf: FileShelf
    let db: Database

    func verify() throws -> Verification {
        let names = try accountNames()
        var findings = try FileCheck.findings(db)
        let orphans = try OrphanCheck.all(db)
        for check in orphans { findings += try check.findings(names, atMost: Verification.maximumFindings + 1, db) }
        for check in StoreCheck.all {
            let hits = try check.hits(now, atMost: Verification.maximumFindings + 1, db)
            findings += hits.map { finding($0, of: check, names) }
        }
        findings += try FolderCheck(shelf: shelf, names: names, db: db).findings(atMost: Verification.maximumFindings + 1)
        findings += try FolderCheck.strays(shelf, db)
        findings += try SearchCheck.findings(names, mayWait: isInMemory, atMost: Verification.maximumFindings + 1, db)
        return Verification(
            findings: Array(findings.prefix(Verification.maximumFindings)), isCut: findings.count > Verification.maximumFindings,
            checks: 4 + orphans.count + StoreCheck.all.count)
    }

    func repair() throws -> Verification {
        var found = try verify()
        if found.findings.contains(where: { $0.kind == .index }) { try FileCheck.mend(db) }
        for check in try OrphanCheck.all(db) { try check.mend(db) }
        for check in StoreCheck.all {
            guard let mend = check.mend else { continue }
            for hit in try check.hits(now, atMost: .max, db) { try mend(hit, db) }
        }
        try FolderCheck(shelf: shelf, names: try accountNames(), db: db).mend()
        try SearchCheck.mend(db)
        let left = try verify()
        var remaining = Dictionary(left.findings.map { ($0, 1) }, uniquingKeysWith: +)
        for index in found.findings.indices {
            // What a repair brought to light, or could not end, stays a finding.
            let finding = found.findings[index]
            if let count = remaining[finding], count > 0 {
                remaining[finding] = count - 1
            } else {
                found.findings[index].isRepaired = true
            }
        }
        let new = left.findings.filter { finding in
            guard let count = remaining[finding], count > 0 else { return false }
            remaining[finding] = count - 1
            return true
        }
        try journal(found.findings.filter(\.isRepaired))
        found.findings += new
        return found
    }

    private func finding(
        _ hit: StoreCheck.Hit, of check: StoreCheck, _ names: [Int64: AccountName]
    ) -> Verification.Finding {
        Verification.Finding(
            kind: check.kind, account: hit.account.flatMap { names[$0] },
            conversation: hit.conversation.map { ConversationID($0) },
            message: hit.message.map { MessageID($0) }, intent: hit.intent.map { IntentID($0) }, detail: check.detail(hit),
            repair: check.repair(hit))
    }

    private func journal(_ repaired: [Verification.Finding]) throws {
        let ids = try accountNames().reduce(into: [:]) { $0[$1.value] = $1.key }
        let moment = Moment(now: now, monotonic: 0)
        for finding in repaired {
            guard let account = finding.account.flatMap({ ids[$0] }) else { continue }
            try db.journal(
                JournalEntry(
                    kind: "repaired", conversation: finding.conversation?.number, message: finding.message?.number,
                    intent: finding.intent?.number, cause: finding.kind.rawValue), account: account, moment)
        }
    }

    private func accountNames() throws -> [Int64: AccountName] {
        let rows = try db.all("SELECT id, name FROM account", []) { try (id: $0[0] as Int64, name: $0[1] as String) }
        return Dictionary(rows.map { ($0.id, AccountName($0.name)) }, uniquingKeysWith: { first, _ in first })
    }
}
