internal import Foundation
internal import GRDB
public import TidemarkModel

extension MessageStore {
    /// The accounts, in the order they were added.
    public func accounts() throws -> [Account] {
        try read { db in try Account.list(db) }
    }

    /// Where the reads of an account start. Without a name: the only one of the store.
    ///
    /// Throws `notFound` if there is none of that name, `ambiguous` if there are several and none was named.
    public func account(_ name: AccountName? = nil) throws -> AccountView {
        let key = try read { db in try AccountKey.resolve(name, db) }
        return AccountView(store: self, name: key.name, key: key)
    }

    /// The account as it is kept; the only one without a name. Throws as ``account(_:)``.
    public func account(named name: AccountName?) throws -> Account {
        try read { db in
            let key = try AccountKey.resolve(name, db)
            guard let row = try AccountRow.fetchOne(db, id: key.id) else { throw try AccountKey.unknown(key.name, db) }
            return try Account(row, db)
        }
    }

    /// Why nothing leaves; `nil`: it may. Throws as ``account(_:)``.
    package func stopReason(ofAccount name: AccountName) throws -> ParkReason? {
        try read { db in
            let known = try db.first("SELECT stopReason FROM account WHERE name = ?", [name.rawValue]) { try $0[0] as String? }
            guard let reason = known else { throw try AccountKey.unknown(name, db) }
            return reason.map(ParkReason.init(rawValue:))
        }
    }

    /// Adds an account. Durable when it returns.
    ///
    /// `settings` are kept as they are and printed by `account list`: no secret belongs into them. Throws
    /// `invalidArgument` for an empty name or service and `notAllowed` if the name is taken.
    @discardableResult
    public func addAccount(
        _ name: AccountName, service: String, settings: [String: String] = [:], identity: ParticipantID? = nil,
        at now: Timestamp? = nil
    ) throws -> AccountView {
        guard !name.rawValue.isEmpty, !service.isEmpty, identity?.rawValue.isEmpty != true else {
            throw StoreError(.invalidArgument, "The name, the service and the user id of an account must not be empty.")
        }
        let now = now ?? Timestamp(Date())
        let key = try write(.full) { db in
            let isTaken = try Bool.fetchOne(
                db, cached: "SELECT EXISTS (SELECT 1 FROM account WHERE name = ?)", arguments: [name.rawValue])
            guard isTaken != true else {
                throw StoreError(.notAllowed, "There is an account \(name) already; choose another name or remove it first.")
            }
            var row = AccountRow(
                name: name.rawValue, service: service, settings: try Account.json(settings), createdAt: now.milliseconds)
            try row.insert(db)
            let key = AccountKey(id: row.id ?? 0, name: name)
            if let identity { try db.addIdentity(identity, to: key, at: now) }
            return key
        }
        return AccountView(store: self, name: key.name, key: key)
    }

    /// Says that a user id is this account: what it wrote is the user's own (R13). Durable when it returns.
    public func addIdentity(_ identity: ParticipantID, to name: AccountName? = nil, at now: Timestamp? = nil) throws {
        guard !identity.rawValue.isEmpty else { throw StoreError(.invalidArgument, "A user id must not be empty.") }
        let now = now ?? Timestamp(Date())
        try write(.full) { db in try db.addIdentity(identity, to: try AccountKey.resolve(name, db), at: now) }
    }

    /// Removes an account with everything it holds.
    ///
    /// Throws `notAllowed` with the count while unsent intents exist, unless told to discard them. Those that may be at the
    /// service stay there.
    public func removeAccount(_ name: AccountName, discardingUnsent: Bool = false) throws {
        try write(.full) { db in
            let key = try AccountKey.resolve(name, db)
            if !discardingUnsent { try key.checkRemovable(db) }
            // What nothing finds by its intent or conversation goes first: for each of those SQLite would look through all of it.
            for table in ["tokenUse", "tokenTombstone", "attempt", "reject", "journal", "intent"] {
                try db.execute(cached: "DELETE FROM \(table) WHERE account = ?", arguments: [key.id])
            }
            try db.execute(cached: "DELETE FROM account WHERE id = ?", arguments: [key.id])
        }
    }

    /// Throws `notAllowed` with the count while unsent intents exist.
    package func checkRemovable(_ name: AccountName) throws {
        try read { db in try AccountKey.resolve(name, db).checkRemovable(db) }
    }
}

extension AccountKey {
    static func resolve(_ name: AccountName?, _ db: Database) throws -> AccountKey {
        guard let name else { return try only(db) }
        let id = try Int64.fetchOne(db, cached: "SELECT id FROM account WHERE name = ?", arguments: [name.rawValue])
        guard let id else { throw try unknown(name, db) }
        return AccountKey(id: id, name: name)
    }

    fileprivate func checkRemovable(_ db: Database) throws {
        let unsent =
            try Int.fetchOne(
                db,
                cached: """
                    SELECT count(*) FROM intent
                    WHERE account = ? AND state IN ('queued', 'transmitting', 'inDoubt', 'parked')
                    """, arguments: [id]) ?? 0
        guard unsent > 0 else { return }
        throw StoreError(
            .notAllowed, "Account \(name) holds \(unsent) unsent \(unsent == 1 ? "intent" : "intents"); sync or discard first.")
    }

    private static func only(_ db: Database) throws -> AccountKey {
        let names = try names(db)
        guard let first = names.first else {
            throw StoreError(.notFound, "The store has no account; add one with `account add`.")
        }
        guard names.count == 1 else {
            throw StoreError(.ambiguous, "The store has several accounts; name one of them.", candidates: names)
        }
        return try resolve(AccountName(first), db)
    }

    static func unknown(_ name: AccountName, _ db: Database) throws -> StoreError {
        StoreError(.notFound, "The store has no account \(name); `account list` shows them.", candidates: try names(db))
    }

    private static func names(_ db: Database) throws -> [String] {
        try String.fetchAll(db, cached: "SELECT name FROM account ORDER BY id")
    }
}

extension Database {
    /// Adds a user id and makes what it wrote before the user's own, with the unread counts that follow from it.
    fileprivate func addIdentity(_ identity: ParticipantID, to account: AccountKey, at now: Timestamp) throws {
        try execute(
            cached: "INSERT OR IGNORE INTO identity (account, participant, addedAt) VALUES (?, ?, ?)",
            arguments: [account.id, identity.rawValue, now.milliseconds])
        guard changesCount > 0 else { return }
        try cutForAnotherUser(account, at: now)
        try execute(
            cached: """
                UPDATE message SET isOwn = 1
                WHERE sender = ? AND isOwn = 0 AND conversation IN (SELECT id FROM conversation WHERE account = ?)
                """, arguments: [identity.rawValue, account.id])
        for conversation in try Int64.fetchAll(
            self, cached: "SELECT id FROM conversation WHERE account = ?", arguments: [account.id])
        {
            try Unread.recount(conversation, self)
        }
    }
}
